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

/** Stands among `demonstrations` for what the run's own walks in the flip graph found (`train --flip-demonstrations`). */
export const OWN_WALKS = "this run's own flip-graph walks";
/** Stands for the walks of the run whose checkpoint a run began with. */
export const EARLIER_WALKS = "an earlier run's own flip-graph walks";

/** Gives the demonstrations of a checkpoint as those of another run that begins with it. */
export function demonstrationsBefore(demonstrations: readonly string[]): string[] {
  return demonstrations.map((name) => (name === OWN_WALKS ? EARLIER_WALKS : name));
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
  const isWalk = (name: string): boolean => name === OWN_WALKS || name === EARLIER_WALKS;
  const files = demonstrations.filter((name) => !isWalk(name));
  const parts = [
    ...demonstrations.filter(isWalk).map((walks) => `bootstrapped from ${walks}`),
    ...(files.length > 0 ? [`bootstrapped from demonstrations: ${files.join(', ')}`] : []),
    ...(grownFrom.length > 0 ? [`grown from smaller results: ${grownFrom.join(', ')}`] : []),
    ...(insideSchoolbook ? ['with games that began inside the schoolbook algorithm'] : []),
  ];
  if (parts.length === 0) return 'from scratch (no known algorithm was shown to the network)';
  if (demonstrations.length > 0) return parts.join('; ');
  return `${parts.join('; ')}; no ${insideSchoolbook ? 'better ' : ''}algorithm of the target size was shown to the network`;
}
