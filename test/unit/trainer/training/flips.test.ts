import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compose, contentHash, isExact, Random, strassen, verify, winograd } from '../../../../shared/src/index.js';
import { gameRules } from '../../../../trainer/src/config.js';
import { isSolved, play } from '../../../../trainer/src/game/state.js';
import { flipping, presetForSize } from '../../../../trainer/src/presets.js';
import { exportCheckpoint, loadCheckpoint, saveCheckpoint } from '../../../../trainer/src/run/checkpoint.js';
import { readHistory } from '../../../../trainer/src/run/history.js';
import { demonstrationsBefore, OWN_WALKS, provenanceWords } from '../../../../trainer/src/run/provenance.js';
import { checkWalks } from '../../../../trainer/src/training/flips/check-walks.js';
import { FlipDemonstrations } from '../../../../trainer/src/training/flips/flip-demonstrations.js';
import { shownGame } from '../../../../trainer/src/training/flips/shown-game.js';
import { walkFlips } from '../../../../trainer/src/training/flips/walk.js';
import { ReplayBuffer } from '../../../../trainer/src/training/replay-buffer.js';
import { planRound } from '../../../../trainer/src/training/round-plan.js';
import { smallConfig } from '../../../support/small-network.js';

const folder = mkdtempSync(join(tmpdir(), 'flips-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FLIPS = {
  share: 0.6,
  everySteps: 2,
  flipsPerWalk: 20_000,
  orbits: 2,
  ranksAbove: 1,
  halfLife: 10,
  wrongMoves: 0.5,
};
const SIZE = { n: 2, m: 2, p: 3 };
/** <2,2,3> with walks of a few milliseconds. */
const CONFIG = (() => {
  const { demonstrations, moveLimit, acting } = flipping(presetForSize('mid', SIZE));
  return smallConfig({ size: SIZE, moveLimit, acting, demonstrations: { ...demonstrations, flips: FLIPS } });
})();
const RULES = gameRules(CONFIG);
const NO_STARTS = { walked: [], played: [], smaller: [], products: [] };

function walked(step = 0): FlipDemonstrations {
  const flips = new FlipDemonstrations(CONFIG, FLIPS);
  flips.walk(step, [], new Random('walks'));
  return flips;
}

describe('a walk', () => {
  const options = { size: { n: 2, m: 2, p: 2 }, arithmetic: 'standard', flips: 30_000, most: 3 } as const;

  it('finds algorithms from the standard one, the same for the same random numbers', () => {
    const walk = () => walkFlips({ ...options, starts: NO_STARTS, random: new Random(3) });
    const { found, flips } = walk();
    expect(found.map(({ rank }) => rank)).toEqual(found.map(() => 7));
    expect(found.every((each) => isExact(each))).toBe(true);
    expect(flips).toBeGreaterThan(1000);
    expect(walk().found.map(contentHash)).toEqual(found.map(contentHash));
  });

  it('begins with what games found, and ends where no flip is possible', () => {
    const starts = { ...NO_STARTS, played: [strassen()] };
    const { found, descents, fromGames } = walkFlips({
      ...options,
      flips: 60_000,
      starts,
      random: new Random(5),
    });
    expect(fromGames).toBeGreaterThan(0);
    expect(fromGames).toBeLessThan(descents);
    for (const { rank } of found) expect(rank).toBe(7);
  });

  it('leaves out a start with other entries than -1, 0 and 1', () => {
    const { u, w, ...rest } = strassen();
    const played = [
      { ...rest, u: { ...u, coefficients: u.coefficients.map((x) => 2 * x) }, w: { ...w, denominator: 2 } },
    ] as never;
    const starts = { ...NO_STARTS, played };
    expect(walkFlips({ ...options, flips: 1000, starts, random: new Random(1) }).fromGames).toBe(0);
  });
});

describe('a walk of a size that is a product', () => {
  it('may begin with the product of what smaller walks found', () => {
    const starts = { ...NO_STARTS, products: [compose(strassen(), strassen())] };
    const options = { size: { n: 4, m: 4, p: 4 }, arithmetic: 'standard', flips: 1000, most: 1, starts } as const;
    const found = ['a', 'c', 'd', 'e', 'f', 'g'].flatMap(
      (seed) => walkFlips({ ...options, random: new Random(seed) }).found,
    );
    expect(found.map(({ rank }) => rank)).toContain(49);
    expect(found.every((each) => isExact(each))).toBe(true);
  });
});

describe('a demonstration of a walk', () => {
  it('is solved by what remains, wrong moves taken back, and does not tell how much remains by its moves left', () => {
    const random = new Random('shown');
    const algorithm = walked11();
    const slack = new Set<number>();
    let wrong = 0;
    for (let i = 0; i < 60; i++) {
      const { position, remaining } = shownGame(
        RULES,
        algorithm,
        CONFIG,
        { wrongMoves: 0.5, another: algorithm },
        random,
      );
      expect(isSolved(remaining.reduce(play, position))).toBe(true);
      expect(position.movesLeft).toBeLessThanOrEqual(RULES.moveLimit);
      slack.add(position.movesLeft - remaining.length);
      if (position.history.length + remaining.length > 11) wrong++;
    }
    expect(Math.min(...slack)).toBe(0);
    expect(slack.size).toBeGreaterThan(4);
    expect(wrong).toBeGreaterThan(10);
    expect(wrong).toBeLessThan(50);
  });
});

describe('a demonstration modulo 2', () => {
  it('takes a wrong move back by the move itself, with entries 0 and 1 alone', () => {
    const random = new Random('modulo 2');
    const size = { n: 2, m: 2, p: 2 };
    const config = flipping(presetForSize('mid', size, 'modulo-2'));
    const algorithm = verify({ ...strassen(), arithmetic: 'modulo-2' });
    const wrongMoves = { wrongMoves: 1, another: algorithm };
    const lengths = Array.from({ length: 20 }, () => {
      const { position, remaining } = shownGame(gameRules(config), algorithm, config, wrongMoves, random);
      expect(isSolved(remaining.reduce(play, position))).toBe(true);
      for (const action of remaining) expect(Math.min(...action)).toBe(0);
      return position.history.length + remaining.length;
    });
    expect(Math.max(...lengths)).toBeGreaterThan(7);
  });
});

describe('a demonstration that is shown as it is kept', () => {
  it('has the terms of the algorithm in the canonical basis, and no others', () => {
    const random = new Random('as kept');
    const algorithm = walked11();
    const { basis } = CONFIG.acting;
    const config = {
      ...CONFIG,
      acting: { ...CONFIG.acting, basis: { ...basis, canonicalProbability: 1 } },
      replay: { ...CONFIG.replay, images: 'as-kept' as const },
    };
    const terms = new Set<string>();
    for (let i = 0; i < 60; i++) {
      const { remaining } = shownGame(RULES, algorithm, config, { wrongMoves: 0, another: algorithm }, random);
      for (const term of remaining) terms.add(term.join());
    }
    expect(terms.size).toBe(11);
  });
});

describe('the terms left in a demonstration', () => {
  it('are many more often than few, and every number of them occurs', () => {
    const random = new Random('left');
    const algorithm = walked11();
    const left = Array.from(
      { length: 300 },
      () => shownGame(RULES, algorithm, CONFIG, { wrongMoves: 0, another: algorithm }, random).remaining.length,
    );
    expect(new Set(left).size).toBe(11);
    // 11 times the root of a uniform number, rounded up: 7.8. A uniform choice would give 6.
    expect(left.reduce((sum, each) => sum + each) / left.length).toBeGreaterThan(7.2);
  });
});

function walked11() {
  const { found } = walkFlips({
    ...{ size: SIZE, arithmetic: 'standard' as const, flips: 60_000, most: 1, starts: NO_STARTS },
    random: new Random(1),
  });
  expect(found[0].rank).toBe(11);
  return found[0];
}

describe("demonstrations of a run's own walks", () => {
  it('come with smaller results to grow from, and go on from a checkpoint as if there had been none', () => {
    const flips = walked();
    expect(flips.rank).toBeLessThan(12);
    expect(flips.parts.length).toBeGreaterThan(0);
    for (const { size } of flips.parts) expect(size.n * size.m * size.p).toBeLessThan(12);
    const other = new FlipDemonstrations(CONFIG, FLIPS);
    other.restore(flips.export());
    for (const each of [flips, other]) each.walk(2, [], new Random('more'));
    expect(other.export()).toEqual(flips.export());
    expect(other.metrics()).toEqual(flips.metrics());
    expect(flips.metrics()['flips.flips']).toBeGreaterThan(50_000);
  });

  it('count the orbits that games found, and those that were not shown before', () => {
    const flips = walked();
    const [shown] = flips.export().walked.filter(({ factorization }) => factorization.size.p === 3);
    flips.note(shown.factorization);
    expect(flips.metrics()).toMatchObject({ 'flips.orbitsPlayed': 1, 'flips.orbitsPlayedNotShown': 0 });
    flips.note(strassen());
    expect(flips.metrics()['flips.orbitsPlayed']).toBe(1);
    const empty = new FlipDemonstrations(CONFIG, FLIPS);
    empty.note(shown.factorization);
    empty.walk(0, [], new Random('walks'));
    expect(empty.metrics()['flips.orbitsPlayedNotShown']).toBe(1);
  });

  it('are a share of what the network learns from, and the best have one image an orbit', () => {
    const replay = new ReplayBuffer(RULES, CONFIG, [], { flips: walked() });
    expect(replay.flipsShare).toBe(0.6);
    const random = new Random('samples');
    for (let i = 0; i < 30; i++) {
      const { position, actions, value } = replay.sample(random);
      expect(isSolved(actions.reduce(play, position))).toBe(true);
      expect(value).toBe(-actions.length);
    }
    const own = { ...CONFIG, size: { n: 2, m: 2, p: 2 } };
    const kept = new ReplayBuffer(gameRules(own), own, [], { flips: new FlipDemonstrations(own, FLIPS) });
    expect(kept.flipsShare).toBe(0);
    expect([strassen(), winograd()].map((each) => kept.addBest(each, 0, 'rl'))).toEqual([true, false]);
    const plain = new ReplayBuffer(gameRules(own), own);
    expect([strassen(), winograd()].map((each) => plain.addBest(each, 0, 'rl'))).toEqual([true, true]);
  });

  it('set the moves of a game, unless the run aims lower', () => {
    expect(planRound(CONFIG, [], 11)).toMatchObject({ moveLimit: 11, insideGames: 0, searcher: 'mcts' });
    expect(planRound(CONFIG, [])).toMatchObject({ moveLimit: RULES.moveLimit });
    const aiming = { ...CONFIG, moveLimit: 11, acting: { ...CONFIG.acting, goalRank: 9 } };
    expect(planRound(aiming, [], 11).moveLimit).toBe(10);
  });

  it('are refused where walks make no sense', () => {
    const { values } = CONFIG;
    expect(() => checkWalks({ size: { n: 1, m: 2, p: 2 }, values })).toThrow(/dimension is 1/);
    expect(() => checkWalks({ size: { n: 17, m: 17, p: 2 }, values })).toThrow(/more entries/);
    expect(() => checkWalks({ size: SIZE, values: [0, 2] })).toThrow(/entry 1/);
    checkWalks({ size: SIZE, values });
  });
});

describe('what a checkpoint says of walks', () => {
  const provenance = { demonstrations: [OWN_WALKS], grownFrom: [], insideSchoolbook: false };

  it('is said in words, and of another run where one begins with its checkpoint', () => {
    expect(provenanceWords(provenance)).toBe("bootstrapped from this run's own flip-graph walks");
    const demonstrations = [...demonstrationsBefore([OWN_WALKS]), 'strassen'];
    expect(provenanceWords({ ...provenance, demonstrations })).toBe(
      "bootstrapped from an earlier run's own flip-graph walks; bootstrapped from demonstrations: strassen",
    );
  });

  it('is read again as it was written: pool, orbits, counts', async () => {
    const { walked: kept, ...rest } = walked().export();
    const flips = { ...rest, walked: kept, neighbours: kept.slice(-1) };
    const directory = join(folder, 'checkpoint');
    const weights = [{ name: 'a', shape: [1], values: Float32Array.of(1) }];
    const moments = { step: 1, first: Float32Array.of(0), second: Float32Array.of(0) };
    const resume = {
      ...{ optimizer: moments, played: [], best: [], flips, seconds: 12, bestRank: 11, games: 4, solved: 2 },
      isRoundDue: false,
    };
    const { shown: shownOrbits } = flips;
    await saveCheckpoint(directory, { config: CONFIG, step: 4, ...provenance, weights, shownOrbits, resume });
    const loaded = await loadCheckpoint(directory);
    expect(loaded.resume?.flips).toEqual(flips);
    expect(loaded.shownOrbits).toEqual(shownOrbits);
    const run = join(folder, 'run');
    rmSync(run, { recursive: true, force: true });
    await saveCheckpoint(join(run, 'checkpoints', 'step-4'), loaded);
    const config = { command: 'train', seed: 5, startedAt: '2026-11-30T16:00:00Z', commandLines: ['at-trainer train'] };
    writeFileSync(join(run, 'config.json'), JSON.stringify(config));
    const lines = Array.from({ length: 250 }, (_, i) => `{"step":${i},"time":${i},"policyLoss":${i},"other":1}`);
    writeFileSync(join(run, 'metrics.jsonl'), `${lines.join('\n')}\n`);
    const exported = join(folder, 'exported');
    await exportCheckpoint(join(run, 'checkpoints', 'step-4'), exported, readHistory(run, loaded.resume as never));
    const head = JSON.parse(readFileSync(join(exported, 'checkpoint.json'), 'utf8'));
    expect(head).toMatchObject({ demonstrations: [OWN_WALKS], shownOrbits });
    const { curve, ...history } = head.history;
    expect(history).toMatchObject({ commands: ['at-trainer train'], seed: 5, seconds: 12, games: 4, solved: 2 });
    expect(curve.length).toBeLessThanOrEqual(100);
    expect(curve.at(-1)).toEqual({ step: 249, time: 249, policyLoss: 249 });
    expect((await loadCheckpoint(exported)).history).toEqual(head.history);
  });
});
