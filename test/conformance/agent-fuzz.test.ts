import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchmarkRequest, loadAgentProto, type MeasuringProtocol } from '@alphatensor-edge/proto';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cProgram, VARIANTS } from '../../agent/src/codegen/c/variant.js';
import { cacheSizes, vectorIsa } from '../../agent/src/device/cpu.js';
import type { DType } from '../../agent/src/plan/plan.js';
import { guardedService } from '../../agent/src/server/wire.js';
import {
  type Factorization,
  laderman,
  Random,
  standard,
  strassen,
  type VerifiedFactorization,
  winograd,
} from '../../shared/src/index.js';
import { type AgentClient, connectAgent } from '../../trainer/src/fleet/agent-client.js';
import { type BenchmarkTask, benchmarkRequest } from '../../trainer/src/fleet/request.js';
import { type AgentProcess, descendants, endAllAgents, startAgentIn } from '../support/agent-process.js';
import { type Mutant, mutants } from '../support/mutants.js';
import { makeSandbox, type Sandbox } from '../support/sandbox.js';

// A client that means harm: seeded mutants of valid requests, as raw bytes, at a real agent. Another seed, or more of them:
// FUZZ_SEED=… FUZZ_COUNT=…

const SEED = Number(process.env.FUZZ_SEED ?? 1);
const COUNT = Number(process.env.FUZZ_COUNT ?? 10_000);
const CALLS_AT_ONCE = 16;
/** Of the mutants that the agent takes on, one in so many is waited for; the others are cancelled at their first event. */
const WAIT_FOR_ONE_IN = 50;
const WAIT_SECONDS = 5;
/**
 * Larger messages are sent one after another. Node keeps at most 10 MB of a connection in memory, and a busy device was seen to
 * stall on eight of them at once until their deadline.
 */
const LARGE_BYTES = 256 * 1024;
/** By then any call has ended, on the slowest device. */
const CALL_SECONDS = 60;
const HEALTH_EVERY = 1000;
/** The agent's memory at its worst; an idle one has 0.1 GB. */
const MAX_RESIDENT_KIBIBYTES = 1024 * 1024;
// Most of it is spent in compilers, which take five times longer on a busy device.
const TIMEOUT_MS = 600_000;

const QUICK: Partial<MeasuringProtocol> = {
  minRounds: 3,
  maxRounds: 3,
  minSampleSeconds: 0.001,
  minWarmupSeconds: 0.001,
  budgetSeconds: 0.1,
};
const SMALL: BenchmarkTask['problem'] = { m: 6, k: 5, n: 7, dtype: 'f32', threads: 1 };

/** Few programs, so that what mutants leave valid is found in the agent's cache. */
const TASKS: readonly BenchmarkTask[] = [
  { levels: [], problem: SMALL, backend: 'c-gcc', protocol: QUICK },
  { levels: [strassen()], problem: SMALL, backend: 'c-gcc', protocol: QUICK },
  { levels: [strassen(), winograd()], problem: SMALL, backend: 'c-gcc', protocol: QUICK, variant: 'temporaries' },
  { levels: [laderman()], problem: { ...SMALL, dtype: 'f64' }, backend: 'c-gcc', protocol: QUICK },
  {
    levels: [standard({ n: 1, m: 2, p: 3 })],
    problem: { ...SMALL, m: 1 },
    backend: 'c-gcc',
    protocol: { ...QUICK, includeOwnGemm: true },
    compileTimeoutSeconds: 60,
  },
];
const VALID = TASKS.map((task, index) => benchmarkRequest(task, `valid-${index}`));

const { Benchmark, Describe } = loadAgentProto().BenchmarkAgent.service;
const { requestDeserialize } = guardedService().Benchmark;

let sandbox: Sandbox;
let agent: AgentProcess;
let client: AgentClient;
let bare: Client;
let available: string[];

