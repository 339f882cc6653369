// What the benchmarks of the trainer share: network sizes, one process a row, where the time goes.
import { spawnSync } from 'node:child_process';
import { Session } from 'node:inspector/promises';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { presetForSize } from '../../trainer/dist/presets.js';

export const SIZES = [2, 3, 4, 5].map((n) => ({ n, m: n, p: n }));

/** `auto` is none of them. `node-gpu` and `node` run where their optional packages are installed. */
export const BACKENDS = ['node-gpu', 'node', 'wasm', 'cpu'];

/** For a few cores: a position of <5,5,5> costs milliseconds in native code, not seconds. */
const LIGHT_NETWORK = {
  entriesPerToken: 3,
  historyLength: 3,
  signedPermutations: 16,
  probeNonzeros: 1,
  torso: { channels: 32, blocks: 2, heads: 2, widening: 2 },
  summary: { pooling: 'mean', width: 128, blocks: 1 },
  policy: { width: 64, blocks: 1, heads: 2, widening: 2, crossAttention: true },
  value: { quantiles: 8, width: 64, actingLevel: 0.75 },
};

/** The configuration of a row: a preset by name, or `light`, the preset `small` with the network above. */
export function configFor(size, network) {
  if (network !== 'light') return presetForSize(network, size);
  return { ...presetForSize('small', size), network: LIGHT_NETWORK };
}

/** <2,2,2> with the preset that is meant for it. */
export function defaultNetwork({ n }) {
  return n === 2 ? 'tiny' : 'light';
}

export function describeNetwork({ torso, policy, historyLength }) {
  return `torso ${torso.blocks} x ${torso.channels} channels, policy ${policy.blocks} x ${policy.width}, history ${historyLength}`;
}

/** The machine as far as it matters for a time; `load` is what kept it busy in the last minute. */
export function machine() {
  return { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, load: loadavg()[0], node: process.version };
}

/**
 * Works each row in a process of its own, so that each has its own peak of memory and its own TensorFlow.js backend.
 * @param script the file that does a row when it is called with `--row` and the row as JSON
 * @returns the rows with their results, or with `failed` and why; a backend that does not run is tried once
 */
export function inProcesses(script, rows, onResult) {
  const missing = new Set();
  return rows.flatMap((row) => {
    if (missing.has(row.tfBackend)) return [];
    const command = [fileURLToPath(script), '--row', JSON.stringify(row)];
    const child = spawnSync(process.execPath, command, {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const answer = child.stdout.trim().split('\n').at(-1);
    const result = {
      ...row,
      ...(answer ? JSON.parse(answer) : { failed: `ended with ${child.status ?? child.signal}` }),
    };
    if (result.unavailable) missing.add(row.tfBackend);
    onResult(result);
    return [result];
  });
}

/** Does one row in this process and prints its result; where the backend does not run, why. */
export async function workRow(work) {
  try {
    console.log(JSON.stringify(await work()));
  } catch (error) {
    if (error.code !== 'UNAVAILABLE') throw error;
    console.log(JSON.stringify({ unavailable: true, failed: error.message }));
  }
}

const PARTS = [
  ['game', /\/trainer\/dist\/game\//],
  ['tree', /\/trainer\/dist\/search\//],
  ['network', /\/trainer\/dist\/network\/|\/@tensorflow\/|^wasm:/],
];

/**
 * Runs `work` under V8's sampling profiler.
 * @returns its result, and the shares of the time by the file a function is in; what is in none of them (the random
 *   numbers, Node itself) counts for its nearest caller that is. The garbage collector is on its own.
 */
export async function profiled(work) {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 1000 });
  await session.post('Profiler.start');
  const result = await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return { result, shares: sharesOf(profile) };
}

function sharesOf({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const partOf = new Map();
  const visit = (id, inherited) => {
    const { callFrame, children = [] } = byId.get(id);
    const own = PARTS.find(([, pattern]) => pattern.test(callFrame.url))?.[0];
    const part = callFrame.functionName === '(garbage collector)' ? 'garbage' : (own ?? inherited);
    partOf.set(id, part);
    for (const child of children) visit(child, part);
  };
  visit(nodes[0].id, 'other');
  const times = { game: 0, tree: 0, network: 0, garbage: 0, other: 0 };
  let total = 0;
  samples.forEach((id, index) => {
    if (byId.get(id).callFrame.functionName === '(idle)') return;
    times[partOf.get(id)] += timeDeltas[index];
    total += timeDeltas[index];
  });
  return Object.fromEntries(Object.entries(times).map(([part, time]) => [part, time / total]));
}

export function percent(share) {
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}

/** Three significant digits. */
export function figure(value) {
  return value >= 100 ? Math.round(value).toString() : value.toPrecision(3);
}
