import { modeLengths, multiplicationTensor, type Size } from '@alphatensor-edge/shared';

// Padding writes a product in the modes of a larger one: A, B and C keep their rows and columns and are filled up with zeros. So one
// network plays several sizes (Fawzi et al., Nature 610, 2022, "Training regime": one agent for many sizes). Factors of the padded
// tensor, cut to the small modes, factorize the small tensor. Factors of the small tensor, filled up with zeros, factorize the padded one.

/** Tells whether `target` has no more rows and columns than `size` in any of its matrices. */
export function fitsInto(target: Size, size: Size): boolean {
  return target.n <= size.n && target.m <= size.m && target.p <= size.p;
}

/** Makes T_target in the modes of `size`. Shape [n*m, m*p, p*n] of `size`, row-major. */
export function paddedTensor(target: Size, size: Size): Int8Array {
  const [places, lengths] = [placesOf(target, size), modeLengths(size)];
  const [, lengthV, lengthW] = modeLengths(target);
  const tensor = new Int8Array(lengths[0] * lengths[1] * lengths[2]);
  multiplicationTensor(target).forEach((value, index) => {
    const [a, b, c] = [Math.floor(index / (lengthV * lengthW)), Math.floor(index / lengthW) % lengthV, index % lengthW];
    tensor[(places[0][a] * lengths[1] + places[1][b]) * lengths[2] + places[2][c]] = value;
  });
  return tensor;
}

/** Fills up the factors of a term of T_target with zeros where `size` has more rows or columns. */
export function padFactors(factors: readonly ArrayLike<number>[], target: Size, size: Size): Int32Array[] {
  const [places, lengths] = [placesOf(target, size), modeLengths(size)];
  return factors.map((factor, mode) => {
    const padded = new Int32Array(lengths[mode]);
    places[mode].forEach((place, index) => {
      padded[place] = factor[index];
    });
    return padded;
  });
}

/** Cuts off what lies outside the target's rows and columns; the inverse of `padFactors`. */
export function cutFactors(factors: readonly ArrayLike<number>[], target: Size, size: Size): Int32Array[] {
  return placesOf(target, size).map((places, mode) => Int32Array.from(places, (place) => factors[mode][place]));
}

/** Gives, for each mode, where in `size` the target's entries are. */
function placesOf(target: Size, size: Size): number[][] {
  const places = (rows: number, columns: number, width: number): number[] =>
    Array.from({ length: rows * columns }, (_, index) => Math.floor(index / columns) * width + (index % columns));
  const { n, m, p } = target;
  return [places(n, m, size.m), places(m, p, size.p), places(p, n, size.n)];
}
