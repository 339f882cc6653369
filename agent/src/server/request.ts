import { createHash } from 'node:crypto';
import {
  type Backend,
  type BenchmarkRequest,
  type Factorization as FactorizationMessage,
  type FactorMatrix as FactorMatrixMessage,
  MIN_PROTOCOL_VERSION,
  type PlanRequest,
  PROTOCOL_VERSION,
  type Problem as ProblemMessage,
} from '@alphatensor-edge/proto';
import {
  AlphaTensorError,
  checkShape,
  type Factorization,
  formatSize,
  isExactInDoubles,
  LIMITS,
  laidOut,
  MAX_PROBLEM_DIMENSION,
  type Mode,
  modeLengths,
  transposedOf,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';
import { DATA_TYPES, precisionOf } from '../backends/backends.js';
import type { Job } from '../job/job.js';
import type { Problem } from '../measure/problem.js';
import { resolveProtocol } from '../measure/protocol.js';
import type { NumberFormat } from '../plan/plan.js';

const MAX_LEVELS = 8;
const DEFAULT_COMPILE_SECONDS = 60;
const MAX_COMPILE_SECONDS = 600;
const MAX_TUNE_PLANS = 64;
/** Bounds the factorizations of a request for plans. */
const MAX_PLANNED = 32;
/** Bounds the steps of a request's exact checks, which run in the server's own process: less than a second. */
const MAX_CHECK_STEPS = 2e8;
/** The number of steps in doubles that cost as much as one in BigInt. */
const BIGINT_STEPS = 50;
const MAX_QUOTED_LENGTH = 64;

const DTYPES = new Map<string, NumberFormat>(
  (Object.keys(DATA_TYPES) as NumberFormat[]).map((dtype) => [DATA_TYPES[dtype], dtype]),
);

/** Holds what this device can do, which bounds a request. */
interface DeviceLimits {
  readonly backends: readonly Backend[];
  readonly maxThreads: number;
}

/**
 * Checks everything that can be wrong with a request, the cheapest first and all before anything is compiled.
 * @throws AlphaTensorError INCOMPATIBLE_VERSION, NOT_A_FACTORIZATION or INVALID_ARGUMENT, naming the field
 */
export function toJob(request: BenchmarkRequest, { backends, maxThreads }: DeviceLimits): Job {
  checkVersion(request.protocolVersion);
  checkJobId(request.jobId);
  checkBackend(request.backend, request.variant, backends);
  const problem = toProblem(request.problem, maxThreads);
  const protocol = resolveProtocol(request.protocol, precisionOf(request.backend, problem.dtype));
  const compileTimeoutSeconds = toCompileTimeout(request.compileTimeoutSeconds);
  const claims = toClaims(request.levels);
  let steps = 0;
  const levels = claims.map((claim, index) =>
    inField(`levels[${index}]`, () => {
      steps += checkSteps(claim);
      if (steps > MAX_CHECK_STEPS) throw tooLarge(claim);
      return verify(claim);
    }),
  );
  return {
    jobId: request.jobId,
    levels,
    problem,
    backend: request.backend,
    variant: request.variant,
    protocol,
    compileTimeoutSeconds,
    tunePlans: toTunePlans(request.tunePlans),
    maxWorkspaceBytes: toWorkspaceBound(request.maxWorkspaceBytes),
  };
}

/** Holds what a caller wants to know of programs: each factorization is applied at so many levels. */
export interface PlanQuestion extends Pick<Job, 'backend' | 'variant' | 'problem' | 'maxWorkspaceBytes'> {
  readonly factorizations: readonly VerifiedFactorization[];
  readonly levels: number;
}

/**
 * Checks everything that can be wrong with a request for plans, as `toJob` does.
 * @throws AlphaTensorError INCOMPATIBLE_VERSION, NOT_A_FACTORIZATION or INVALID_ARGUMENT, naming the field
 */
export function toPlanQuestion(request: PlanRequest, { backends, maxThreads }: DeviceLimits): PlanQuestion {
  checkVersion(request.protocolVersion);
  checkBackend(request.backend, request.variant, backends);
  const levels = request.levels === 0 ? 1 : request.levels;
  checkRange('levels', levels, 1, MAX_LEVELS);
  checkRange('factorizations', request.factorizations.length, 1, MAX_PLANNED);
  const problem = toProblem(request.problem, maxThreads);
  const claims = request.factorizations.map((message, index) =>
    inField(`factorizations[${index}]`, () => toClaim(message)),
  );
  let steps = 0;
  const factorizations = claims.map((claim, index) =>
    inField(`factorizations[${index}]`, () => {
      checkRange('rank', claim.rank ** levels, 1, LIMITS.maxRank);
      steps += checkSteps(claim);
      if (steps > MAX_CHECK_STEPS) throw tooLarge(claim);
      return verify(claim);
    }),
  );
  const { backend, variant } = request;
  return {
    backend,
    variant,
    problem,
    maxWorkspaceBytes: toWorkspaceBound(request.maxWorkspaceBytes),
    factorizations,
    levels,
  };
}

/** Identifies a request by its content, to tell whether a job id is used again for the same job. */
export function fingerprint(request: BenchmarkRequest): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex');
}

