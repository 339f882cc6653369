import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench } from '../bench.js';
import { machine } from '../common/machine.js';
import { count, counts, positive } from '../common/options.js';
import { actingLine, measureActing } from './acting.js';
import { measureScale, scaleLine } from './scale.js';

const MIN_SHARE_OF_LINEAR = 0.95;
const MIN_ACTING_RATE = 0.9;

export const bench: Bench = {
  summary: 'what a fleet of agents costs the trainer',
  help: `What a fleet costs the trainer: measurements/s with more and more agents, the trainer's share of a job, and how fast games are
played with agents attached. The agents speak real gRPC, and their children only sleep. Ends with status 1 where the rate is below
${100 * MIN_SHARE_OF_LINEAR} % of linear or games are played more than ${Math.round(100 * (1 - MIN_ACTING_RATE))} % slower.

  --agents N,N,...  (1,2,4,8)
  --seconds S       that a job sleeps (1)
  --jobs N          of each agent (8)
  --repeats N       rounds (3)
  --pairs N         of games with and without agents (9)
  --json            one object instead of lines
`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        agents: { type: 'string', default: '1,2,4,8' },
        seconds: { type: 'string', default: '1' },
        jobs: { type: 'string', default: '8' },
        repeats: { type: 'string', default: '3' },
        pairs: { type: 'string', default: '9' },
      },
    });
    const agents = counts('--agents', values.agents);
    const sleepSeconds = positive('--seconds', values.seconds);
    const jobsEach = count('--jobs', values.jobs);
    const repeats = count('--repeats', values.repeats);
    const pairs = count('--pairs', values.pairs);
    const say = values.json ? () => {} : (line: string) => console.log(line);
    const folder = mkdtempSync(join(tmpdir(), 'at-bench-fleet-'));
    try {
      const scale = await measureScale({ folder, agents, sleepSeconds, jobsEach, repeats });
      for (const row of scale) say(scaleLine(row));
      const acting = await measureActing({ folder, agents: Math.max(...agents), sleepSeconds, pairs });
      say(actingLine(acting));
      if (values.json)
        console.log(JSON.stringify({ machine: machine(), sleepSeconds, jobsEach, scale, acting }, null, 2));
      const isLinear = scale.every(({ shareOfLinear }) => shareOfLinear >= MIN_SHARE_OF_LINEAR);
      if (!isLinear || acting.relativeRate.estimate < MIN_ACTING_RATE) process.exitCode = 1;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
