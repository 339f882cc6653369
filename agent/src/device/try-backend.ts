import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { messageOf, strassen } from '@alphatensor-edge/shared';
import { cProgram, VARIANTS, type Variant } from '../codegen/c/variant.js';
import { memoryLimit, memoryNeed } from '../measure/memory.js';
import { childFailure, compileFailure, type JobFacts } from '../measure/outcome.js';
import { cpuSecondsFor, patienceFor } from '../measure/patience.js';
import { resolveProtocol } from '../measure/protocol.js';
import { runCandidate } from '../measure/runner.js';
import type { DType } from '../plan/plan.js';
import { type CToolchain, findToolchain } from '../toolchain/backends.js';
import { compileProgram, probeCompiler } from '../toolchain/c-compiler.js';
import { cacheSizes, pickCpus, vectorIsa } from '../toolchain/cpu.js';
import { withHostLock } from '../toolchain/host-lock.js';
import type { BackendFinding, ProgramFinding } from './diagnosis.js';

/** Small, and cut into blocks with ragged edges. */
const SHAPE = { m: 41, k: 50, n: 63 };
const COMPILE_SECONDS = 60;

/** What came of a backend, and its toolchain if it has one. Rejects only when the signal says so. */
export async function tryBackend(
  name: string,
  signal: AbortSignal,
): Promise<{ finding: BackendFinding; toolchain?: CToolchain }> {
  let compiler = '';
  const failed = (problem: string) => ({ finding: { name, compiler, programs: [], problem } });
  try {
    const probe = await probeCompiler(name);
    if (!probe.ok) return failed(probe.reason);
    compiler = probe.compiler.version;
    const found = await findToolchain(name, signal);
    if (!found.ok) return failed(found.reason);
    const { toolchain } = found;
    const programs: ProgramFinding[] = [];
    for (const variant of VARIANTS) {
      for (const dtype of ['f32', 'f64'] as const) programs.push(await tryProgram(toolchain, variant, dtype, signal));
    }
    const problem = programs.find((program) => program.problem !== '')?.problem ?? '';
    return { finding: { name, compiler, programs, problem }, toolchain };
  } catch (error) {
    signal.throwIfAborted();
    return failed(messageOf(error));
  }
}

/** Generates, compiles, runs and checks one program as a measurement does. */
async function tryProgram(
  { compiler, harness, blas }: CToolchain,
  variant: Variant,
  dtype: DType,
  signal: AbortSignal,
): Promise<ProgramFinding> {
  const program = cProgram(variant, [strassen()], dtype, { vectorIsa: vectorIsa(), caches: cacheSizes() });
  // No two programs are the same, so that this one is not found in the cache; it is not left there either.
  const source = `${program.source()}/* at-agent doctor, ${randomUUID()} */\n`;
  const compiled = await compileProgram(compiler, source, { signal, deadlineSeconds: COMPILE_SECONDS });
  signal.throwIfAborted();
  const facts: JobFacts = { jobId: '', compileSeconds: 0, compileCached: false, workspaceBytes: 0 };
  if (!compiled.ok) {
    const { message, diagnostics } = compileFailure(facts, compiler.command, compiled.end, COMPILE_SECONDS);
    const problem = `${message} ${firstLine(diagnostics)}`.trim();
    return { variant, dtype, compileSeconds: compiled.end.seconds, relativeError: null, problem };
  }
  const tried = { variant, dtype, compileSeconds: compiled.seconds };
  try {
    const problem = { ...SHAPE, dtype, threads: 1 };
    const protocol = { ...resolveProtocol(null, dtype), minRounds: 3, maxRounds: 3, minSampleSeconds: 0.001 };
    const patience = patienceFor(problem);
    const result = await withHostLock(signal, () =>
      runCandidate({
        child: {
          harness,
          blas: blas[0].library,
          memoryBytes: memoryLimit(memoryNeed(problem, [program.workspaceBytes(problem, 1)]), 1),
          cpuSeconds: cpuSecondsFor(1, protocol, patience),
          cpus: pickCpus(1),
          signal,
        },
        candidate: compiled.path,
        own: undefined,
        problem,
        protocol: { ...protocol, minWarmupSeconds: 0.001 },
        exactRange: program.exactRange(problem),
        vendor: blas[0].vendor,
        patience,
        onProgress: () => undefined,
      }),
    );
    signal.throwIfAborted();
    if (result.kind === 'measured') {
      return { ...tried, relativeError: result.measurement.relativeError, problem: '' };
    }
    return { ...tried, relativeError: null, problem: childFailure(facts, result).message };
  } finally {
    await rm(compiled.path, { force: true });
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0];
}
