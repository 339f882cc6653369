import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { modeLengths, Random } from '../../../shared/src/index.js';
import { gameRules, parseTrainingConfig, type TrainingConfig } from '../../../trainer/src/config.js';
import { countRankFeatures, observationLayout } from '../../../trainer/src/game/observation.js';
import { Network } from '../../../trainer/src/network/model.js';
import { PRESETS, presetForSize } from '../../../trainer/src/presets.js';

const SIZES = [
  { n: 1, m: 1, p: 1 },
  { n: 2, m: 2, p: 2 },
  { n: 2, m: 2, p: 3 },
  { n: 2, m: 3, p: 4 },
  { n: 3, m: 3, p: 3 },
];

describe('presets', () => {
  it.each(Object.entries(PRESETS))('are written whole, under their own name: %s', (name, preset) => {
    expect(preset.preset).toBe(name);
    expect(parseTrainingConfig(preset)).toStrictEqual(preset);
  });
});

describe('rank features', () => {
  it.each(SIZES)('are counted as the layout makes them: %o', (size) => {
    for (const arithmetic of ['standard', 'modulo-2'] as const) {
      for (const nonzeros of [0, 1, 2, 4]) {
        const { rankFeatures } = observationLayout(size, arithmetic, 0, nonzeros);
        expect(countRankFeatures(size, arithmetic, nonzeros)).toBe(rankFeatures);
      }
    }
  });

  it('stay affordable when a preset is used for a larger size', () => {
    for (const n of [2, 3, 4, 5, 8, 12]) {
      const size = { n, m: n, p: n };
      const { network, arithmetic } = presetForSize('tiny', size);
      expect(countRankFeatures(size, arithmetic, network.probeNonzeros)).toBeLessThanOrEqual(1 << 14);
    }
    const probes = (size: TrainingConfig['size']) => presetForSize('lean', size).network.probeNonzeros;
    expect([probes({ n: 2, m: 2, p: 4 }), probes({ n: 2, m: 3, p: 3 })]).toEqual([
      PRESETS.lean.network.probeNonzeros,
      2,
    ]);
    expect(presetForSize('tiny', { n: 4, m: 4, p: 4 }).network.probeNonzeros).toBe(2);
    expect(presetForSize('tiny', { n: 2, m: 3, p: 3 }).network.probeNonzeros).toBe(PRESETS.tiny.network.probeNonzeros);
  });

  it('of lean come with fewer weights, and its factors with as many nonzeros, where the modes are longer', () => {
    const { lean } = PRESETS;
    const nonzeros = ({ size, demonstrations }: TrainingConfig) =>
      demonstrations.synthetic.zeroProbability.map(
        (zero) => (1 - zero) * modeLengths(size).reduce((sum, length) => sum + length),
      );
    expect(presetForSize('lean', lean.size)).toEqual(lean);
    const larger = presetForSize('lean', { n: 2, m: 3, p: 3 });
    expect(larger.network.summary.width).toBeLessThan(lean.network.summary.width);
    expect(larger.acting.basis.offDiagonal).toBeLessThan(lean.acting.basis.offDiagonal);
    for (const [index, count] of nonzeros(larger).entries()) expect(count).toBeCloseTo(nonzeros(lean)[index]);
  });

  it('of mid are narrower where a checkpoint would have more than 4 MB in half precision', async () => {
    await tf.setBackend('cpu');
    const own = presetForSize('mid', PRESETS.mid.size);
    expect(own.network.summary).toEqual(PRESETS.mid.network.summary);
    const config = presetForSize('mid', { n: 4, m: 4, p: 4 });
    expect(config.network.summary.width).toBeLessThan(PRESETS.mid.network.summary.width);
    for (const each of [own, config]) {
      const network = new Network(each.network, gameRules(each), new Random('weights'));
      expect(network.parameters.count).toBeLessThan(2e6);
      network.dispose();
    }
  });

  it('are refused where they would not fit into memory, with what to do', () => {
    const config = presetForSize('tiny', { n: 4, m: 4, p: 4 });
    const network = { ...config.network, probeNonzeros: 4 };
    expect(() => parseTrainingConfig({ ...config, network })).toThrow(
      /probeNonzeros.*314,\d+,\d+ weights.*choose fewer/s,
    );
  });
});
