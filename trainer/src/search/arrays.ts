// Helpers for typed arrays: they grow, and those of moves and residuals are hashed and compared.

interface Growable {
  readonly length: number;
  set(source: ArrayLike<number>): void;
}

/** Makes a longer copy, filled up with zeros. */
export function grown<T extends Growable>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(length);
  larger.set(array as unknown as ArrayLike<number>);
  return larger;
}

/** Hashes bytes by FNV-1a, 32 bits. A different `seed` gives equal bytes of different meaning different hashes. */
export function hashBytes(bytes: Int8Array, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash | 0;
}

/** Tells whether two arrays of one length are equal. */
export function sameBytes(a: Int8Array, b: Int8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
