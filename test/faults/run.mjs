// Injects faults at seeded random moments and checks that the books balance: one terminal record a job, every reward recomputes from
// a measured row, nothing lost, nothing left running:
//   npm run faults -- [--json] [--count 20] [--seed 1] [--kind NAME]… [--brief]
// --brief leaves out pauses longer than two seconds. Ends with status 1 where anything was wrong.
import { parseArgs } from 'node:util';
import { Random } from '../../shared/dist/index.js';
import { machine } from '../dist/bench/common/machine.js';
import { AGENT_FAULTS, injectAgentFault } from './agent-faults.mjs';
import { cleanUp } from './surroundings.mjs';
import { injectTrainerFault, TRAINER_FAULTS } from './trainer-faults.mjs';

const KINDS = [...Object.keys(AGENT_FAULTS), ...Object.keys(TRAINER_FAULTS)];
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    count: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    kind: { type: 'string', multiple: true, default: KINDS },
    brief: { type: 'boolean', default: false },
  },
});
const unknown = values.kind.find((kind) => !KINDS.includes(kind));
if (unknown !== undefined) throw new Error(`There is no fault "${unknown}"; there are ${KINDS.join(', ')}.`);

process.on('exit', cleanUp);
const rows = [];
try {
  for (const kind of values.kind) rows.push(await row(kind));
} catch (error) {
  // Not left uncaught: TensorFlow.js throws out of the handler of such errors, which skips what is to be done on exit, and agents that
  // live on would keep whoever reads this output waiting.
  console.error(error);
  process.exit(1);
}
if (values.json) console.log(JSON.stringify({ machine: machine(), seed: values.seed, rows }, null, 2));
process.exitCode = rows.some(({ wrong }) => wrong?.length > 0) ? 1 : 0;
process.exit();

async function row(kind) {
  const began = Date.now();
  const inject = kind in AGENT_FAULTS ? injectAgentFault : injectTrainerFault;
  const random = new Random(`${values.seed}/${kind}`);
  const result = await inject(kind, { count: Number(values.count), random, isBrief: values.brief });
  const seconds = Math.round((Date.now() - began) / 1000);
  if (!values.json) printRow({ kind, ...result, seconds });
  return { kind, ...result, seconds };
}

function printRow({ kind, skipped, injected, jobs, stages, ends, wrong, seconds }) {
  if (skipped !== undefined) {
    console.log(`${kind}: skipped, ${skipped}`);
    return;
  }
  const list = (counts) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  console.log(
    `${kind}: ${injected} times (${list(stages)}), ${jobs} jobs (${list(ends)}), ${wrong.length} wrong, ${seconds} s`,
  );
  for (const sentence of wrong) console.log(`  ${sentence}`);
}
