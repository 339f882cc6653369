import { freemem, release, type } from 'node:os';
import type { Environment, Interval, Outcome } from '@alphatensor-edge/proto';
import { AlphaTensorError, isExact, messageOf, standard, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { generateProgram } from '../codegen/c/program.js';
import { exactRange } from '../plan/exact-range.js';
import { planProgram } from '../plan/plan.js';
import { type CToolchain, findToolchain, VARIANTS } from '../toolchain/backends.js';
import { C_COMPILERS, compileProgram } from '../toolchain/c-compiler.js';
import { cpuModel, pickCpus, vectorIsa } from '../toolchain/cpu.js';
import { withHostLock } from '../toolchain/host-lock.js';
import { AGENT_VERSION } from '../version.js';
import { aaControl } from './aa-control.js';
import type { Job, JobHooks } from './job.js';
import { memoryLimit, memoryNeed, memoryShortage } from './memory.js';
import { childFailure, compileFailure, failure, type JobFacts } from './outcome.js';
import { cpuSecondsFor, patienceFor } from './patience.js';
import { type RunOptions, type RunResult, runCandidate, throttled } from './runner.js';

/**
 * Compiles, checks and times one candidate. What happens to it is the outcome, whatever that is; rejects only for faults of
 * ours or of the device.
 */
export async function benchmark(job: Job, hooks: JobHooks): Promise<Outcome> {
  const unknown: JobFacts = { jobId: job.jobId, compileSeconds: 0, compileCached: false, workspaceBytes: 0 };
  try {
    return await prepareAndRun(job, hooks, unknown);
  } catch (error) {
    if (hooks.signal.aborted) return failure(unknown, 'OUTCOME_KIND_CANCELLED', 'The job was cancelled.');
    throw error;
  }
}

async function prepareAndRun(job: Job, hooks: JobHooks, unknown: JobFacts): Promise<Outcome> {
  const { problem, protocol } = job;
  const refusal = whyUnsupported(job);
  if (refusal !== undefined) return failure(unknown, 'OUTCOME_KIND_UNSUPPORTED', refusal);
  const own = protocol.includeOwnGemm ? [standard({ n: 1, m: 1, p: 1 })] : undefined;
  const plans = [planProgram(job.levels, problem), ...(own === undefined ? [] : [planProgram(own, problem)])];
  const need = memoryNeed(plans);
  const facts = { ...unknown, workspaceBytes: need.workspace };
  const shortage = memoryShortage(need, freemem());
  if (shortage !== undefined) return failure(facts, 'OUTCOME_KIND_OUT_OF_MEMORY', shortage);

  const probe = await findToolchain(job.backend, hooks.signal);
  if (!probe.ok) return failure(facts, 'OUTCOME_KIND_UNSUPPORTED', `${job.backend} is not available: ${probe.reason}`);
  const built = await build(job, hooks, own, probe.toolchain, facts);
  if (!built.ok) return built.outcome;
  return withHostLock(hooks.signal, () => measure(job, hooks, probe.toolchain, need, built));
}

/** Why this version cannot carry the job out; undefined if it can. */
function whyUnsupported({ backend, variant, levels, problem }: Job): string | undefined {
  if (!(backend in C_COMPILERS)) {
    return `There is no backend "${backend}"; there are ${Object.keys(C_COMPILERS).join(', ')}.`;
  }
  if (variant !== '' && !VARIANTS.some((known) => known === variant)) {
    return `${backend} has no variant "${variant}"; it has ${VARIANTS.join(', ')}.`;
  }
  const cpus = pickCpus(problem.threads).length;
  if (cpus < problem.threads) return `${problem.threads} threads were asked for, and there are ${cpus} CPUs.`;
  const modulo2 = levels.findIndex(
    (level) => level.arithmetic === 'modulo-2' && !isExact({ ...level, arithmetic: 'standard' }),
  );
  if (modulo2 >= 0) {
    return `Level ${modulo2} is exact modulo 2 only; a product of real matrices needs a factorization in standard arithmetic.`;
  }
  return undefined;
}

type Built =
  | {
      readonly ok: true;
      readonly facts: JobFacts;
      readonly candidate: string | undefined;
      readonly own: string | undefined;
    }
  | { readonly ok: false; readonly outcome: Outcome };

/** Compiles the candidate, and the engine with <1,1,1> where it is asked for. */
async function build(
  job: Job,
  { signal, onProgress }: JobHooks,
  own: readonly VerifiedFactorization[] | undefined,
  { compiler }: CToolchain,
  facts: JobFacts,
): Promise<Built> {
  const deadlineSeconds = job.compileTimeoutSeconds;
  onProgress({ kind: 'compiling', compiler: compiler.version });
  let known = facts;
  const paths: (string | undefined)[] = [];
  for (const levels of [job.levels, own]) {
    if (levels === undefined || levels.length === 0) {
      paths.push(undefined);
      continue;
    }
    const source = generate(levels, job.problem.dtype);
    if (!source.ok) return { ok: false, outcome: failure(known, 'OUTCOME_KIND_UNSUPPORTED', source.reason) };
    const compiled = await compileProgram(compiler, source.text, { signal, deadlineSeconds });
    if (!compiled.ok) {
      const outcome = compileFailure(
        { ...known, compileSeconds: compiled.end.seconds },
        compiler.command,
        compiled.end,
        deadlineSeconds,
      );
      return { ok: false, outcome };
    }
    paths.push(compiled.path);
    if (levels === job.levels) {
      known = { ...known, compileSeconds: compiled.seconds, compileCached: compiled.cached };
    }
  }
  return { ok: true, facts: known, candidate: paths[0], own: paths[1] };
}

function generate(
  levels: readonly VerifiedFactorization[],
  dtype: Job['problem']['dtype'],
): { ok: true; text: string } | { ok: false; reason: string } {
  try {
    return { ok: true, text: generateProgram(levels, dtype) };
  } catch (error) {
    if (error instanceof AlphaTensorError && error.code === 'INVALID_ARGUMENT')
      return { ok: false, reason: messageOf(error) };
    throw error;
  }
}

async function measure(
  job: Job,
  { signal, onProgress }: JobHooks,
  toolchain: CToolchain,
  need: ReturnType<typeof memoryNeed>,
  { facts, candidate, own }: Built & { ok: true },
): Promise<Outcome> {
  const { problem, protocol, levels } = job;
  const { harness } = toolchain;
  const blas = toolchain.blas[0];
  const cpus = pickCpus(problem.threads);
  const patience = patienceFor(problem);
  const control = await aaControl(harness, blas, problem.dtype, problem.threads, signal);
  const startedAt = new Date().toISOString();
  const options: RunOptions = {
    child: {
      harness,
      blas: blas.library,
      memoryBytes: memoryLimit(need, problem.threads),
      cpuSeconds: cpuSecondsFor(problem.threads, protocol, patience),
      cpus,
      signal,
    },
    candidate,
    own,
    problem,
    protocol,
    exactRange: exactRange(levels, problem, problem.dtype),
    vendor: blas.vendor,
    patience,
    onProgress,
  };
  const result = await runCandidate(options);
  if (result.kind !== 'measured') return childFailure(facts, result);
  return {
    ...facts,
    kind: 'OUTCOME_KIND_MEASURED',
    message: '',
    diagnostics: '',
    overErrorBound: false,
    measurement: {
      ...result.measurement,
      aaControl: control,
      fasterThanVendor:
        result.measurement.fasterThanVendor && (result.measurement.speedup?.low ?? 0) > controlDifference(control),
      flags: [...result.measurement.flags, ...controlFlags(control)],
    },
    environment: environmentOf(job, toolchain, cpus, startedAt, result),
  };
}

/** A control that finds a difference where there is none says how little smaller ones mean. */
function controlFlags(control: Interval): string[] {
  if (controlDifference(control) === 1) return [];
  return [`the vendor against itself shows ${control.estimate.toFixed(3)}: differences of that size mean nothing now`];
}

/** The speed-up, from 1 on, that the vendor has over itself or the other way round; 1 if none is seen. */
export function controlDifference({ estimate, low, high }: Interval): number {
  return low <= 1 && high >= 1 ? 1 : Math.max(estimate, 1 / estimate);
}

function environmentOf(
  { backend, variant }: Job,
  { compiler, blas }: CToolchain,
  pinnedCpus: number[],
  startedAt: string,
  { introduction, before, after, vendorThreads }: RunResult & { kind: 'measured' },
): Environment {
  const { throttleCount: _, ...state } = after;
  const wasThrottled = throttled(before, after);
  return {
    agentVersion: AGENT_VERSION,
    backend,
    variant: variant || VARIANTS[0],
    compiler: compiler.version,
    compilerFlags: compiler.flags.join(' '),
    blas: blas[0],
    vendorThreads,
    cpuModel: cpuModel(),
    vectorIsa: vectorIsa(),
    os: type(),
    kernel: release(),
    pinnedCpus,
    ...state,
    ...(wasThrottled === undefined ? {} : { throttled: wasThrottled }),
    pagePolicy: pagePolicy(introduction.hugePageKilobytes),
    startedAt,
  };
}

function pagePolicy(hugePageKilobytes: number): string {
  if (hugePageKilobytes < 0) return 'transparent huge pages asked for';
  return `transparent huge pages asked for, ${Math.round(hugePageKilobytes / 1024)} MiB granted`;
}
