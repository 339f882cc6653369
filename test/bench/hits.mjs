// How often a search finds rank 7 of <2,2,2> with the same number of network evaluations: network and search taken apart.
//   npm run bench:hits -- --supervised CHECKPOINT [--improved trainer/checkpoints/2x2x2-tiny] [--json] [--searches 40]
//     [--evaluations 1000] [--arm improved/mcts]… [--seed 1] [--lockstep 8] [--budget 600] [--tf-backend wasm] [--openings all]
// An arm may say other options of its search: improved/mcts,c1=0.2,simulations=800,valueLevel=0
// A search begins in a random basis, the same for every arm; it starts over until its evaluations are spent or it hits. Bases that only
// permute entries and change signs are left out (unless --openings all): a network that has seen one solution solves them by heart.
// --remaining R begins where R terms of a random image of Strassen's algorithm are left (the others have been played), with R moves.
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Random, strassen } from '../../shared/dist/index.js';
import { gameRules } from '../../trainer/dist/config.js';
import { playedFactorization, randomBasis, targetTensor } from '../../trainer/dist/game/basis.js';
import { isOver, isSolved, play, start } from '../../trainer/dist/game/state.js';
import { startBackend } from '../../trainer/dist/network/backend.js';
import { networkEvaluator } from '../../trainer/dist/network/batcher.js';
import { Network } from '../../trainer/dist/network/model.js';
import { loadCheckpoint } from '../../trainer/dist/run/checkpoint.js';
import { beamSearch } from '../../trainer/dist/search/beam.js';
import { GameSearch } from '../../trainer/dist/search/game-search.js';
import { searchOptions } from '../../trainer/dist/search/options.js';
import { runLockstep } from '../../trainer/dist/search/search.js';
import { demonstratedGame } from '../../trainer/dist/training/demonstrated-game.js';
import { figure, machine, percent } from './common.mjs';
import { sharedBatches } from './shared-batches.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    supervised: { type: 'string' },
    improved: {
      type: 'string',
      default: fileURLToPath(new URL('../../trainer/checkpoints/2x2x2-tiny', import.meta.url)),
    },
    arm: { type: 'string', multiple: true },
    searches: { type: 'string', default: '40' },
    evaluations: { type: 'string', default: '1000' },
    lockstep: { type: 'string', default: '8' },
    budget: { type: 'string', default: 'Infinity' },
    openings: { type: 'string', default: 'mixed' },
    remaining: { type: 'string' },
    seed: { type: 'string', default: '1' },
    'tf-backend': { type: 'string', default: 'wasm' },
  },
});
const [searches, evaluations, lockstep, budget] = ['searches', 'evaluations', 'lockstep', 'budget'].map((name) =>
  Number(options[name]),
);

/** The search's evaluations are spent. */
class Spent extends Error {}
/** A tree search has come to a solution. */
class Found extends Error {}

/** The options of each search that an arm does not say. */
const DEFAULTS = {
  policy: () => ({ games: 16, valueLevel: 0 }),
  // As wide as lets one search end within the evaluations: ranking its successors costs it most of them. The beam compares expected
  // returns; the risk-seeking value is the tree search's.
  beam: ({ beam, moveLimit }) => {
    const depth = Number(options.remaining ?? moveLimit);
    const width = Math.max(1, Math.floor((0.8 * evaluations) / (depth * (beam.samples + 1))));
    return { ...beam, width, rootSamples: 64, valueLevel: 0 };
  },
  mcts: ({ search, network }) => ({ ...search, valueLevel: network.value.actingLevel }),
};

