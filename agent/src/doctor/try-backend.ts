import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { messageOf, strassen } from '@alphatensor-edge/shared';
import type { Backend, Toolchain } from '../backends/backend.js';
import { pickCpus } from '../device/cpu.js';
import { childFailure, compileFailure, type JobFacts } from '../job/outcome.js';
import { memoryLimit, memoryNeed } from '../measure/memory.js';
import { cpuSecondsFor, patienceFor } from '../measure/patience.js';
import { resolveProtocol } from '../measure/protocol.js';
import { runCandidate } from '../measure/runner.js';
import type { NumberFormat } from '../plan/plan.js';
import { withHostLock } from '../process/host-lock.js';
import type { BackendFinding, ProgramFinding } from './diagnosis.js';

/** Small, and cut into blocks with ragged edges. */
const SHAPE = { m: 41, k: 50, n: 63 };
const COMPILE_SECONDS = 60;

/** What came of a backend, and its toolchain if it has one. Rejects only when the signal says so. */
export async function tryBackend(
  backend: Backend,
  signal: AbortSignal,
): Promise<{ finding: BackendFinding; toolchain?: Toolchain }> {
  const { name, variants, dtypes } = backend;
  let compiler = '';
  const failed = (problem: string) => ({ finding: { name, compiler, programs: [], problem } });
  try {
    const found = await backend.find(signal);
    signal.throwIfAborted();
    if (!found.ok) return failed(found.reason);
    const { toolchain } = found;
    compiler = toolchain.compiler.version;
    const programs: ProgramFinding[] = [];
    for (const variant of variants) {
      for (const dtype of dtypes) programs.push(await tryProgram(backend, toolchain, variant, dtype, signal));
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
  backend: Backend,
  { compiler, harness, blas, compile }: Toolchain,
  variant: string,
  dtype: NumberFormat,
  signal: AbortSignal,
): Promise<ProgramFinding> {
  const program = backend.program(variant, [strassen()], dtype);
  // No two programs are the same, so that this one is not found in the cache; it is not left there either.
  const source = `${program.source()}\n${blanks(randomUUID())}\n`;
  const compiled = await compile(source, { signal, deadlineSeconds: COMPILE_SECONDS });
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
    const protocol = {
      ...resolveProtocol(null, backend.precision ?? dtype),
      minRounds: 3,
      maxRounds: 3,
      minSampleSeconds: 0.001,
    };
    const patience = patienceFor(problem);
    const result = await withHostLock(signal, () =>
      runCandidate({
        child: {
          harness,
          blas: blas[0],
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
        thirdParty: blas[0].thirdParty,
        baselineName: blas[0].name,
        patience,
        onProgress: () => undefined,
      }),
    );
    signal.throwIfAborted();
    if (result.kind === 'measured') {
      const compileSeconds = compiled.seconds + result.introduction.compileSeconds;
      return { ...tried, compileSeconds, relativeError: result.measurement.relativeError, problem: '' };
    }
    return { ...tried, relativeError: null, problem: childFailure(facts, result).message };
  } finally {
    await rm(compiled.path, { force: true });
  }
}

/** A text as spaces and tabs, which no language minds at the end. */
function blanks(text: string): string {
  const bits = [...Buffer.from(text)].map((byte) => byte.toString(2)).join('');
  return bits.replaceAll('0', ' ').replaceAll('1', '\t');
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0];
}
