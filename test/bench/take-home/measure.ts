import { median, pairedRatio, Random, type RatioEstimate } from '@alphatensor-edge/shared';
import { programEnvironment } from './environment.js';
import type { Libraries } from './libraries.js';
import type { Look } from './look.js';
import type { Row } from './programs.js';
import { Session } from './session.js';

/** A program as it is, with the same engine without an algorithm, and with the chosen algorithms. */
export const ARMS = ['plain', 'own', 'chosen'] as const;
export type Arm = (typeof ARMS)[number];

export interface Protocol {
  readonly threads: number;
  /** For the rounds of a row. */
  readonly seconds: number;
  readonly minRounds: number;
  readonly seed: number;
}

export interface Measured {
  readonly look: Look;
  /** As the plain program says itself; '': it does not. */
  readonly kernels: string;
  /** Seconds of each round, one sample an arm. */
  readonly samples: Readonly<Record<Arm, readonly number[]>>;
  readonly medianSeconds: Readonly<Record<Arm, number>>;
  /** Plain over each, paired. */
  readonly ratios: Readonly<Record<Exclude<Arm, 'plain'>, RatioEstimate>>;
  /** Relative errors; null for what makes small products, whose products are the plain program's. */
  readonly errors: Readonly<Record<Arm, number>> | null;
}

/** Time that one sample takes at least: several runs of what is shorter. */
const LEAST_SECONDS = 0.15;

/**
 * Times a program in three processes that are there all the time, one after the other in a random order in each round. In its turn each
 * runs once unmeasured: it has slept while the others ran.
 * @throws Error with what a program says if it ends before
 */
export async function measureRow(
  row: Row,
  look: Look,
  libraries: Libraries,
  { threads, seconds, minRounds, seed }: Protocol,
  signal: AbortSignal,
): Promise<Measured> {
  const start = (library?: string): Session => new Session(row.command, programEnvironment(threads, library), signal);
  const sessions = { plain: start(), own: start(libraries.own), chosen: start(libraries.chosen) };
  try {
    const errors = { plain: 0, own: 0, chosen: 0 };
    for (const arm of ARMS) if (!row.isSmall) errors[arm] = await sessions[arm].number('error');
    const kernels = await sessions.plain.ask('kernels');
    const samples: Record<Arm, number[]> = { plain: [], own: [], chosen: [] };
    const random = new Random(seed);
    const until = performance.now() + 1000 * seconds;
    // One percent is looked for there, and a sample is short.
    const least = row.isSmall ? 4 * minRounds : minRounds;
    while (samples.plain.length < least || performance.now() < until) {
      for (const arm of random.shuffle([...ARMS])) samples[arm].push(await sampleOf(sessions[arm]));
    }
    return {
      ...{ look, kernels, samples, errors: row.isSmall ? null : errors },
      medianSeconds: { plain: median(samples.plain), own: median(samples.own), chosen: median(samples.chosen) },
      ratios: {
        own: pairedRatio(samples.plain, samples.own, { seed }),
        chosen: pairedRatio(samples.plain, samples.chosen, { seed }),
      },
    };
  } finally {
    await Promise.all(Object.values(sessions).map((session) => session.end()));
  }
}

/** Mean seconds of the runs of a sample. */
async function sampleOf(session: Session): Promise<number> {
  await session.number('time');
  let total = 0;
  let runs = 0;
  while (total < LEAST_SECONDS) {
    total += await session.number('time');
    runs++;
  }
  return total / runs;
}