/** Each plays from the opening once; `evaluate` ends it by throwing `Spent`. Resolves to the moves of a solution, if any. */
const SEARCHES = {
  /** Games by the policy alone, so many side by side. */
  policy: async (opening, evaluate, { games }) => {
    let positions = Array(games).fill(opening);
    while (positions.length > 0) {
      const answers = await evaluate(positions, 1);
      const next = positions.map((position, index) => play(position, answers[index].actions[0]));
      const solved = next.find(isSolved);
      if (solved !== undefined) return solved.history;
      positions = next.filter((position) => !isOver(position));
    }
  },
  beam: async (opening, evaluate, beam, random) => (await beamSearch(opening, evaluate, beam, random)).solutions[0],
  mcts: async (opening, evaluate, options, random) => {
    const search = searchOptions(options);
    const game = new GameSearch(opening, search, random);
    // What its simulations run into counts, however the game would end.
    const untilFound = (positions, samples) => {
      if (game.result().best !== undefined) throw new Found();
      return evaluate(positions, samples);
    };
    await runLockstep([game], untilFound, search).catch((error) => {
      if (!(error instanceof Found)) throw error;
    });
    return game.result().best?.moves;
  },
};

const NETWORKS = ['untrained', 'supervised', 'improved'];
const ARMS = NETWORKS.flatMap((network) => Object.keys(SEARCHES).map((search) => `${network}/${search}`));

const checkpoints = { improved: await loadCheckpoint(options.improved) };
if (options.supervised !== undefined) checkpoints.supervised = await loadCheckpoint(options.supervised);
const { description } = await startBackend(options['tf-backend']);
const arms = (options.arm ?? ARMS).map(prepare).filter((arm) => arm !== undefined);
const began = performance.now();
// Round by round, so that all arms have the same number of searches when the time is over.
for (let done = 0; done < searches && performance.now() - began < budget * 1000; done += lockstep) {
  for (const arm of arms) await searchOn(arm, Math.min(lockstep, searches - done));
}
const rows = arms.map(({ row }) => ({ ...row, interval: wilson(row.hits, row.searches) }));
const pairs = arms.flatMap((arm, index) => arms.slice(index + 1).map((other) => paired(arm, other))).filter(Boolean);
if (options.json) {
  const { seed, openings, remaining } = options;
  const document = { machine: machine(), backend: description, seed, openings, remaining, evaluations, rows, pairs };
  console.log(JSON.stringify(document, null, 2));
} else for (const line of [...rows.map(lineOf), ...pairs.map(pairLine)]) console.log(line);

/** Undefined for an arm whose checkpoint was not given. */
function prepare(name) {
  const [arm, ...settings] = name.split(',');
  const [networkName, searchName] = arm.split('/');
  if (!NETWORKS.includes(networkName) || SEARCHES[searchName] === undefined) {
    throw new Error(`No arm ${name}; there are ${ARMS.join(', ')}.`);
  }
  if (networkName === 'supervised' && checkpoints.supervised === undefined) return undefined;
  const { config, weights, step } = checkpoints[networkName] ?? { ...checkpoints.improved, step: 0 };
  const search = { ...DEFAULTS[searchName](config) };
  for (const setting of settings) {
    const [option, value] = setting.split('=');
    if (search[option] === undefined) throw new Error(`${searchName} has no option ${option}.`);
    search[option] = Number.isNaN(Number(value)) ? value : Number(value);
  }
  const network = new Network(config.network, gameRules(config), new Random(`${options.seed}/weights`));
  if (networkName !== 'untrained') network.parameters.import(weights);
  const random = new Random(`${options.seed}/${arm}`);
  const row = { arm: name, step, searches: 0, hits: 0, early: 0, evaluations: 0, seconds: 0 };
  const openings = drawOpenings(config);
  return { row, networkName, hitAt: [], openings, network, random, search: SEARCHES[searchName], options: search };
}

async function searchOn({ row, hitAt, openings, network, random, search, options: ofSearch }, count) {
  const armBegan = performance.now();
  const first = row.searches;
  const inner = networkEvaluator(
    network,
    { maxBatch: 256, valueLevel: ofSearch.valueLevel },
    random.split(`evaluator/${first}`),
  );
  const results = await sharedBatches(inner, count, (evaluator, index) =>
    spend(openings[first + index], random.split(first + index), evaluator, (opening, evaluate, attempt) =>
      search(opening, evaluate, ofSearch, attempt),
    ),
  );
  for (const { hit, spent } of results) {
    hitAt.push(hit);
    row.hits += hit ? 1 : 0;
    row.early += hit && spent <= evaluations / 2 ? 1 : 0;
    row.evaluations += spent;
  }
  row.searches += count;
  row.seconds += (performance.now() - armBegan) / 1000;
}

