import type { Harness, Side } from '../process/harness.js';
import type { Patience } from './patience.js';
import type { ResolvedProtocol } from './protocol.js';

/** Tells what the check found. */
export type Verdict = Right | Wrong;

/** Says that every side was right. */
export interface Right {
  readonly ok: true;
  /** Against float64, for every checked side and for the baseline, `B`. */
  readonly relativeErrors: Readonly<Record<Side, number>>;
  readonly baselineSeconds: number;
}

/** Says which side was wrong, and how. */
export interface Wrong {
  readonly ok: false;
  readonly who: Side;
  readonly message: string;
  /** Right on integers; only the rounding error is too large. */
  readonly overErrorBound: boolean;
}

/** The number of runs of each side in the check. They count as warm-up. */
export const RUNS_OF_CHECK = 2;

/**
 * Checks the result of every side. It starts with small integers: every element of C is compared with the baseline's,
 * exactly where the format allows it (`range` > 0; plan/exact-range.ts), and the baseline's with the definition. Then
 * come random numbers, with the relative Frobenius error against float64.
 */
export async function checkResults(
  harness: Harness,
  sides: readonly Side[],
  range: number,
  { maxRelativeError }: ResolvedProtocol,
  patience: Patience,
): Promise<Verdict> {
  await harness.fillIntegers(Math.max(1, range), patience.aside);
  const baselineSeconds = await harness.run('B', patience.first);
  const baselineError = await harness.relativeError(patience.aside);
  if (baselineError > (range > 0 ? 0 : maxRelativeError)) {
    return {
      ok: false,
      who: 'B',
      overErrorBound: false,
      message: `The baseline itself is wrong (relative error ${baselineError.toExponential(2)} on small integers).`,
    };
  }
  await harness.keep(patience.aside);
  const patient = patience.runs(baselineSeconds, 1);
  for (const side of sides) {
    await harness.run(side, patient);
    const { different, row, column, value, expected, relativeError } = await harness.compare(patience.aside);
    const wrong = range > 0 ? different > 0 : relativeError > maxRelativeError;
    if (!wrong) continue;
    return {
      ok: false,
      who: side,
      overErrorBound: false,
      message:
        `On small integers ${different} elements of C are wrong, the first at row ${row}, column ${column}: ` +
        `${shown(value)} instead of ${shown(expected)} (relative error ${shown(relativeError)}).`,
    };
  }

  await harness.fillUniform(patience.aside);
  await harness.run('B', patient);
  const baselineRelativeError = await harness.relativeError(patience.aside);
  const relativeErrors: Record<Side, number> = { B: baselineRelativeError };
  for (const side of sides) {
    await harness.run(side, patient);
    const relativeError = await harness.relativeError(patience.aside);
    if (relativeError > maxRelativeError) {
      return {
        ok: false,
        who: side,
        overErrorBound: true,
        message:
          `The relative error against float64 is ${shown(relativeError)}, over the limit of ${maxRelativeError} ` +
          `(the baseline's is ${shown(baselineRelativeError)}).`,
      };
    }
    relativeErrors[side] = relativeError;
  }
  return { ok: true, relativeErrors, baselineSeconds };
}

/** Shows a value. The child writes 1e300 for what is not a finite number. */
function shown(value: number): string {
  if (Math.abs(value) >= 1e300) return 'not a finite number';
  return Number.isInteger(value) ? String(value) : value.toExponential(2);
}
