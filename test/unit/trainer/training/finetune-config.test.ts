import { describe, expect, it } from 'vitest';
import { flipping, PRESETS, presetForSize } from '../../../../trainer/src/presets.js';
import { forFinetuning, showsImages } from '../../../../trainer/src/training/finetune-config.js';

describe('a configuration for fine-tuning', () => {
  it('leaves out what own walks of the training found, which has no latency', () => {
    const config = flipping(presetForSize('mid', { n: 3, m: 3, p: 3 }));
    const { flips, ...others } = config.demonstrations;
    expect(flips).toBeDefined();
    expect(forFinetuning(config, { isTrained: true }).demonstrations).toEqual(others);
    expect(forFinetuning(config, { isTrained: false }).demonstrations).toEqual(config.demonstrations);
  });

  it('needs prices of images only where images are shown', () => {
    expect(showsImages(PRESETS.lean)).toBe(true);
    expect(showsImages(PRESETS.mid)).toBe(false);
    expect(showsImages({ replay: { ...PRESETS.lean.replay, symmetryOffDiagonal: 0 } })).toBe(false);
  });
});