beforeAll(async () => {
  sandbox = makeSandbox(['gcc', 'clang']);
  agent = await startAgentIn(sandbox, '--queue', '64');
  client = connectAgent(agent.address);
  bare = new Client(agent.address, credentials.createInsecure());
  available = (await client.describe()).backends.filter((backend) => backend.available).map(({ name }) => name);
}, TIMEOUT_MS);

afterAll(() => {
  client?.close();
  bare?.close();
  endAllAgents();
  sandbox?.remove();
});

/** How a call ended, and whether the agent took the job on before. */
interface Ending {
  readonly accepted: boolean;
  /** A gRPC status, or the kind of an outcome. */
  readonly ending: string;
  readonly message: string;
}

/** Sends the bytes as they are. A call that is taken on is cancelled at once, or, if `patient`, later. */
function send({ method, bytes }: Mutant, patient: boolean): Promise<Ending> {
  const raw = (buffer: Buffer): Buffer => buffer;
  const deadline = { deadline: Date.now() + 1000 * CALL_SECONDS };
  const failed = ({ code, details }: ServiceError, accepted: boolean): Ending => ({
    accepted,
    ending: status[code],
    message: details,
  });
  return new Promise((resolve) => {
    if (method === 'Describe') {
      bare.makeUnaryRequest(Describe.path, raw, raw, bytes, deadline, (error) =>
        resolve(error === null ? { accepted: false, ending: 'described', message: '' } : failed(error, false)),
      );
      return;
    }
    const call = bare.makeServerStreamRequest(Benchmark.path, raw, Benchmark.responseDeserialize, bytes, deadline);
    let accepted = false;
    let outcome = '';
    call.once('data', () => {
      accepted = true;
      const timer = setTimeout(() => call.cancel(), patient ? WAIT_SECONDS * 1000 : 0);
      call.on('status', () => clearTimeout(timer));
    });
    call.on('data', (response: ReturnType<typeof Benchmark.responseDeserialize>) => {
      if (response.outcome) outcome = response.outcome.kind;
    });
    call.on('error', (error: ServiceError) => resolve(failed(error, accepted)));
    call.on('end', () => {
      if (outcome !== '') resolve({ accepted, ending: outcome, message: '' });
    });
  });
}

