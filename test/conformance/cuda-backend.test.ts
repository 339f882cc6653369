import { afterAll, beforeAll, describe, expect, it, type TestContext, vi } from 'vitest';
import type { Toolchain } from '../../agent/src/backends/backend.js';
import { findBackend } from '../../agent/src/backends/backends.js';
import { compileCached } from '../../agent/src/backends/compile.js';
import { compileCudaProgram, freeCudaMemory, HARNESS_SOURCES } from '../../agent/src/backends/cuda.js';
import { findCublas, findNvcc, type Nvcc } from '../../agent/src/backends/cuda-toolkit.js';
import { cudaProgram } from '../../agent/src/codegen/cuda/program.js';
import { runJob } from '../../agent/src/job/run-job.js';
import { resolveProtocol } from '../../agent/src/measure/protocol.js';
import type { NumberFormat } from '../../agent/src/plan/plan.js';
import { withHarness } from '../../agent/src/process/harness.js';
import type { VerifiedFactorization } from '../../shared/src/index.js';
import { compareWithOracle } from '../support/conformance.js';
import { CASES, SHAPES } from '../support/conformance-cases.js';
import { EmulatedCuda, whyNotEmulated } from '../support/cuda.js';
import { needsData } from '../support/data.js';
import { temporaryFolder } from '../support/trainer-process.js';

// Where no GPU runs, the sources of the CUDA child and of its programs are compiled for the processor and compared with the
// slow oracle; and nvcc, where it is installed, compiles them for a GPU.

const signal = new AbortController().signal;
const caseOf = (wanted: string): Promise<VerifiedFactorization[]> =>
  Promise.resolve(CASES.find(({ name }) => name === wanted)!.levels());

const missing = whyNotEmulated();

describe.skipIf(missing !== undefined)(
  `CUDA on an emulated GPU${missing === undefined ? '' : `: skipped, ${missing}`}`,
  () => {
    const folder = temporaryFolder();
    const emulated = new EmulatedCuda(folder.path);
    let harness: string;
    beforeAll(() => {
      harness = emulated.harness();
    });
    afterAll(folder.remove);

    // Blocks that are whole, by the 16 bytes that rows are padded to, and those that are not.
    const WHOLE = { m: 32, k: 96, n: 128 };
    const HALVES: readonly NumberFormat[] = ['f64', 'f16', 'bf16'];
    const cases = CASES.filter(({ threads }) => threads === undefined).flatMap((each) => [
      { ...each, dtype: 'f32' as NumberFormat },
      ...(each.everyCompiler && !each.long ? HALVES.map((dtype) => ({ ...each, dtype })) : []),
    ]);

    for (const { name, levels: load, dtype, fromData } of cases) {
      it(`${name}, ${dtype}, equals the oracle`, async (context) => {
        if (fromData) needsData(context);
        const program = cudaProgram(await load(), dtype);
        const programs = { C: emulated.program(program.source()) };
        for (const dimensions of [...SHAPES, WHOLE]) {
          await compareWithOracle(
            { harness, blas: { library: 'cublas' }, programs, dimensions, dtype, cpus: [0] },
            program,
          );
        }
      });
    }

    it.for(['f32', 'f16'] as const)('reads and writes nothing beyond its matrices, %s', async (dtype) => {
      const sanitized = temporaryFolder();
      const checked = new EmulatedCuda(sanitized.path, true);
      const program = cudaProgram(await caseOf('Strassen'), dtype);
      const options = { harness: checked.harness(), programs: { C: checked.program(program.source()) } };
      for (const dimensions of SHAPES) {
        await compareWithOracle({ ...options, blas: { library: 'cublas' }, dimensions, dtype, cpus: [0] }, program);
      }
      sanitized.remove();
    });

    it('is exact in TF32 on what TF32 can hold, and less so on what it cannot', async () => {
      const tf32 = cudaProgram(await caseOf('Strassen twice'), 'f32', 'f16');
      const programs = { C: emulated.program(tf32.source()) };
      const dimensions = { m: 40, k: 56, n: 72 };
      expect(tf32.exactRange({ ...dimensions, dtype: 'f32' })).toBeGreaterThan(0);
      await compareWithOracle(
        { harness, blas: { library: 'cublas-tf32' }, programs, dimensions, dtype: 'f32', cpus: [0] },
        tf32,
      );
      const errors: Record<string, number> = {};
      for (const blas of ['cublas', 'cublas-tf32']) {
        const limits = { seed: 2, memoryBytes: 2 ** 31, cpuSeconds: 60, startSeconds: 20, signal };
        await withHarness(
          { ...limits, harness, blas: { library: blas }, programs, dimensions, dtype: 'f32', cpus: [0] },
          async (child) => {
            expect(await child.introduction()).toMatchObject({ name: 'cuBLAS', accelerator: 'emulated GPU' });
            for (const side of ['B', 'C']) {
              await child.run(side, 20);
              errors[`${blas} ${side}`] = (await child.errors(20)).relativeError;
            }
            await child.keep(20);
            expect(await child.compare(20)).toMatchObject({ different: 0 });
            await child.fillRandom('zero-mean', 20);
            await child.run('C', 20);
            expect(await child.compare(20)).not.toMatchObject({ different: 0 });
            const { total, pack, multiply, combine } = await child.phases('C', 2, 20);
            expect((pack + multiply + combine) / total).toBeLessThanOrEqual(1.001);
            expect(Math.min(pack, multiply, combine)).toBeGreaterThan(0);
            expect((await child.sample('C', 2, 20)).seconds).toBeGreaterThan(0);
            await expect(child.run('X', 20)).rejects.toThrow('There is no such side');
          },
        );
      }
      expect(errors['cublas C']).toBeLessThan(2e-6);
      expect(errors['cublas-tf32 B']).toBeGreaterThan(1e-5);
      expect(errors['cublas-tf32 C']).toBeGreaterThan(errors['cublas-tf32 B']);
    });

    it('counts the memory of the GPU, not of the host', async () => {
      const backend = findBackend('cuda')!;
      const GIB = 2 ** 30;
      const measured = (n: number, freeBytes: number) => {
        const child = { command: harness, args: [], env: { AT_EMULATED_FREE_BYTES: String(freeBytes) } };
        const toolchain: Toolchain = {
          compiler: { command: 'g++', version: 'emulated', flags: [] },
          harness: child,
          blas: [
            { name: 'cuBLAS', version: '', library: 'cublas', configuration: '', thirdParty: true, environment: {} },
          ],
          controlSize: 16,
          freeDeviceMemory: () => freeCudaMemory(child),
          compile: async (source) => ({ ok: true, path: emulated.program(source), cached: false, seconds: 0 }),
        };
        const find = vi.spyOn(backend, 'find').mockResolvedValue({ ok: true, toolchain });
        const protocol = { ...resolveProtocol(null, 'f32'), minRounds: 3, maxRounds: 3, minSampleSeconds: 0.001 };
        const problem = { m: n, k: n, n, dtype: 'f32', threads: 1 } as const;
        const rest = { backend: 'cuda', variant: '', protocol, compileTimeoutSeconds: 60, tunePlans: 0 };
        return caseOf('Strassen')
          .then((levels) => runJob({ jobId: 'memory', levels, problem, ...rest }, { signal, onProgress: () => {} }))
          .finally(() => find.mockRestore());
      };
      // Matrices of 3072 bytes, and 7 times as much as one of their blocks holds for each of three kinds.
      expect(await measured(16, 20_000)).toMatchObject({ kind: 'OUTCOME_KIND_MEASURED' });
      const refused = await measured(16, 5000);
      expect(refused.kind).toBe('OUTCOME_KIND_OUT_OF_MEMORY');
      expect(refused.message).toContain("of the accelerator's memory");
      // More than any host has: an accelerator that held it would not help.
      const large = await measured(2 ** 20, 2 ** 20 * GIB);
      expect(large.message).toMatch(/^It needs \d+ MiB \(matrices \d+ MiB, workspace 0 MiB, a copy of C\)/);
    });

    it('refuses what is of another format, and a mode that the format does not have', async () => {
      const programs = { C: emulated.program(cudaProgram(await caseOf('Strassen'), 'f32').source()) };
      const limits = { seed: 2, memoryBytes: 2 ** 31, cpuSeconds: 60, startSeconds: 20, signal };
      const options = { ...limits, harness, dimensions: { m: 2, k: 2, n: 2 }, cpus: [0] };
      const introduce = (dtype: NumberFormat, library: string, sides = programs) =>
        withHarness({ ...options, blas: { library }, dtype, programs: sides }, (child) => child.introduction());
      await expect(introduce('f64', 'cublas')).rejects.toThrow('another version or number format');
      await expect(introduce('f64', 'cublas-tf32')).rejects.toThrow('Only matrices in f32');
      await expect(introduce('f32', 'mkl')).rejects.toThrow('must be cublas');
    });
  },
);

