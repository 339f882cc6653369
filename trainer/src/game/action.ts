import { AlphaTensorError, modeLengths, type Size } from '@alphatensor-edge/shared';

/**
 * Holds one move of TensorGame: the factors u, v and w of a rank-one term, one after the other.
 * Length n*m + m*p + p*n. Every entry is a value of the move alphabet F.
 */
export type Action = Int8Array;

/** Gives the three factors as views into the action. */
export function factorsOf(action: Action, size: Size): [u: Int8Array, v: Int8Array, w: Int8Array] {
  const [a, b, c] = modeLengths(size);
  return [action.subarray(0, a), action.subarray(a, a + b), action.subarray(a + b, a + b + c)];
}

/**
 * Makes the first nonzero entry of u and of v positive. Four choices of signs give the same term u (x) v (x) w; this picks one.
 * Works in place and returns its argument.
 * @throws AlphaTensorError INVALID_ARGUMENT if a factor is zero, as the term is zero then
 */
export function makeSignCanonical(action: Action, size: Size): Action {
  const [u, v, w] = factorsOf(action, size);
  if (!w.some((x) => x !== 0)) throw zeroFactor('w');
  for (const [name, factor] of [
    ['u', u],
    ['v', v],
  ] as const) {
    const first = factor.find((x) => x !== 0);
    if (first === undefined) throw zeroFactor(name);
    if (first < 0) {
      negate(factor);
      negate(w);
    }
  }
  return action;
}

function negate(vector: Int8Array): void {
  for (let i = 0; i < vector.length; i++) vector[i] = -vector[i];
}

function zeroFactor(name: string): AlphaTensorError {
  return new AlphaTensorError('INVALID_ARGUMENT', `A move's ${name} is zero: such a term changes nothing.`, {
    field: name,
  });
}
