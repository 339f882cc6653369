import { z } from 'zod';

/** Says what a network was trained with, apart from its own games of its own size. */
export interface NetworkProvenance {
  /** Files of known algorithms of the game's size that it was shown; may be empty. */
  readonly demonstrations: readonly string[];
  /** Factorizations of smaller sizes from which synthetic games were grown, with size, rank and origin. */
  readonly grownFrom: readonly string[];
  /** Whether some games began after some moves of the schoolbook algorithm (`acting.insideGames`). */
  readonly insideSchoolbook: boolean;
}

/** Describes the same as fields of `checkpoint.json`. Older checkpoints lack the last two. */
export const provenanceFields = {
  demonstrations: z.array(z.string()).readonly(),
  grownFrom: z.array(z.string()).readonly().default([]),
  insideSchoolbook: z.boolean().default(false),
};

/** Holds the sentence that older checkpoints and runs have in `grownFrom`, in place of `insideSchoolbook`. */
const OLD_SENTENCE = 'games that began inside the schoolbook algorithm';

/** Converts what older versions wrote: it takes their sentence out of `grownFrom` and sets `insideSchoolbook`. */
export function withoutSentence<
  T extends { grownFrom?: readonly string[] | undefined; insideSchoolbook?: boolean | undefined },
>(stored: T): T {
  if (!stored.grownFrom?.includes(OLD_SENTENCE)) return stored;
  return {
    ...stored,
    grownFrom: stored.grownFrom.filter((source) => source !== OLD_SENTENCE),
    insideSchoolbook: true,
  };
}

/** Says whether the network was shown known algorithms, and whether it grew from smaller ones. Every output includes this text. */
export function provenanceWords({ demonstrations, grownFrom, insideSchoolbook }: NetworkProvenance): string {
  const parts = [
    ...(demonstrations.length > 0 ? [`bootstrapped from demonstrations: ${demonstrations.join(', ')}`] : []),
    ...(grownFrom.length > 0 ? [`grown from smaller results: ${grownFrom.join(', ')}`] : []),
    ...(insideSchoolbook ? ['with games that began inside the schoolbook algorithm'] : []),
  ];
  if (parts.length === 0) return 'from scratch (no known algorithm was shown to the network)';
  if (demonstrations.length > 0) return parts.join('; ');
  return `${parts.join('; ')}; no ${insideSchoolbook ? 'better ' : ''}algorithm of the target size was shown to the network`;
}
