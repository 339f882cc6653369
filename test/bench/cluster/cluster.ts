import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '@alphatensor-edge/shared';
import { runDemo } from '@alphatensor-edge/trainer/cluster/demo.js';
import { type Bench, refusal } from '../bench.js';
import { machine, machineLine } from '../common/machine.js';
import { count, counts, positive } from '../common/options.js';
import { FAULTS, type Fault, type FaultRow, injectFault } from './faults.js';
import { booksLine, measureClusterScale, scaleLine } from './scale.js';

const MIN_SHARE_OF_LINEAR = 0.95;

export const bench: Bench = {
  summary: 'a learner and its actors on NATS: how it scales, and whether faults lose games',
  help: `A cluster on this machine with a nats-server of its own. Scale: games/s that the learner has verified and on disk, with more and
more actors that sleep and send games of <2,2,3>'s real size (not linear enough is status 1). Faults: each kind is injected at random
moments, and then the books are balanced: every game that was acknowledged to an actor must have been learnt from exactly once, and none
that a hostile actor sent, and games arrive again after each fault (otherwise status 1). "demo" runs at-trainer cluster demo.

  scale | faults | demo   what to run (scale and faults)
  --actors N,N,...  (1,2,4)
  --sleep MS        that an actor sleeps for a game (20)
  --seconds S       that a rate is taken over (20)
  --kind NAME       a fault, repeatable (all: ${Object.keys(FAULTS).join(', ')})
  --count N         how often each is injected (${Object.entries(FAULTS)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ')})
  --cut S           seconds that a line is cut (30)
  --seed N          of the moments (1)
  --verbose         what learner and actors say
  --json            one object instead of lines
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        actors: { type: 'string', default: '1,2,4' },
        sleep: { type: 'string', default: '20' },
        seconds: { type: 'string', default: '20' },
        kind: { type: 'string', multiple: true, default: Object.keys(FAULTS) },
        count: { type: 'string' },
        cut: { type: 'string', default: '30' },
        seed: { type: 'string', default: '1' },
        verbose: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const what = positionals.length > 0 ? positionals : ['scale', 'faults'];
    const unknown = [...what.filter((word) => !['scale', 'faults', 'demo'].includes(word))];
    if (unknown.length > 0) throw refusal(`There is no "${unknown[0]}"; there are scale, faults and demo.`);
    const kinds = values.kind.map((kind) => {
      if (!Object.hasOwn(FAULTS, kind))
        throw refusal(`There is no fault "${kind}"; there are ${Object.keys(FAULTS).join(', ')}.`);
      return kind as Fault;
    });
    const sleepMs = positive('--sleep', values.sleep);
    const isVerbose = values.verbose;
    const say = values.json ? () => {} : (line: string) => console.log(line);
    if (what.includes('demo')) {
      const signal = new AbortController().signal;
      await runDemo({ actors: 2, budget: 60, signal, onMessage: say, onStatus: say });
      if (what.length === 1) return;
    }
    say(machineLine());
    const folder = mkdtempSync(join(tmpdir(), 'at-bench-cluster-'));
    try {
      const scale = what.includes('scale')
        ? await measureClusterScale({
            ...{ folder, sleepMs, isVerbose },
            actors: counts('--actors', values.actors),
            seconds: positive('--seconds', values.seconds),
          })
        : [];
      for (const row of scale) say(scaleLine(row));
      const faults: FaultRow[] = [];
      for (const kind of what.includes('faults') ? kinds : []) {
        const times = values.count === undefined ? FAULTS[kind] : count('--count', values.count);
        const random = new Random(`${values.seed}/${kind}`);
        const cutSeconds = positive('--cut', values.cut);
        const row = await injectFault(kind, { folder, count: times, cutSeconds, sleepMs, random, isVerbose });
        faults.push(row);
        say(faultLine(row));
      }
      if (values.json) console.log(JSON.stringify({ machine: machine(), sleepMs, scale, faults }, null, 2));
      const isLinear = scale.every(({ shareOfLinear }) => shareOfLinear >= MIN_SHARE_OF_LINEAR);
      const balanced = [...scale, ...faults].every(({ books }) => books.lost + books.twice + books.false === 0);
      const isStalled = faults.some(({ stalled }) => stalled > 0);
      if (!isLinear || !balanced || isStalled) process.exitCode = 1;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    process.exit();
  },
};

function faultLine({ kind, injected, stalled, books, refused, seconds, skipped }: FaultRow): string {
  if (skipped !== undefined) return `${kind}: skipped, ${skipped}`;
  const reasons = Object.entries(refused).map(([reason, number]) => `${reason} ${number}`);
  return `${kind}: ${injected} times in ${seconds} s, games arrived again ${injected - stalled} times; ${booksLine(books)}${reasons.length > 0 ? `; refused: ${reasons.join(', ')}` : ''}`;
}
