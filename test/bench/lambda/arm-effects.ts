import { type ArmTime, type Effect, pairedEffect } from '../common/figures.js';

/** Ratios of arms, by name. */
export type Effects = Readonly<Record<string, Effect>>;

/** What each ratio is called, and the arms above and below the line. */
const RATIOS = [
  { name: 'overWithout', arm: 'with', over: 'without' },
  { name: 'overControl', arm: 'with', over: 'control' },
  { name: 'movesOverWithout', arm: 'moves', over: 'without' },
  { name: 'overBestDemonstration', arm: 'with', over: 'demonstration' },
  { name: 'movesOverBestDemonstration', arm: 'moves', over: 'demonstration' },
] as const;

/**
 * Compares the arms that took part, paired by seed.
 * @param demonstration the time of the fastest demonstration, if it was measured
 */
export function armEffects(runs: readonly ArmTime[], demonstration?: number): Effects {
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const shown =
    demonstration === undefined ? [] : seeds.map((seed) => ({ seed, arm: 'demonstration', time: demonstration }));
  const all = [...runs, ...shown];
  const has = (name: string): boolean => all.some(({ arm }) => arm === name);
  return Object.fromEntries(
    RATIOS.filter(({ arm, over }) => has(arm) && has(over)).map(({ name, arm, over }) => [
      name,
      pairedEffect(all, arm, over),
    ]),
  );
}