/** The request as the agent reads it; undefined where the bytes are none. */
function decode({ bytes }: Mutant): BenchmarkRequest | undefined {
  try {
    return requestDeserialize(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Whether the sum over r of u[r,a] v[r,b] w[r,c] is T_{n,m,p} at every a = i m + j, b = j p + k, c = k n + i; written out
 * anew, so that the agent's own check is not judged by itself. False for sizes that no valid request has.
 */
function reconstructs({ n, m, p, rank, u, v, w }: BenchmarkRequest['levels'][number]): boolean {
  if (u === null || v === null || w === null) return false;
  if (![n, m, p].every((x) => x >= 1 && x <= 3) || rank < 1 || rank > 1000) return false;
  const lengths = [n * m, m * p, p * n];
  if ([u, v, w].some((x, mode) => x.coefficients.length !== rank * lengths[mode] || x.denominator < 1)) return false;
  const scale = [u, v, w].reduce((product, { denominator }) => product * BigInt(denominator), 1n);
  for (let a = 0; a < lengths[0]; a++)
    for (let b = 0; b < lengths[1]; b++)
      for (let c = 0; c < lengths[2]; c++) {
        let sum = 0n;
        for (let r = 0; r < rank; r++) {
          const factors = [u.coefficients[r * lengths[0] + a], v.coefficients[r * lengths[1] + b]];
          if (factors.includes(0)) continue;
          sum += BigInt(factors[0]) * BigInt(factors[1]) * BigInt(w.coefficients[r * lengths[2] + c]);
        }
        const [i, j] = [Math.floor(a / m), a % m];
        const isOne = Math.floor(b / p) === j && c === (b % p) * n + i;
        if (sum !== (isOne ? scale : 0n)) return false;
      }
  return true;
}

const exact = memoised((level: BenchmarkRequest['levels'][number]) => reconstructs(level));

/** Most mutants share what they have with others. */
function memoised<T, R>(action: (value: T) => R): (value: T) => R {
  const known = new Map<string, { readonly result: R }>();
  return (value) => {
    const key = JSON.stringify(value);
    const entry = known.get(key) ?? { result: action(value) };
    known.set(key, entry);
    return entry.result;
  };
}

/** Whether an agent may take the request on at all. */
function isValid({ protocolVersion, jobId, backend, variant, problem, levels }: BenchmarkRequest): boolean {
  return (
    protocolVersion === 1 &&
    /^[\w-]{1,64}$/.test(jobId) &&
    available.includes(backend) &&
    ['', ...(VARIANTS_OF.get(backend) ?? [])].includes(variant) &&
    problem !== null &&
    [problem.m, problem.k, problem.n].every((x) => x >= 1 && x <= 65_536) &&
    problem.threads >= 1 &&
    levels.every(exact)
  );
}

const VARIANTS_OF = new Map<string, readonly string[]>();

/** The programs that may be compiled for a request; none unless it is exact. */
function programsOf({ levels, problem }: BenchmarkRequest): readonly string[] {
  if (problem === null || !levels.every(exact)) return [];
  const dtype = problem.dataType === 'DATA_TYPE_F64' ? 'f64' : 'f32';
  return [...program({ levels, dtype }), ...ownPrograms(dtype)];
}

const DEVICE = { vectorIsa: vectorIsa(), caches: cacheSizes() };

/** Own GEMM, and what the agent predicts errors from. */
const ownPrograms = memoised((dtype: DType): string[] =>
  [standard({ n: 1, m: 1, p: 1 }), winograd()].flatMap((level) =>
    VARIANTS.map((variant) => cProgram(variant, [level], dtype, DEVICE).source()),
  ),
);

/** The sources for exact levels, one a variant; none where there is no program, or too large a one. */
const program = memoised(({ levels, dtype }: { levels: BenchmarkRequest['levels']; dtype: DType }): string[] => {
  const matrix = (x: (typeof levels)[number]['u']) => ({ ...x!, coefficients: Int32Array.from(x!.coefficients) });
  const claims = levels.map(({ n, m, p, rank, u, v, w }) => {
    const claim: Factorization = {
      size: { n, m, p },
      rank,
      arithmetic: 'standard',
      u: matrix(u),
      v: matrix(v),
      w: matrix(w),
    };
    return claim as VerifiedFactorization;
  });
  if (claims.length === 0) return [];
  return VARIANTS.flatMap((variant) => {
    try {
      return [cProgram(variant, claims, dtype, DEVICE).source()];
    } catch {
      return [];
    }
  });
});

function mostResidentKibibytes(): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${agent.pid}/status`, 'utf8'))?.[1]);
}

/** All files that are no business of a request's: the cache of programs is one. */
function surroundings(): Map<string, string> {
  const files = sandbox.listing();
  for (const path of files.keys()) if (/^cache\/programs\/[0-9a-f]+-[0-9a-f]+\.so$/.test(path)) files.delete(path);
  return files;
}

describe('a hostile client', () => {
  it(`makes the agent run nothing: ${COUNT} mutants, seed ${SEED}`, { timeout: TIMEOUT_MS }, async (context) => {
    context.skip(!available.includes('c-gcc'), 'the backend c-gcc is not available here; see at-agent doctor');
    for (const { name, variants } of (await client.describe()).backends) VARIANTS_OF.set(name, variants);
    // What the agent compiles for itself it has compiled when it starts.
    const mayCompile = new Set([...sandbox.compiledSources(), ...VALID.flatMap(programsOf)]);
    for (const request of VALID) expect((await client.benchmark(request)).kind).toBe('OUTCOME_KIND_MEASURED');
    const before = surroundings();

    const canary = join(sandbox.folder, 'canary');
    const counts = new Map<string, number>();
    const count = (name: string): number => counts.set(name, (counts.get(name) ?? 0) + 1).get(name)!;
    const mistakes: string[] = [];
    let index = 0;
    const remaining = mutants(new Random(SEED), { count: COUNT, valid: VALID, canary });

    /** What is wrong with how the agent took a mutant; undefined if nothing is. */
    const judge = (
      request: BenchmarkRequest | undefined,
      { accepted, ending, message }: Ending,
    ): string | undefined => {
      if (accepted) return request !== undefined && isValid(request) ? undefined : 'an invalid request was taken on';
      switch (ending) {
        case 'INTERNAL':
          return request === undefined ? undefined : 'the agent failed';
        case 'INVALID_ARGUMENT':
        case 'FAILED_PRECONDITION':
          return /^[^\n]{1,400}\.$/.test(message) ? undefined : 'the refusal is no clear sentence';
        case 'RESOURCE_EXHAUSTED':
          return undefined;
        default:
          return 'the call ended otherwise';
      }
    };

    let large: Promise<unknown> = Promise.resolve();
    const inTurn = (mutant: Mutant, patient: boolean): Promise<Ending> => {
      if (mutant.bytes.length < LARGE_BYTES) return send(mutant, patient);
      const ending = large.then(() => send(mutant, patient));
      large = ending;
      return ending;
    };

    const sender = async (): Promise<void> => {
      for (const mutant of remaining) {
        const number = index++;
        const request = mutant.method === 'Benchmark' ? decode(mutant) : undefined;
        if (mutant.method === 'Benchmark') count(request === undefined ? 'not decoded' : 'decoded');
        const ending = await inTurn(mutant, number % WAIT_FOR_ONE_IN === 0);
        // What is refused must not be compiled. To write every other program too would take most of the test's time.
        if (ending.accepted && request !== undefined) for (const source of programsOf(request)) mayCompile.add(source);
        count(`${ending.accepted ? 'taken on, ' : ''}${ending.ending}`);
        const mistake =
          mutant.method === 'Describe'
            ? ['described', 'INTERNAL'].includes(ending.ending)
              ? undefined
              : 'the call ended otherwise'
            : judge(request, ending);
        if (mistake !== undefined) {
          const shown = mutant.bytes.subarray(0, 500).toString('hex');
          mistakes.push(`seed ${SEED}, mutant ${number}: ${mistake} (${ending.ending}: ${ending.message}): ${shown}`);
        }
        if (number % HEALTH_EVERY === 0) expect(await client.isServing()).toBe(true);
      }
    };
    const started = performance.now();
    await Promise.all(Array.from({ length: CALLS_AT_ONCE }, sender));
    const seconds = (performance.now() - started) / 1000;

    await expect
      .poll(async () => (await client.describe()).queue, { timeout: 30_000 })
      .toMatchObject({
        runningJobs: 0,
        waitingJobs: 0,
      });
    const final = await client.benchmark(benchmarkRequest(TASKS[1], 'afterwards'));
    const sources = sandbox.compiledSources();
    const resident = mostResidentKibibytes();
    const table = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, times]) => `  ${name}: ${times}`);
    console.log(
      `${COUNT} mutants, seed ${SEED}, ${seconds.toFixed(1)} s:\n${table.join('\n')}\n` +
        `  compiler runs: ${sources.length}; most memory of the agent: ${Math.round(resident / 1024)} MiB`,
    );

    expect(mistakes).toEqual([]);
    expect(final.kind).toBe('OUTCOME_KIND_MEASURED');
    expect(counts.get('decoded')).toBeGreaterThanOrEqual(COUNT / 2);
    expect(sources.filter((source) => !mayCompile.has(source))).toEqual([]);
    expect(surroundings()).toEqual(before);
    expect(readdirSync(sandbox.temporary)).toEqual([]);
    expect(descendants(agent.pid)).toEqual([]);
    expect(resident).toBeLessThan(MAX_RESIDENT_KIBIBYTES);
    expect(await agent.end('SIGTERM')).toBe(0);
  });
});
