import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { laderman, standard } from '@alphatensor-edge/shared';
import { afterAll, expect, it } from 'vitest';
import { candidate, references } from '../../trainer/src/fleet/algorithms.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../trainer/src/fleet/measurement-store.js';
import type { Report } from '../../trainer/src/report/model.js';
import { endAllAgents, startAgent } from '../support/agent-process.js';
import { cube, measurementRow } from '../support/report-rows.js';
import { startTrainer, temporaryFolder } from '../support/trainer-process.js';

const folder = temporaryFolder();
afterAll(() => {
  endAllAgents();
  folder.remove();
});

const trainer = async (...args: string[]) => {
  const { code, stdout, stderr } = await startTrainer([...args, '--json'], folder.path).ended;
  return { code, stderr, result: JSON.parse(stdout) };
};

it('measures what no run has on its device, once, and says what cannot be measured', async (context) => {
  const agent = await startAgent();
  const { result: description } = await trainer('agents', 'describe', agent.address);
  if (!description.backends.find(({ name }: { name: string }) => name === 'c-gcc').available) {
    return context.skip('c-gcc does not work here');
  }
  const runDir = join(folder.path, 'run');
  mkdirSync(runDir);
  const store = MeasurementStore.open(join(runDir, MEASUREMENTS_FILE));
  const here = { deviceId: description.deviceId, backend: 'c-gcc', variant: 'packed' } as const;
  const [kept, forgotten] = [laderman(), standard({ n: 2, m: 2, p: 3 })].map((factorization) =>
    candidate({ factorization, origin: 'rl' }, 'found'),
  );
  const single = { ...here, problem: cube(96) };
  const double = { ...here, problem: { ...cube(96), dtype: 'f64' as const } };
  let seed = 0;
  for (const { algorithm, levels } of references().slice(1)) {
    for (const where of [single, double])
      store.insert(measurementRow({ ...where, algorithm, seed: ++seed }), '', levels);
  }
  store.insert(measurementRow({ ...single, algorithm: kept.algorithm, seed: 20, speedup: 1.2 }), '', kept.levels);
  store.insert(measurementRow({ ...double, algorithm: forgotten.algorithm, seed: 21, speedup: 1.2 }), '');
  store.close();

  const out = join(folder.path, 'comparison');
  const measure = ['report', runDir, '--out', out, '--measure-missing', '--agent', agent.address, '--budget', '1s'];
  const first = await trainer(...measure);
  expect(first.result.measured).toEqual({
    measured: 1,
    failures: [expect.stringContaining('no run kept the algorithm itself')],
  });
  expect(first.code).toBe(1);

  const added = MeasurementStore.openReadOnly(join(out, MEASUREMENTS_FILE));
  const rows = added.all();
  added.close();
  expect(rows).toMatchObject([{ deviceId: here.deviceId, problem: double.problem, algorithm: { role: 'imported' } }]);
  expect(rows[0].algorithm.levels).toEqual(kept.algorithm.levels);
  expect(rows[0].outcome.kind).toBe('OUTCOME_KIND_MEASURED');

  // The report takes it from its folder from now on, also without measuring; it is measured again only if the baseline was disturbed.
  const { comparisons } = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report;
  const cells = comparisons.flatMap(({ rows: all }) => all.flatMap((row) => row.cells));
  const disturbed = cells.filter((cell) => cell?.figures && cell.figures.baselineSlowdown !== null);
  const again = await trainer(...measure);
  expect(again.result.measured.measured).toBe(disturbed.length);
  const report = await trainer('report', runDir, '--out', out);
  expect(report.code).toBe(0);
  expect((await trainer('report', runDir, '--out', out, '--agent', agent.address)).code).not.toBe(0);
}, 60_000);