function checkVersion(version: number): void {
  if (version >= MIN_PROTOCOL_VERSION && version <= PROTOCOL_VERSION) return;
  const range =
    MIN_PROTOCOL_VERSION === PROTOCOL_VERSION
      ? `version ${PROTOCOL_VERSION}`
      : `versions ${MIN_PROTOCOL_VERSION} to ${PROTOCOL_VERSION}`;
  throw new AlphaTensorError(
    'INCOMPATIBLE_VERSION',
    `This agent speaks ${range} of the protocol, but the request has version ${version}; ` +
      `update the ${version > PROTOCOL_VERSION ? 'agent' : 'trainer'}.`,
    { field: 'protocol_version' },
  );
}

function checkJobId(jobId: string): void {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(jobId)) return;
  throw invalid('job_id', 'job_id must be 1 to 64 letters, digits, _ or -.');
}

function checkBackend(name: string, variant: string, backends: readonly Backend[]): void {
  const available = backends.filter((backend) => backend.available).map((backend) => backend.name);
  const choice =
    available.length > 0 ? `available are ${available.join(', ')}` : 'none is available; run at-agent doctor';
  const backend = backends.find((candidate) => candidate.name === name);
  if (backend === undefined) throw invalid('backend', `There is no backend ${quoted(name)} on this device; ${choice}.`);
  if (!backend.available) {
    throw invalid('backend', `The backend ${name} does not work on this device (${backend.reason}); ${choice}.`);
  }
  if (variant !== '' && !backend.variants.includes(variant)) {
    throw invalid('variant', `${name} has no variant ${quoted(variant)}; it has ${backend.variants.join(', ')}.`);
  }
}

/**
 * Quotes a caller's own words in a message. They are cut so that the message fits the headers of a status, and stripped
 * of line breaks and halves of characters, which a status cannot carry.
 */
function quoted(text: string): string {
  return JSON.stringify(text.length <= MAX_QUOTED_LENGTH ? text : `${text.slice(0, MAX_QUOTED_LENGTH)}…`);
}

function toProblem(problem: ProblemMessage | null, maxThreads: number): Problem {
  if (problem === null) throw invalid('problem', 'problem is missing; give m, k, n, data_type and threads.');
  for (const name of ['m', 'k', 'n'] as const) {
    checkRange(`problem.${name}`, problem[name], 1, MAX_PROBLEM_DIMENSION);
  }
  checkRange('problem.threads', problem.threads, 1, maxThreads);
  const { m, k, n, threads, transposeA, transposeB } = problem;
  const dtype = DTYPES.get(problem.dataType);
  if (dtype === undefined) {
    throw invalid('problem.data_type', `problem.data_type must be one of ${[...DTYPES.keys()].join(', ')}.`);
  }
  return { m, k, n, dtype, threads, ...laidOut({ transposed: transposedOf(transposeA, transposeB) }) };
}

