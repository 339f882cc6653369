/**
 * What a walk keeps: nothing; the symmetry under rotations of the modes; or that and the one under reversing the order of all rows and
 * columns (see CyclicWalk).
 */
export const SYMMETRIES = ['none', 'cyclic', 'cyclic-reversal'] as const;
export type Symmetry = (typeof SYMMETRIES)[number];

/** Says what symmetric walks keep. */
export function symmetryWords(symmetry: Exclude<Symmetry, 'none'>): string {
  return symmetry === 'cyclic'
    ? 'symmetric under rotations'
    : 'symmetric under rotations and the reversal of rows and columns';
}
