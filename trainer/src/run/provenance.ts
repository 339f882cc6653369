import { z } from 'zod';

/** What went into a network beside its own games of its own size. */
export interface NetworkProvenance {
  /** Known algorithms of the game's size that were shown to it, by file; empty: none. */
  readonly demonstrations: readonly string[];
  /** Factorizations of smaller sizes that synthetic games were grown from, with size, rank and origin. */
  readonly grownFrom: readonly string[];
  /** Whether games also began after some moves of the schoolbook algorithm (`acting.insideGames`). */
  readonly insideSchoolbook: boolean;
}

/** The same as fields of `checkpoint.json`; older ones lack the last two. */
export const provenanceFields = {
  demonstrations: z.array(z.string()).readonly(),
  grownFrom: z.array(z.string()).readonly().default([]),
  insideSchoolbook: z.boolean().default(false),
};

/** Older checkpoints and runs hold this among `grownFrom` in place of `insideSchoolbook`. */
const OLD_SENTENCE = 'games that began inside the schoolbook algorithm';

/** Reads what older versions wrote: takes their sentence out of `grownFrom` and sets `insideSchoolbook`. */
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

/** Says whether known algorithms went in, and whether smaller ones did: part of every output. */
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
