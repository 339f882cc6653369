import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { messageOf, strassen } from '@alphatensor-edge/shared';
import type { Backend, Toolchain } from '../backends/backend.js';
import { buildPrograms } from '../job/build.js';
import { checkPrograms } from '../job/check.js';
import { isOutcome, noFacts } from '../job/failure.js';
import type { Job } from '../job/job.js';
import { inChild } from '../job/load.js';
import { SIDE } from '../job/sides.js';
import { timePrograms } from '../job/time.js';
import { resolveProtocol } from '../measure/protocol.js';
import type { NumberFormat } from '../plan/plan.js';
import { withHostLock } from '../process/host-lock.js';
import type { BackendFinding, ProgramFinding } from './diagnosis.js';

/** A small product that is cut into blocks with ragged edges. */
const SHAPE = { m: 41, k: 50, n: 63 };
const COMPILE_SECONDS = 60;

/** Tries a backend, and gives its toolchain if it has one. Rejects only when the signal aborts. */
export async function tryBackend(
  backend: Backend,
  signal: AbortSignal,
): Promise<{ finding: BackendFinding; toolchain?: Toolchain | undefined }> {
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

/** Generates, compiles, runs, checks and times one program, by the stages of a job. */
async function tryProgram(
  backend: Backend,
  toolchain: Toolchain,
  variant: string,
  dtype: NumberFormat,
  signal: AbortSignal,
): Promise<ProgramFinding> {
  const hooks = { signal, onProgress: () => undefined };
  const job = jobFor(backend, variant, dtype);
  const candidate = backend.program(variant, job.levels, dtype);
  // Every program is different, so that it is not found in the cache; nor is it left there.
  const text = `${candidate.source()}\n${blanks(randomUUID())}\n`;
  const programs = { candidate: { ...candidate, source: () => text } };
  const built = await buildPrograms({ job, backend, toolchain, programs, facts: noFacts(job) }, hooks);
  signal.throwIfAborted();
  if (isOutcome(built)) {
    const problem = `${built.message} ${firstLine(built.diagnostics)}`.trim();
    return { variant, dtype, compileSeconds: built.compileSeconds, relativeError: null, problem };
  }
  const tried = { variant, dtype, compileSeconds: built.facts.compileSeconds };
  try {
    const timed = await withHostLock({ signal }, () =>
      inChild(built, hooks, async (loaded) => {
        const checked = await checkPrograms(loaded);
        return isOutcome(checked) ? checked : timePrograms(checked, hooks);
      }),
    );
    signal.throwIfAborted();
    if (isOutcome(timed)) return { ...tried, relativeError: null, problem: timed.message };
    const compileSeconds = tried.compileSeconds + timed.introduction.compileSeconds;
    return { ...tried, compileSeconds, relativeError: timed.verdict.relativeErrors[SIDE.candidate], problem: '' };
  } finally {
    if (built.paths.candidate !== undefined) await rm(built.paths.candidate, { force: true });
  }
}

/** Makes a job that takes as little time as possible. */
function jobFor({ name, precision }: Backend, variant: string, dtype: NumberFormat): Job {
  return {
    jobId: '',
    levels: [strassen()],
    problem: { ...SHAPE, dtype, threads: 1 },
    backend: name,
    variant,
    protocol: {
      ...resolveProtocol(null, precision ?? dtype),
      minRounds: 3,
      maxRounds: 3,
      minSampleSeconds: 0.001,
      minWarmupSeconds: 0.001,
    },
    compileTimeoutSeconds: COMPILE_SECONDS,
    tunePlans: 0,
  };
}

/** Turns a text into spaces and tabs, which every language allows at the end. */
function blanks(text: string): string {
  const bits = [...Buffer.from(text)].map((byte) => byte.toString(2)).join('');
  return bits.replaceAll('0', ' ').replaceAll('1', '\t');
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0];
}
