import { type Harness, INPUT_KINDS, type InputKind, type ProductErrors, type Side } from '../process/harness.js';
import type { Patience } from './patience.js';
import type { ResolvedProtocol } from './protocol.js';

/** Tells what the check found. */
export type Verdict = Right | Wrong;

/** Says that every side was right. */
export interface Right {
  readonly ok: true;
  /** Against float64 on zero-mean inputs, for every checked side and for the baseline, `B`. */
  readonly relativeErrors: Readonly<Record<Side, number>>;
  /** The same and the componentwise ones, for each kind of inputs that was asked for; zero-mean first. */
  readonly inputErrors: readonly SidesErrors[];
  readonly baselineSeconds: number;
}

/** Holds the errors of every checked side, and of the baseline, on the same inputs. */
export interface SidesErrors {
  readonly kind: InputKind;
  readonly errors: Readonly<Record<Side, ProductErrors>>;
}

/** Says which side was wrong, and how. */
export interface Wrong {
  readonly ok: false;
  readonly who: Side;
  readonly message: string;
  /** Right on integers; only the rounding error is too large. */
  readonly overErrorBound: boolean;
}

/** The least number of runs of each side in the check. They count as warm-up. */
export const RUNS_OF_CHECK = 2;

/**
 * Checks the result of every side. It starts with small integers: every element of C is compared with the baseline's,
 * exactly where the format allows it (`range` > 0; plan/exact-range.ts), and the baseline's with the definition. Then
 * come random numbers, with the errors against float64. Only the relative Frobenius error on zero-mean inputs is judged; on
 * further kinds of inputs, where they are asked for, the errors are just measured. A and B are zero-mean in the end.
 */
export async function checkResults(
  harness: Harness,
  sides: readonly Side[],
  range: number,
  { maxRelativeError, errorBoundOf, includeFurtherInputs }: ResolvedProtocol,
  patience: Patience,
): Promise<Verdict> {
  await harness.fillIntegers(Math.max(1, range), patience.aside);
  const baselineSeconds = await harness.run('B', patience.first);
  const { relativeError: baselineError } = await harness.errors(patience.aside);
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

  const errorsOn = (kind: InputKind): Promise<SidesErrors> => measureErrors(harness, sides, kind, patience, patient);
  const zeroMean = await errorsOn('zero-mean');
  const relativeErrors = Object.fromEntries(
    Object.entries(zeroMean.errors).map(([side, { relativeError }]) => [side, relativeError]),
  );
  for (const side of sides) {
    if (relativeErrors[side] <= maxRelativeError) continue;
    return {
      ok: false,
      who: side,
      overErrorBound: true,
      message:
        `The relative error against float64 is ${shown(relativeErrors[side])}, over the limit of ${maxRelativeError}, that of ${errorBoundOf} ` +
        `(the baseline's is ${shown(relativeErrors.B)}).`,
    };
  }
  const inputErrors = [zeroMean];
  if (includeFurtherInputs) {
    for (const kind of INPUT_KINDS.slice(1)) inputErrors.push(await errorsOn(kind));
    await harness.fillRandom('zero-mean', patience.aside);
  }
  return { ok: true, relativeErrors, inputErrors, baselineSeconds };
}

/** Runs the baseline and every side on new inputs of a kind. */
async function measureErrors(
  harness: Harness,
  sides: readonly Side[],
  kind: InputKind,
  patience: Patience,
  patient: number,
): Promise<SidesErrors> {
  await harness.fillRandom(kind, patience.aside);
  const errors: Record<Side, ProductErrors> = {};
  for (const side of ['B', ...sides]) {
    await harness.run(side, patient);
    errors[side] = await harness.errors(patience.aside);
  }
  return { kind, errors };
}

/** Shows a value. The child writes 1e300 for what is not a finite number. */
function shown(value: number): string {
  if (Math.abs(value) >= 1e300) return 'not a finite number';
  return Number.isInteger(value) ? String(value) : value.toExponential(2);
}
