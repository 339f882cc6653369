import { describe, expect, it } from 'vitest';
import { type ActiveActBackend, onThreads } from '../../../../trainer/src/network/act-backend.js';
import { tiny } from '../../../../trainer/src/presets/tiny.js';
import { playsOnThreads } from '../../../../trainer/src/training/actors.js';

describe('what worker threads play through', () => {
  const tfjs = (tfBackend: ActiveActBackend['tfBackend']): ActiveActBackend => ({
    ...{ name: 'tfjs', description: `TensorFlow.js: ${tfBackend}`, tfBackend },
  });

  it('is WebAssembly in place of native TensorFlow, and says so', () => {
    for (const name of ['node', 'node-gpu'] as const) {
      expect(onThreads(tfjs(name))).toMatchObject({ name: 'tfjs', tfBackend: 'wasm' });
      expect(onThreads(tfjs(name)).description).toContain('WebAssembly, as native TensorFlow runs in one thread');
    }
  });

  it('is what was chosen everywhere else', () => {
    const onnx: ActiveActBackend = { name: 'onnx', description: 'ONNX Runtime', tfBackend: 'node' };
    for (const acting of [onnx, tfjs('wasm'), tfjs('cpu')]) expect(onThreads(acting)).toEqual(acting);
  });

  it('is asked for several threads, or for games that are played while the network learns', () => {
    const { acting } = tiny;
    expect(playsOnThreads(acting)).toBe(false);
    expect(playsOnThreads({ ...acting, workers: 2 })).toBe(true);
    expect(playsOnThreads({ ...acting, play: 'meanwhile' })).toBe(true);
    expect(playsOnThreads({ ...acting, workers: 2, games: 1 })).toBe(false);
    expect(playsOnThreads({ ...acting, play: 'meanwhile', games: 0 })).toBe(false);
  });
});
