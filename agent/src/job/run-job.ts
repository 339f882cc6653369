import { release, type } from 'node:os';
import type { Blas, Environment, Interval, Outcome } from '@alphatensor-edge/proto';
import { AlphaTensorError, isExact, messageOf, standard, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { Backend, Program, Toolchain } from '../backends/backend.js';
import { BACKENDS, findBackend, findToolchain } from '../backends/backends.js';
import { availableMemory } from '../device/available-memory.js';
import { cpuModel, pickCpus, vectorIsa } from '../device/cpu.js';
import { openEnergyMeter } from '../device/energy.js';
import { aaControl } from '../measure/aa-control.js';
import { claim, controlDifference } from '../measure/claim.js';
import { deviceShortage, hostNeed, memoryLimit, memoryNeed, memoryShortage } from '../measure/memory.js';
import { cpuSecondsFor, patienceFor } from '../measure/patience.js';
import { type RunOptions, type RunResult, runCandidate, throttled } from '../measure/runner.js';
import { exactRange } from '../plan/exact-range.js';
import type { KernelPlan } from '../plan/kernel-plan.js';
import { orDiskFull } from '../process/disk-space.js';
import { withHostLock } from '../process/host-lock.js';
import { AGENT_VERSION } from '../version.js';
import type { Job, JobHooks, JobProblem } from './job.js';
import { childFailure, compileFailure, failure, type JobFacts } from './outcome.js';
import { tunedProgram } from './tune.js';

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
    throw orDiskFull(error);
  }
}

async function prepareAndRun(job: Job, hooks: JobHooks, unknown: JobFacts): Promise<Outcome> {
  const { problem } = job;
  const backend = findBackend(job.backend);
  if (backend === undefined) {
    const names = BACKENDS.map(({ name }) => name).join(', ');
    return failure(unknown, 'OUTCOME_KIND_UNSUPPORTED', `There is no backend "${job.backend}"; there are ${names}.`);
  }
  const refusal = whyUnsupported(job, backend);
  if (refusal !== undefined) return failure(unknown, 'OUTCOME_KIND_UNSUPPORTED', refusal);
  const planned = programsOf(job, backend);
  const plannedFacts = { ...unknown, workspaceBytes: workspaceOf(planned.candidate, problem) };
  const probe = await findToolchain(job.backend, hooks.signal);
  if (!probe.ok) {
    return failure(plannedFacts, 'OUTCOME_KIND_UNSUPPORTED', `${job.backend} is not available: ${probe.reason}`);
  }
  const shortage = await shortageOf(needOf(planned, problem), problem, probe.toolchain);
  if (shortage !== undefined) return failure(plannedFacts, 'OUTCOME_KIND_OUT_OF_MEMORY', shortage);
  const programs = await tuned(planned, job, backend, probe.toolchain, hooks);
  const need = probe.toolchain.freeDeviceMemory ? hostNeed(problem) : needOf(programs, problem);
  const facts = { ...unknown, workspaceBytes: workspaceOf(programs.candidate, problem) };
  const built = await build(job, hooks, programs, probe.toolchain, facts);
  if (!built.ok) return built.outcome;
  return withHostLock(hooks.signal, () => measure(job, hooks, probe.toolchain, programs, need, built));
}

function workspaceOf(program: Program | undefined, problem: JobProblem): number {
  return program?.workspaceBytes(problem, problem.threads) ?? 0;
}

function needOf({ candidate, own }: Programs, problem: JobProblem): ReturnType<typeof memoryNeed> {
  return memoryNeed(problem, [workspaceOf(candidate, problem), workspaceOf(own, problem)]);
}

/** Why it would not fit, in the memory where the programs compute or in the host's; undefined if it fits. */
async function shortageOf(
  need: ReturnType<typeof memoryNeed>,
  problem: JobProblem,
  { freeDeviceMemory }: Toolchain,
): Promise<string | undefined> {
  if (freeDeviceMemory === undefined) return memoryShortage(need, availableMemory());
  return deviceShortage(need, await freeDeviceMemory()) ?? memoryShortage(hostNeed(problem), availableMemory());
}

