import { parseArgs } from 'node:util';
import { parseFactorizationJson, Random } from '@alphatensor-edge/shared';
import { refusal } from '../bench.js';
import { effectText, intervalText, type MeanInterval, meanWithInterval } from '../common/figures.js';
import { machine } from '../common/machine.js';
import { count, oneOf, positive } from '../common/options.js';
import { armEffects, type Effects } from './arm-effects.js';
import type { Measured } from './devices.js';
import { timesInOneSession } from './one-session.js';
import type { Scheme } from './run.js';
import { type SavedRuns, savedRuns, settingOf } from './saved-runs.js';

const WHAT = ['late', 'winners'] as const;

/** What is measured again: what the late games ended with, or the fastest algorithms of each run. */
type What = (typeof WHAT)[number];

interface AgainOptions {
  /** Of each measurement. */
  readonly seconds: number;
  readonly rounds: number;
  readonly what: What;
}

/** One arm with one seed, measured again. */
interface RunAgain {
  readonly seed: number;
  readonly arm: string;
  /** t / t_baseline, mean; NaN without algorithms. */
  readonly time: number;
  readonly ofAlgorithms: MeanInterval;
}

/** All arms measured again in one session. */
export interface SessionAgain extends Measured {
  readonly what: What;
  readonly algorithms: number;
  readonly runs: readonly RunAgain[];
  /** t / t_baseline of the fastest demonstration in this session; absent without demonstrations. */
  readonly demonstration?: number;
  readonly effect: Effects;
}

/**
 * Measures what the arms came to again in one session: every algorithm that a game of the second half ended with, or the fastest of each
 * run, and the demonstrations, once for all arms, in random order, so that neither the reward's noise nor when a run took place is in the
 * comparison.
 */
export async function again(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '2' },
      what: { type: 'string', default: 'late' },
    },
  });
  if (positionals.length === 0) throw refusal('Give the files that npm run bench lambda -- --save wrote.');
  const session = await againOf(positionals.map(savedRuns), {
    seconds: positive('--seconds', values.seconds),
    rounds: count('--rounds', values.rounds),
    what: oneOf('--what', WHAT, values.what),
  });
  if (values.json) console.log(JSON.stringify({ machine: machine(), ...session }, null, 2));
  else for (const line of againLines(session)) console.log(line);
}

/** Measures what saved runs came to. @throws AlphaTensorError INVALID_ARGUMENT if they are not comparable or hold nothing */
export async function againOf(
  files: readonly SavedRuns[],
  { seconds, rounds, what }: AgainOptions,
): Promise<SessionAgain> {
  const measured = settingOf(files);
  const runs = files.flatMap(({ runs: of }) =>
    of.map(({ seed, arm, late, winners = [] }) => ({ seed, arm, schemes: what === 'late' ? late : winners })),
  );
  const demonstrations = files.flatMap((file) => file.demonstrations ?? []);
  const schemes = new Map(
    [...runs.flatMap((of): readonly Scheme[] => of.schemes), ...demonstrations].map(({ hash, scheme }) => [
      hash,
      scheme,
    ]),
  );
  if (schemes.size === 0) throw refusal('The files hold no algorithms to measure again.');
  const times = await timesInOneSession(
    [...schemes.values()].map((scheme) => parseFactorizationJson(scheme).factorization),
    { ...measured, seconds, rounds, random: new Random('again') },
  );
  const timeOf = new Map([...schemes.keys()].map((hash, index) => [hash, times[index]]));
  const timed = runs.map(({ seed, arm, schemes: of }): RunAgain => {
    const ofAlgorithms = meanWithInterval(of.map(({ hash }) => timeOf.get(hash)!));
    return { seed, arm, time: ofAlgorithms.mean ?? Number.NaN, ofAlgorithms };
  });
  const shown = demonstrations.map(({ hash }) => timeOf.get(hash)!);
  const demonstration = shown.length === 0 ? undefined : Math.min(...shown);
  return {
    ...measured,
    what,
    algorithms: schemes.size,
    runs: timed,
    ...(demonstration === undefined ? {} : { demonstration }),
    effect: armEffects(timed, demonstration),
  };
}

/** Says what a session measured, in lines. */
export function againLines({ what, algorithms, runs, demonstration, effect }: SessionAgain): string[] {
  return [
    `measured again in one session, ${algorithms} algorithms: ${what === 'late' ? 'what late games ended with' : 'the fastest of each run'}`,
    ...runs.map(({ seed, arm, ofAlgorithms }) => `seed ${seed}, ${arm}: ${intervalText(ofAlgorithms)}`),
    ...(demonstration === undefined ? [] : [`the fastest demonstration: ${demonstration.toFixed(3)}`]),
    ...Object.entries(effect).map(([of, ratio]) => `${of}: ${effectText(ratio)}`),
  ];
}
