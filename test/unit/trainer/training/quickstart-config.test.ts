import { expect, it } from 'vitest';
import { PRESETS } from '../../../../trainer/src/presets.js';
import { quickstartRunOf } from '../../../../trainer/src/training/quickstart-config.js';

const trained = { ...PRESETS.tiny, seed: 4, demonstrations: { ...PRESETS.tiny.demonstrations, files: ['known.json'] } };
const wishes = { agent: '127.0.0.1:1', canMeasure: true, checkpoint: 'checkpoint', seed: undefined };

it('quickstart plays with a trained network, shows it nothing, and measures only where a compiler works', () => {
  const { config, settings } = quickstartRunOf(trained, wishes);
  expect(config).toMatchObject({ seed: 4, tfBackend: 'auto', demonstrations: { files: [] }, acting: { fromStep: 0 } });
  expect(settings).toMatchObject({ agents: ['127.0.0.1:1'], checkpoint: 'checkpoint', lambda: 7, reportedCount: 1 });
  expect(settings.problems).toEqual([{ m: 1024, k: 1024, n: 1024, dtype: 'f32', threads: 1 }]);
  expect(settings.reportProblems.map(({ n }) => n)).toEqual([512, 1024, 2048, 4096]);
  const unmeasured = quickstartRunOf(trained, { ...wishes, canMeasure: false, seed: 9 });
  expect(unmeasured.config.seed).toBe(9);
  expect(unmeasured.settings).toMatchObject({ problems: [], reportProblems: [] });
});