/** The programs with the candidate's plan searched for on the device, where that was asked for. */
async function tuned(
  programs: Programs,
  job: Job,
  backend: Backend,
  toolchain: Toolchain,
  hooks: JobHooks,
): Promise<Programs> {
  const { candidate } = programs;
  if (job.tunePlans === 0 || candidate?.kernel === undefined || !sourceOf(candidate).ok) return programs;
  return { ...programs, candidate: await tunedProgram(job, candidate, candidate.kernel, backend, toolchain, hooks) };
}

/** Why this version cannot carry the job out; undefined if it can. */
function whyUnsupported({ variant, levels, problem }: Job, { name, variants, dtypes }: Backend): string | undefined {
  if (variant !== '' && !variants.includes(variant)) {
    return `${name} has no variant "${variant}"; it has ${variants.join(', ')}.`;
  }
  if (!dtypes.includes(problem.dtype)) {
    return `${name} has no programs in ${problem.dtype}; it has them in ${dtypes.join(', ')}.`;
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

/** What is compiled for a job: the candidate, and the same engine with <1,1,1> where it is asked for. */
interface Programs {
  readonly candidate?: Program;
  readonly own?: Program;
}

function programsOf({ levels, variant, problem, protocol, kernel }: Job, backend: Backend): Programs {
  const program = (of: readonly VerifiedFactorization[], plan?: KernelPlan): Program =>
    backend.program(variant || backend.variants[0], of, problem.dtype, plan);
  return {
    ...(levels.length === 0 ? {} : { candidate: program(levels, kernel) }),
    ...(protocol.includeOwnGemm ? { own: program([standard({ n: 1, m: 1, p: 1 })]) } : {}),
  };
}

type Built =
  | {
      readonly ok: true;
      readonly facts: JobFacts;
      /** Where the compiled programs are. */
      readonly paths: Readonly<Partial<Record<keyof Programs, string>>>;
    }
  | { readonly ok: false; readonly outcome: Outcome };

async function build(
  job: Job,
  { signal, onProgress }: JobHooks,
  programs: Programs,
  { compiler, compile }: Toolchain,
  facts: JobFacts,
): Promise<Built> {
  const deadlineSeconds = job.compileTimeoutSeconds;
  onProgress({ kind: 'compiling', compiler: compiler.version });
  let known = facts;
  const paths: Partial<Record<keyof Programs, string>> = {};
  for (const [role, program] of Object.entries(programs) as [keyof Programs, Program][]) {
    const source = sourceOf(program);
    if (!source.ok) return { ok: false, outcome: failure(known, 'OUTCOME_KIND_UNSUPPORTED', source.reason) };
    const compiled = await compile(source.text, { signal, deadlineSeconds });
    if (!compiled.ok) {
      const outcome = compileFailure(
        { ...known, compileSeconds: compiled.end.seconds },
        compiler.command,
        compiled.end,
        deadlineSeconds,
      );
      return { ok: false, outcome };
    }
    paths[role] = compiled.path;
    if (role === 'candidate') known = { ...known, compileSeconds: compiled.seconds, compileCached: compiled.cached };
  }
  return { ok: true, facts: known, paths };
}

function sourceOf(program: Program): { ok: true; text: string } | { ok: false; reason: string } {
  try {
    return { ok: true, text: program.source() };
  } catch (error) {
    if (error instanceof AlphaTensorError && error.code === 'INVALID_ARGUMENT')
      return { ok: false, reason: messageOf(error) };
    throw error;
  }
}

async function measure(
  job: Job,
  { signal, onProgress }: JobHooks,
  toolchain: Toolchain,
  programs: Programs,
  need: ReturnType<typeof memoryNeed>,
  { facts, paths }: Built & { ok: true },
): Promise<Outcome> {
  const { problem, protocol } = job;
  const { harness } = toolchain;
  const blas = toolchain.blas[0];
  const cpus = pickCpus(problem.threads);
  const patience = patienceFor(problem);
  const control = await aaControl(toolchain, problem, signal);
  const startedAt = new Date().toISOString();
  const options: RunOptions = {
    child: {
      harness,
      blas,
      memoryBytes: memoryLimit(need, problem.threads),
      cpuSeconds: cpuSecondsFor(problem.threads, protocol, patience),
      cpus,
      signal,
    },
    candidate: paths.candidate,
    own: paths.own,
    problem,
    protocol,
    exactRange: exactRangeOf(programs, problem),
    thirdParty: blas.thirdParty,
    baselineName: baselineName(blas),
    // A child that is a script compiles before its first answer.
    patience:
      typeof harness === 'string' ? patience : { ...patience, start: patience.start + job.compileTimeoutSeconds },
    // In a burst the counters, which move once a millisecond, say little.
    energy: protocol.minMeasuringSeconds > 0 ? openEnergyMeter() : undefined,
    onProgress,
  };
  const result = await runCandidate(options);
  if (result.kind !== 'measured') return childFailure(facts, result);
  return {
    ...facts,
    compileSeconds: facts.compileSeconds + result.introduction.compileSeconds,
    kind: 'OUTCOME_KIND_MEASURED',
    message: '',
    diagnostics: '',
    overErrorBound: false,
    measurement: {
      ...result.measurement,
      aaControl: control,
      // The baseline against itself is no candidate.
      ...claim(programs.candidate === undefined ? undefined : result.measurement.speedup, result.doubt, control),
      flags: [...result.measurement.flags, ...controlFlags(control)],
    },
    environment: {
      ...environmentOf(job, programs, toolchain, cpus, startedAt, result),
      ...(programs.candidate?.kernel === undefined ? {} : { kernelPlan: programs.candidate.kernel }),
    },
  };
}

/** As in a sentence. */
function baselineName({ name, library }: Blas): string {
  return library === 'portable' ? 'the portable GEMM' : name;
}

/** Inputs on which every side is exact; the baseline alone computes plain sums of products. */
function exactRangeOf(programs: Programs, problem: JobProblem): number {
  const ranges = Object.values(programs).map((program) => program.exactRange(problem));
  return Math.min(exactRange(1, problem.k, problem.k, problem.dtype), ...ranges);
}

/** A control that finds a difference where there is none, or could not tell one, says how little smaller ones mean. */
function controlFlags(control: Interval): string[] {
  const difference = controlDifference(control);
  if (difference === 1) return [];
  const interval = `${control.low.toFixed(3)}–${control.high.toFixed(3)}`;
  return [
    `the baseline against itself shows ${control.estimate.toFixed(3)} (${interval}): differences up to ${difference.toFixed(3)} mean nothing now`,
  ];
}

function environmentOf(
  { backend, variant }: Job,
  programs: Programs,
  { compiler, blas }: Toolchain,
  pinnedCpus: number[],
  startedAt: string,
  { introduction, before, after, baselineThreads }: RunResult & { kind: 'measured' },
): Environment {
  const { throttleCount: _, ...state } = after;
  const wasThrottled = throttled(before, after);
  return {
    agentVersion: AGENT_VERSION,
    backend,
    variant: programs.candidate?.variant ?? variant,
    compiler: compiler.version,
    compilerFlags: compiler.flags.join(' '),
    blas: blas[0],
    baselineThreads,
    cpuModel: cpuModel(),
    vectorIsa: vectorIsa(),
    os: type(),
    kernel: release(),
    pinnedCpus,
    ...state,
    ...(wasThrottled === undefined ? {} : { throttled: wasThrottled }),
    pagePolicy: pagePolicy(introduction.hugePageKilobytes),
    startedAt,
    accelerator: introduction.accelerator,
  };
}

function pagePolicy(hugePageKilobytes: number): string {
  if (hugePageKilobytes < 0) return 'transparent huge pages asked for';
  return `transparent huge pages asked for, ${Math.round(hugePageKilobytes / 1024)} MiB granted`;
}
