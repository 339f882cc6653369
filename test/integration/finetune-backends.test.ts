import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findBackend } from '../../agent/src/backends/backends.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../trainer/src/fleet/measurement-store.js';
import { endAllAgents, startAgentIn } from '../support/agent-process.js';
import { saveMicroCheckpoint, startTrainer, temporaryFolder } from '../support/trainer-process.js';

// One fine-tuning whose devices have nothing in common: gcc, XLA and WebAssembly.

const folder = temporaryFolder();
const inFolder = (name: string): string => join(folder.path, name);
const trainer = (...options: string[]) => startTrainer(options, inFolder('config')).ended;

const AGENTS = { native: 'c-gcc', xla: 'jax', browser: 'gpujs-webasm' };
const ALL = new Set(Object.values(AGENTS));

beforeAll(() => saveMicroCheckpoint(inFolder('micro')));

afterAll(() => {
  endAllAgents();
  folder.remove();
});

it('fine-tunes for c-gcc, jax and gpujs-webasm in one run, and compares them in its report', async (context) => {
  const named: string[] = [];
  for (const [name, backend] of Object.entries(AGENTS)) {
    const probe = await findBackend(backend)?.find(new AbortController().signal);
    if (!probe?.ok) return context.skip(`${backend}: ${probe?.reason}`);
    const env = { ...process.env, ALPHATENSOR_STATE_DIR: inFolder(name) };
    const { address } = await startAgentIn({ env }, '--backend', backend);
    expect((await trainer('agents', 'add', name, address)).code).toBe(0);
    named.push('--agent', name);
  }
  const run = ['finetune', '--checkpoint', inFolder('micro'), ...named, '--problem', '48', '--tf-backend', 'wasm'];

  const doubles = await trainer(...run, '--run-dir', inFolder('refused'), '--dtype', 'f64');
  expect(doubles.code).toBe(2);
  expect(doubles.stderr).toContain('gpujs-webasm on browser takes f32');

  const runDir = inFolder('run');
  const running = startTrainer([...run, '--run-dir', runDir, '--seed', '1', '--json'], inFolder('config'));
  await running.said('with native=c-gcc, xla=jax, browser=gpujs-webasm');
  await expect.poll(() => measuredBackends(runDir), { timeout: 90_000, interval: 500 }).toEqual(ALL);
  // What the report would measure beside it takes minutes with three compilers.
  running.child.kill('SIGINT');
  const { code, stdout } = await running.ended;
  expect(code).toBe(130);
  const { byDevice, report } = JSON.parse(stdout);
  expect(byDevice.map(({ agents }: { agents: string[] }) => agents)).toEqual([['native'], ['xla'], ['browser']]);
  const { groups } = JSON.parse(readFileSync(report.json, 'utf8'));
  const measured = groups.flatMap(({ rows }: { rows: { backend: string; status: string }[] }) =>
    rows.filter(({ status }) => status === 'MEASURED').map(({ backend }) => backend),
  );
  expect(new Set(measured)).toEqual(ALL);
  const page = readFileSync(report.html, 'utf8');
  for (const backend of ALL) expect(page).toContain(backend);
}, 150_000);

/** Of the run's store so far. */
function measuredBackends(runDir: string): Set<string> {
  const file = join(runDir, MEASUREMENTS_FILE);
  if (!existsSync(file)) return new Set();
  const store = MeasurementStore.openReadOnly(file);
  try {
    return new Set(store.all().map(({ backend }) => backend));
  } finally {
    store.close();
  }
}
