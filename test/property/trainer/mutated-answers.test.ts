import type { BenchmarkResponse } from '@alphatensor-edge/proto';
import { AlphaTensorError, median, pairedRatio, Random } from '@alphatensor-edge/shared';
import { expect, it } from 'vitest';
import { guardedAnswers } from '../../../trainer/src/fleet/answer-guard.js';
import { checkedOutcome } from '../../../trainer/src/fleet/outcome-check.js';
import { measured, outcome, TASK } from '../../support/agent.js';

// What a hostile agent may send: seeded mutants of true answers, as raw bytes, through the decoder and the door for outcomes.
// Another seed, or more of them: FUZZ_SEED=… FUZZ_COUNT=…

const SEED = Number(process.env.FUZZ_SEED ?? 1);
const COUNT = Number(process.env.FUZZ_COUNT ?? 10_000);
/** More than the largest answer that is kept takes, with its samples. */
const MOST_CHARACTERS = 200_000;
/** What the process may grow by in the second half of the answers, bytes. A leak of 30 kB an answer exceeds it. */
const MOST_GROWTH_BYTES = 128 * 2 ** 20;

const { responseSerialize, responseDeserialize } = guardedAnswers().Benchmark;

const REALS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -3, -0, 0, 5e-324, 1e-300, 1e12, 1e300];
const TEXTS = ['', 'another', '\u001b[2J', '__proto__', 'x'.repeat(100_000), '\u202e\u0000', '../../x'];

/** Lists the paths to every value inside a message. */
function paths(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => paths(inner, [...path, key]))];
}

/** Changes one value of a message in place. */
function change(message: Record<string, unknown>, random: Random): void {
  const all = paths(message).filter((path) => path.length > 1);
  const path = all[random.int(all.length)];
  let parent = message as Record<string, never>;
  for (const key of path.slice(0, -1)) parent = parent[key];
  const key = path[path.length - 1];
  const value: unknown = parent[key];
  const put = (next: unknown): void => {
    (parent as Record<string, unknown>)[key] = next;
  };
  if (Array.isArray(value)) {
    const grown = Array.from({ length: random.int(300) }, () => value[0]);
    put([[], value.slice(1), [...value, ...value], grown][random.int(4)]);
  } else if (typeof value === 'number') put(REALS[random.int(REALS.length)]);
  else if (typeof value === 'string') put(TEXTS[random.int(TEXTS.length)]);
  else if (typeof value === 'boolean') put(!value);
  else put(null);
}

/** Changes bytes: flips, cuts, doubles and inserts. */
function scramble(bytes: Buffer, random: Random): Buffer {
  const at = random.int(bytes.length);
  const length = 1 + random.int(16);
  switch (random.int(4)) {
    case 0: {
      const copy = Buffer.from(bytes);
      for (let i = 0; i < length; i++) copy[random.int(copy.length)] = random.int(256);
      return copy;
    }
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([bytes, bytes.subarray(at)]);
    default:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from([random.int(256), random.int(256)]),
        bytes.subarray(at),
      ]);
  }
}

const VALID = [measured(1.25), measured(0.8), outcome('OUTCOME_KIND_CRASHED'), outcome('OUTCOME_KIND_TIMEOUT')];

function mutant(random: Random): Buffer {
  const response = structuredClone({ outcome: VALID[random.int(VALID.length)] }) as Record<string, unknown>;
  const changes = random.int(4);
  for (let i = 0; i < changes; i++) change(response, random);
  let bytes: Buffer;
  try {
    bytes = responseSerialize(response as unknown as BenchmarkResponse);
  } catch {
    // A text in the place of a number, for example: no agent can write it either.
    return mutant(random);
  }
  return random.bernoulli(0.4) ? scramble(bytes, random) : bytes;
}

it(`${COUNT} mutated answers, seed ${SEED}, give a true figure or a reason, in bounded memory`, {
  timeout: 120_000,
}, () => {
  const random = new Random(SEED);
  const counts = { undecodable: 0, refused: 0, kept: 0, measured: 0 };
  let longest = 0;
  let before = 0;
  for (let number = 0; number < COUNT; number++) {
    // By then all code is compiled, and what is kept for good is there.
    if (number === COUNT / 2) before = process.memoryUsage.rss();
    const bytes = mutant(random.split(`mutant ${number}`));
    let response: BenchmarkResponse;
    try {
      response = responseDeserialize(bytes);
    } catch {
      counts.undecodable++;
      continue;
    }
    if (!response.outcome) continue;
    try {
      const kept = checkedOutcome(response.outcome, TASK, 'job-1');
      counts.kept++;
      const { measurement, jobId, kind } = kept;
      longest = Math.max(longest, JSON.stringify(kept).length);
      expect(jobId).toBe('job-1');
      expect(measurement !== undefined).toBe(kind === 'OUTCOME_KIND_MEASURED');
      if (!measurement) continue;
      counts.measured++;
      const { baselineSeconds, candidateSeconds, speedup, protocol } = measurement;
      expect(speedup).toEqual(pairedRatio(baselineSeconds, candidateSeconds, { seed: protocol?.seed ?? 0 }));
      expect(Object.values(speedup ?? {}).every((value) => value > 0 && Number.isFinite(value))).toBe(true);
      // Written out anew, so that the claim is not judged by its own code.
      const rate = (2 * 256 ** 3) / median(baselineSeconds) / 1e9;
      const isClaimable =
        speedup!.low > 1 && Math.max(rate, measurement.baselineGflops) >= 0.8 * measurement.peakGflops;
      if (measurement.fasterThanBaseline) expect(isClaimable).toBe(true);
    } catch (error) {
      if (!(error instanceof AlphaTensorError) || error.code !== 'NOT_BELIEVED') throw error;
      counts.refused++;
      expect(error.message).toMatch(/^[^\n]{1,400}\.$/);
    }
  }
  const grown = process.memoryUsage.rss() - before;
  expect(grown).toBeLessThan(MOST_GROWTH_BYTES);
  expect(longest).toBeLessThan(MOST_CHARACTERS);
  expect(counts.kept).toBeGreaterThan(COUNT / 10);
  expect(counts.refused).toBeGreaterThan(COUNT / 10);
  expect(counts.measured).toBeGreaterThan(COUNT / 50);
  console.log(
    `${COUNT} mutated answers, seed ${SEED}: ${JSON.stringify(counts)}, the longest kept ${longest} characters, memory grown by ${Math.round(grown / 2 ** 20)} MiB in the second half`,
  );
});
