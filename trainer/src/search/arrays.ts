// Typed arrays that grow, and those of moves and residuals as keys.

interface Growable {
  readonly length: number;
  set(source: ArrayLike<number>): void;
}

/** A longer copy, filled up with zeros. */
export function grown<T extends Growable>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(length);
  larger.set(array as unknown as ArrayLike<number>);
  return larger;
}

/** FNV-1a, 32 bits; `seed` sets equal bytes of different meaning apart. */
export function hashBytes(bytes: Int8Array, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash | 0;
}

export function sameBytes(a: Int8Array, b: Int8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
