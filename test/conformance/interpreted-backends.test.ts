import { describe, expect, it } from 'vitest';
import { findBackend } from '../../agent/src/backends/backends.js';
import { pickCpus } from '../../agent/src/device/cpu.js';
import type { NumberFormat } from '../../agent/src/plan/plan.js';
import { withHarness } from '../../agent/src/process/harness.js';
import { compareWithOracle } from '../support/conformance.js';
import { CASES } from '../support/conformance-cases.js';
import { expectInputKinds } from '../support/inputs.js';

// The backends whose child is a script, against the slow oracle: fewer cases and shapes than C, as every one starts an
// interpreter and compiles anew.

const signal = new AbortController().signal;

const RAGGED = { m: 17, k: 29, n: 23 };
const FEWER_THAN_BLOCKS = { m: 1, k: 5, n: 3 };

const NAMES = ['standard <2,3,4>', 'Strassen twice', 'Strassen with thirds'];

for (const name of ['jax', 'gpujs-cpu', 'gpujs-webasm', 'gpujs-webgpu']) {
  const backend = findBackend(name);
  describe(name, () => {
    for (const { name: algorithm, levels: load } of CASES.filter((each) => NAMES.includes(each.name))) {
      const formats: readonly NumberFormat[] = algorithm.startsWith('standard') ? (backend?.dtypes ?? []) : ['f32'];
      for (const dtype of formats) {
        it(`${algorithm}, ${dtype}, equals the oracle`, async (context) => {
          const probe = await backend?.find(signal);
          if (backend === undefined || probe === undefined) throw new Error(`there is no backend ${name}`);
          if (!probe.ok) return context.skip(`${name}: ${probe.reason}`);
          const { harness, blas, compile } = probe.toolchain;
          const program = backend.program(backend.variants[0], await load(), dtype);
          const compiled = await compile(program.source(), { signal, deadlineSeconds: 60 });
          if (!compiled.ok) throw new Error(compiled.end.stderr);
          const shapes = algorithm === 'Strassen twice' ? [RAGGED, FEWER_THAN_BLOCKS] : [RAGGED];
          for (const dimensions of shapes) {
            await compareWithOracle(
              { harness, blas: blas[0], programs: { C: compiled.path }, dimensions, dtype, cpus: pickCpus(1) },
              program,
            );
          }
        }, 120_000);
      }
    }

    it('says where and on what its child computes, times it, and knows its own error', async (context) => {
      const probe = await backend?.find(signal);
      if (probe === undefined) throw new Error(`there is no backend ${name}`);
      if (!probe.ok) return context.skip(`${name}: ${probe.reason}`);
      const { harness, blas } = probe.toolchain;
      const [dimensions, cpus] = [{ m: 60, k: 50, n: 40 }, pickCpus(1)];
      const limits = { seed: 3, memoryBytes: 2 ** 31, cpuSeconds: 60, startSeconds: 60, signal };
      const options = {
        ...limits,
        harness,
        blas: blas[0],
        programs: {},
        dimensions,
        dtype: 'f32',
        cpus,
      } as const;
      await withHarness(options, async (child) => {
        const { name: baseline, accelerator, compileSeconds } = await child.introduction();
        expect(baseline).toBe(blas[0].name);
        expect(compileSeconds).toBeGreaterThan(0);
        // A Vulkan driver that computes on the processor must not pass for a graphics card.
        if (/llvmpipe|lavapipe|swiftshader/i.test(accelerator)) expect(accelerator).toContain('(software)');
        // jax says itself what it found; the engines are as they are called.
        if (name !== 'jax') expect(accelerator !== '').toBe(name === 'gpujs-webgpu');
        await child.run('B', 20);
        expect((await child.errors(20)).relativeError).toBeLessThan(1e-6);
        await child.keep(20);
        expect(await child.compare(20)).toMatchObject({ different: 0, relativeError: 0 });
        await child.fillRandom('zero-mean', 20);
        await child.run('B', 20);
        expect(await child.compare(20)).not.toMatchObject({ different: 0 });
        const { seconds, cpuSeconds } = await child.sample('B', 3, 20);
        expect(seconds).toBeGreaterThan(0);
        expect(cpuSeconds).toBeGreaterThanOrEqual(0);
        await expectInputKinds(child, dimensions);
        await expect(child.run('X', 20)).rejects.toThrow('There is no side X');
      });
    }, 60_000);
  });
}

describe('gpujs-webgpu on a software adapter', () => {
  it('refuses what does not fit in one of its buffers', async (context) => {
    const backend = findBackend('gpujs-webgpu')!;
    const probe = await backend.find(signal);
    if (!probe.ok) return context.skip(probe.reason);
    const { harness, compiler, compile, blas } = probe.toolchain;
    if (!compiler.version.includes('(software)')) return context.skip('what a graphics card can hold differs');
    const twice = await CASES.find(({ name }) => name === 'Strassen twice')!.levels();
    const compiled = await compile(backend.program('pipeline', twice, 'f32').source(), { signal, deadlineSeconds: 60 });
    if (!compiled.ok) throw new Error(compiled.end.stderr);
    const limits = { seed: 3, memoryBytes: 2 ** 31, cpuSeconds: 60, startSeconds: 60, signal };
    const dimensions = { m: 4096, k: 2700, n: 1 };
    const of = { harness, blas: blas[0], programs: { C: compiled.path }, dimensions, dtype: 'f32' } as const;
    await withHarness({ ...limits, ...of, cpus: pickCpus(1) }, async (child) => {
      await expect(child.introduction()).rejects.toThrow('134217728 per storage buffer');
      expect(child.refusal).toMatchObject({ refused: 'memory' });
    });
  }, 60_000);
});
