/** `standard`: over the rationals. `modulo-2` and `modulo-3`: over the field of two or of three elements. */
export const ARITHMETICS = ['standard', 'modulo-2', 'modulo-3'] as const;
export type Arithmetic = (typeof ARITHMETICS)[number];

const MODULI = { standard: undefined, 'modulo-2': 2, 'modulo-3': 3 } as const satisfies Record<Arithmetic, unknown>;

/** Gives the number of elements of the field; undefined over the rationals. */
export function modulusOf(arithmetic: Arithmetic): 2 | 3 | undefined {
  return MODULI[arithmetic];
}

/** Gives the representative of a whole number: 0 or 1 modulo 2, and -1, 0 or 1 modulo 3. Over the rationals it is the number. */
export function reduced(x: number, arithmetic: Arithmetic): number {
  const modulus = modulusOf(arithmetic);
  return modulus === undefined ? x : symmetricResidue(x, modulus);
}

/** Computes the representative of x modulo `modulus` that is more than -modulus / 2 and at most modulus / 2. */
export function symmetricResidue(x: number, modulus: number): number {
  const rest = ((x % modulus) + modulus) % modulus;
  return rest > modulus / 2 ? rest - modulus : rest;
}

/** Names the field: `modulo 2`, or nothing over the rationals. */
export function moduloWords(arithmetic: Arithmetic): string {
  const modulus = modulusOf(arithmetic);
  return modulus === undefined ? '' : `modulo ${modulus}`;
}
