/** Lists why a game is refused, with words for people. */
export const REFUSALS = {
  malformed: 'no game of this version of the format',
  oversized: 'larger than a game may be',
  configuration: 'played with another configuration',
  stale: 'played with weights that are too old',
  repeated: 'counted before under another id',
  wrong: 'against the rules',
  'false-claim': 'claims an algorithm that is none',
  policy: 'a policy that is none',
  removed: "the actor's games were removed",
  'given-up': 'delivered too often in vain',
} as const;
export type Refusal = keyof typeof REFUSALS;

/** Says why a game is refused. Thrown inside the checks of a game, and never past them. */
export class RefusedGame extends Error {
  constructor(
    readonly reason: Refusal,
    message: string,
  ) {
    super(message);
  }
}