describe('nvcc', () => {
  const nvccOrSkip = async (context: TestContext): Promise<Nvcc> => {
    const nvcc = await findNvcc();
    return nvcc ?? context.skip('nvcc is not installed');
  };
  const compilerOf = ({ command, version }: Nvcc) => ({
    command,
    version,
    flags: ['-O3', '-std=c++17', '-arch=sm_90', '-Werror', 'all-warnings'],
  });

  it.for([
    ['Strassen twice', 'f16'],
    ['Winograd over Laderman, in steps', 'f32'],
    ['Strassen with thirds', 'f64'],
    ['Winograd with halves', 'bf16'],
  ] as const)('compiles %s, %s, for a GPU', async ([name, dtype], context) => {
    const compiler = compilerOf(await nvccOrSkip(context));
    const source = cudaProgram(await caseOf(name), dtype).source();
    const compiled = await compileCudaProgram(compiler, source, { signal, deadlineSeconds: 100 });
    expect(compiled).toMatchObject({ ok: true });
  });

  it('compiles the measuring child over the headers of cuBLAS', async (context) => {
    const nvcc = await nvccOrSkip(context);
    const cublas = (await findCublas(nvcc)) ?? context.skip(`cuBLAS ${nvcc.release} is not installed`);
    const args = [`-I${cublas.include}`, ...HARNESS_SOURCES, '-Xlinker', cublas.library, '-ldl'];
    const folder = temporaryFolder();
    const compiled = await compileCached(
      { ...compilerOf(nvcc), flags: ['-O3', '-std=c++17', '-arch=sm_90'] },
      `test-${process.pid}.cuda-harness`,
      { signal, deadlineSeconds: 100 },
      async () => args,
    );
    folder.remove();
    expect(compiled).toMatchObject({ ok: true });
  });

  it('is what the backend misses where it is not installed, and a GPU where it is', async () => {
    expect(await findNvcc('/nowhere/nvcc')).toBeUndefined();
    const found = await findBackend('cuda')!.find(signal);
    if (!found.ok)
      expect(found.reason).toMatch(/^(nvcc is not|cuBLAS [\d.]+ .* is not installed|(there is )?no NVIDIA GPU)/);
    else expect(found.toolchain.blas[0]).toMatchObject({ name: 'cuBLAS', thirdParty: true });
  });
});
