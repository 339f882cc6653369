// What the arms of bench:lambda came to, measured again in one session: every algorithm that a game of the second half ended with, once
// for all arms, in random order, so that neither the reward's noise nor when a run took place is in the comparison:
//   npm run bench:lambda -- --device real --save late.json && npm run bench:lambda-again -- late.json… [--seconds 1] [--rounds 2] [--json]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseFactorizationJson, Random } from '../../shared/dist/index.js';
import { machine } from './common.mjs';
import { mean, meanWithInterval, pairedEffect, text } from './interval.mjs';
import { timesInOneSession } from './one-session.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '2' },
  },
});
if (positionals.length === 0) throw new Error('Give the files that bench:lambda --save wrote.');
const files = positionals.map((path) => JSON.parse(readFileSync(path, 'utf8')));
const saved = files.flatMap(({ runs }) => runs);
const { problem, depth, variant } = files[0];
const isSame = (file) =>
  JSON.stringify([file.problem, file.depth, file.variant]) === JSON.stringify([problem, depth, variant]);
if (!files.every(isSame)) throw new Error('The files are of different problems, levels or variants.');
const schemes = new Map(saved.flatMap(({ late }) => late.map(({ hash, scheme }) => [hash, scheme])));
const times = await timesInOneSession(
  [...schemes.values()].map((scheme) => parseFactorizationJson(scheme).factorization),
  {
    problem,
    depth,
    variant,
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
    random: new Random('again'),
  },
);
const timeOf = new Map([...schemes.keys()].map((hash, index) => [hash, times[index]]));
const runs = saved.map(({ seed, arm, late }) => {
  const ofLateGames = meanWithInterval(late.map(({ hash }) => timeOf.get(hash)));
  const nonzeros = mean(late.map((game) => game.nonzeros));
  return { seed, arm, time: ofLateGames.mean, ofLateGames, nonzeros };
});
const effect = {
  overWithout: pairedEffect(runs, 'with', 'without'),
  overControl: pairedEffect(runs, 'with', 'control'),
};
if (values.json)
  console.log(
    JSON.stringify({ machine: machine(), problem, depth, variant, algorithms: schemes.size, runs, effect }, null, 2),
  );
else {
  for (const { seed, arm, ofLateGames, nonzeros } of runs) {
    console.log(`seed ${seed}, ${arm}: ${text(ofLateGames)}, ${nonzeros.toFixed(1)} nonzeros`);
  }
  for (const [what, { ratio, low, high }] of Object.entries(effect)) {
    console.log(`${what}: ${ratio.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`);
  }
}
