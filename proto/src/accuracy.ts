import type { InputErrors__Output as InputErrors } from './generated/alphatensor/agent/v1/InputErrors.js';
import type { Measurement__Output as Measurement } from './generated/alphatensor/agent/v1/Measurement.js';

/** The fields of a measurement about accuracy. In stores of older versions some are missing. */
export type MeasuredErrors = Pick<Measurement, 'relativeError' | 'baselineRelativeError'> &
  Partial<Pick<Measurement, 'ownGemmRelativeError' | 'predictedRelativeError' | 'growth' | 'inputErrors'>>;

const UNKNOWN = 'unknown';

/** Says how accurate a product was, and what its algorithm predicted. What the agent did not tell is `unknown`. */
export function errorWords({
  growth,
  relativeError,
  predictedRelativeError,
  baselineRelativeError,
  ownGemmRelativeError,
}: MeasuredErrors): string {
  return (
    `error growth ${growth === undefined ? UNKNOWN : growth.toFixed(2)}, relative error ${errorText(relativeError)} ` +
    `(predicted ${errorText(predictedRelativeError)}), ${timesText(relativeError, baselineRelativeError)} the baseline's, ` +
    `${timesText(relativeError, ownGemmRelativeError)} own <1,1,1>'s`
  );
}

/** Says how accurate a product was on the further kinds of inputs that it was measured on, one clause for each. */
export function inputErrorWords(inputErrors: readonly InputErrors[] = []): string[] {
  return furtherInputs(inputErrors).map(
    ({ inputs, relativeError, baselineRelativeError, componentwiseError }) =>
      `on ${inputs} inputs relative error ${errorText(relativeError)} (${timesText(relativeError, baselineRelativeError)} the ` +
      `baseline's), componentwise ${errorText(componentwiseError)}`,
  );
}

/** Gives the errors on the further kinds of inputs, each with the words for its kind. */
export function furtherInputs(
  inputErrors: readonly InputErrors[] = [],
): (Omit<InputErrors, 'kind'> & { readonly inputs: string })[] {
  return inputErrors.flatMap(({ kind, ...errors }) => {
    const inputs = KIND_WORDS[kind];
    return inputs === undefined ? [] : [{ ...errors, inputs }];
  });
}

/** The kinds of inputs beside the zero-mean ones. */
const KIND_WORDS: Partial<Record<InputErrors['kind'], string>> = {
  INPUT_KIND_POSITIVE: 'all-positive',
  INPUT_KIND_BADLY_SCALED: 'badly scaled',
};

/** Writes an error as `1.3e-7`. */
function errorText(error: number | undefined): string {
  if (error === undefined) return UNKNOWN;
  return error === 0 ? '0' : error.toExponential(1);
}

/** Writes how many times another error an error is: `2.6x`. */
export function timesText(error: number, other: number | undefined): string {
  // A product of very few numbers may have no error.
  if (other === undefined || other === 0) return `${UNKNOWN} times`;
  const ratio = error / other;
  return `${ratio < 1000 ? Number(ratio.toPrecision(2)) : ratio.toExponential(1)}x`;
}
