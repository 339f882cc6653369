/**
 * How many times its prediction an error may be. Over the 306 products of docs/notes/accuracy.md (algorithms, sizes and types)
 * the errors are 0.87 to 1.10 times theirs.
 */
export const MAX_TIMES_PREDICTED = 1.5;

/** Says that an error is far above its prediction, one clause. Undefined if it is not, or if there is no prediction. */
export function errorFault(relativeError: number, growth: number, predicted: number | undefined): string | undefined {
  if (predicted === undefined || relativeError <= MAX_TIMES_PREDICTED * predicted) return undefined;
  return (
    `the relative error is ${(relativeError / predicted).toPrecision(2)} times what the error growth of ` +
    `${growth.toPrecision(3)} predicts: a fault of the program, please report it`
  );
}