/** Where each search begins: the target in a random basis, or a position from which `--remaining` terms of a known image are left. */
function drawOpenings(config) {
  const rules = gameRules(config);
  const openings = [];
  for (let draw = 0; openings.length < searches; draw++) {
    const random = new Random(`${options.seed}/basis/${draw}`);
    if (options.remaining !== undefined) {
      const { position, remaining } = demonstratedGame(rules, strassen(), config, random);
      if (remaining.length !== Number(options.remaining)) continue;
      openings.push({
        position,
        isSolution: (moves) => isSolved(moves.slice(position.history.length).reduce(play, position)),
      });
    } else {
      const basis = randomBasis(config.size, config.arithmetic, random, config.acting.basis);
      const target = targetTensor(basis);
      // A basis that adds rows or columns makes more nonzeros than the 8 of the target.
      if (options.openings !== 'all' && target.filter((x) => x !== 0).length <= 8) continue;
      const isSolution = (moves) => playedFactorization(rules, basis, moves).rank <= 7;
      openings.push({ position: start(rules, target), isSolution });
    }
  }
  return openings;
}

/** One search: plays from its opening again and again. */
async function spend({ position, isSolution }, random, evaluator, search) {
  let spent = 0;
  const evaluate = (positions, samples) => {
    if (spent + positions.length > evaluations) throw new Spent();
    spent += positions.length;
    return evaluator(positions, samples);
  };
  try {
    for (let attempt = 0; ; attempt++) {
      const moves = await search(position, evaluate, random.split(attempt));
      // Counts only if it is exact.
      if (moves !== undefined && isSolution(moves)) return { hit: true, spent };
    }
  } catch (error) {
    if (!(error instanceof Spent)) throw error;
    return { hit: false, spent };
  }
}

/** Two searches with one network on the same openings: how many only one of them hit, and McNemar's exact two-sided p. */
function paired(arm, other) {
  if (arm.networkName !== other.networkName) return undefined;
  const onlyFirst = arm.hitAt.filter((hit, index) => hit && !other.hitAt[index]).length;
  const onlySecond = other.hitAt.filter((hit, index) => hit && !arm.hitAt[index]).length;
  return { first: arm.row.arm, second: other.row.arm, onlyFirst, onlySecond, p: signTest(onlyFirst, onlySecond) };
}

/** The chance that a fair coin is at least as uneven, either way. */
function signTest(heads, tails) {
  const tosses = heads + tails;
  let chance = 0.5 ** tosses;
  let sum = 0;
  for (let k = 0; k <= Math.min(heads, tails); k++) {
    sum += chance;
    chance *= (tosses - k) / (k + 1);
  }
  return Math.min(1, 2 * sum);
}

function pairLine({ first, second, onlyFirst, onlySecond, p }) {
  return `only ${first} hit ${onlyFirst} openings, only ${second} ${onlySecond}: p = ${p.toPrecision(2)}`;
}

/** The 95 % score interval of a proportion (Wilson, JASA 22, 1927). */
function wilson(hits, trials) {
  if (trials === 0) return [0, 1];
  const z = 1.96;
  const share = hits / trials;
  const centre = share + z ** 2 / (2 * trials);
  const spread = z * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  return [(centre - spread) / (1 + z ** 2 / trials), (centre + spread) / (1 + z ** 2 / trials)];
}

function lineOf({ arm, step, searches: done, hits, early, interval, evaluations: spent, seconds }) {
  const share = `${hits} of ${done}, ${percent(interval[0])} to ${percent(interval[1])} (${early} in half of them)`;
  return `${arm.padEnd(18)} step ${step}: ${share}; ${spent} evaluations, ${figure(spent / seconds)}/s`;
}