function toCompileTimeout(seconds: number): number {
  if (seconds === 0) return DEFAULT_COMPILE_SECONDS;
  if (seconds > 0 && seconds <= MAX_COMPILE_SECONDS) return seconds;
  throw invalid(
    'compile_timeout_seconds',
    `compile_timeout_seconds must be above 0 and at most ${MAX_COMPILE_SECONDS}, but is ${seconds}; 0 means ${DEFAULT_COMPILE_SECONDS}.`,
  );
}

function toTunePlans(plans: number): number {
  checkRange('tune_plans', plans, 0, MAX_TUNE_PLANS);
  return plans;
}

function toWorkspaceBound(bytes: number | string): number | undefined {
  checkRange('max_workspace_bytes', Number(bytes), 0, Number.MAX_SAFE_INTEGER);
  return Number(bytes) === 0 ? undefined : Number(bytes);
}

/** Checks shapes and bounds of all levels, so that nothing is reconstructed before every level is well formed. */
function toClaims(levels: readonly FactorizationMessage[]): Factorization[] {
  if (levels.length > MAX_LEVELS) {
    throw invalid('levels', `levels has ${levels.length} recursion levels; at most ${MAX_LEVELS} are accepted.`);
  }
  const claims = levels.map((level, index) => inField(`levels[${index}]`, () => toClaim(level)));
  const rank = claims.reduce((product, claim) => product * claim.rank, 1);
  if (rank > LIMITS.maxRank) {
    throw invalid(
      'levels',
      `The levels have rank ${rank} together; at most ${LIMITS.maxRank} is accepted, so use fewer recursion levels.`,
    );
  }
  return claims;
}

function toClaim({ n, m, p, rank, u, v, w }: FactorizationMessage): Factorization {
  const claim: Factorization = {
    size: { n, m, p },
    rank,
    arithmetic: 'standard',
    u: toMatrix(u, 'u'),
    v: toMatrix(v, 'v'),
    w: toMatrix(w, 'w'),
  };
  checkShape(claim);
  return claim;
}

function toMatrix(message: FactorMatrixMessage | null, mode: Mode): Factorization['u'] {
  if (message === null) throw invalid(mode, `${mode} is missing.`);
  return { coefficients: Int32Array.from(message.coefficients), denominator: message.denominator };
}

/** Computes the most steps that the exact check of a claim takes, by counting the loops of `verify`. */
function checkSteps(claim: Factorization): number {
  const [lengthU, lengthV, lengthW] = modeLengths(claim.size);
  let steps = lengthU * lengthV * lengthW;
  for (let r = 0; r < claim.rank; r++) {
    const pairs = lengthV + nonzeros(claim.v.coefficients, r, lengthV) * lengthW;
    steps += nonzeros(claim.u.coefficients, r, lengthU) * pairs;
  }
  return steps * (isExactInDoubles(claim) ? 1 : BIGINT_STEPS);
}

function tooLarge({ size, rank }: Factorization): AlphaTensorError {
  return invalid(
    '',
    `${formatSize(size)} of rank ${rank} is too large for the agent to check exactly; send it as several recursion levels.`,
  );
}

function nonzeros(coefficients: Int32Array, row: number, length: number): number {
  let count = 0;
  for (let i = row * length; i < (row + 1) * length; i++) if (coefficients[i] !== 0) count++;
  return count;
}

/** Puts the place in front of an error's message and field: `levels[0]` and `u` become `levels[0].u`. */
function inField<T>(place: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof AlphaTensorError)) throw error;
    const field = error.details.field ? `${place}.${error.details.field}` : place;
    throw new AlphaTensorError(error.code, `${field}: ${error.message}`, { field, cause: error });
  }
}

function checkRange(field: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw invalid(field, `${field} must be a whole number from ${low} to ${high}, but is ${value}.`);
}

function invalid(field: string, message: string): AlphaTensorError {
  return new AlphaTensorError('INVALID_ARGUMENT', message, { field });
}
