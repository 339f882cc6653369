import type { BenchmarkRequest, InputErrors, Outcome } from '../../proto/src/index.js';
import {
  baselineWork,
  type Factorization,
  type FactorMatrix,
  growthOfLevels,
  packedAlgorithm,
  packedLevelWork,
  packedWork,
  secondsFor,
} from '../../shared/src/index.js';
import { measured } from './agent.js';
import { FakeAgent } from './fake-agent.js';

/** Seconds for each unit of work of the device and of its BLAS, unlike what is assumed of devices. */
const SECONDS = [1.1e-11, 2e-11, 5e-11, 4e-11, 1e-11, 6e-5];
const BASELINE_SECONDS = [1.2e-11, 3e-11, 2e-5];
const PLAN = { mr: 14, lines: 2, kc: 384, tileRows: 252, tileColumns: 512, streamAboveBytes: 1, nearBytes: 0 };
/** Relative errors of the BLAS and of own <1,1,1>. */
const [BASELINE_ERROR, OWN_ERROR] = [1.2e-7, 1e-7];

/** An agent whose programs take the time that a model says, on a clock of its own: nothing is waited for. */
export class SimulatedDevice extends FakeAgent {
  /** Seconds since it was made. */
  now = 0;
  readonly #compiled = new Set<string>();

  constructor() {
    super(async (request) => this.#measure(request));
    const [backend] = this.description.backends;
    this.description = {
      ...this.description,
      backends: [{ ...backend, name: 'c-gcc', available: true, variants: ['packed'] }],
    };
  }

  /** What a product takes, and its relative error. */
  truth({ levels, problem }: Pick<BenchmarkRequest, 'levels' | 'problem'>) {
    if (!problem) throw new Error('there is no problem');
    const elementBytes = problem.dataType === 'DATA_TYPE_F64' ? 8 : 4;
    const asked = { ...problem, elementBytes };
    const known = levels.map(factorizationOf);
    const work = packedAlgorithm(known.map(packedLevelWork));
    return {
      seconds: secondsFor(packedWork(work, { mr: PLAN.mr, nr: 128 / elementBytes, kc: PLAN.kc }, asked), SECONDS),
      baselineSeconds: secondsFor(baselineWork(asked), BASELINE_SECONDS),
      error:
        OWN_ERROR *
        growthOfLevels(known) *
        Math.sqrt(Math.min(problem.k / work.m, PLAN.kc) / Math.min(problem.k, PLAN.kc)),
      rank: work.rank,
    };
  }

  #measure(request: BenchmarkRequest): Outcome {
    const { seconds, baselineSeconds, error, rank } = this.truth(request);
    const key = JSON.stringify([request.levels, request.problem?.dataType]);
    const compileSeconds = this.#compiled.has(key) ? 0 : 0.7 + 0.012 * rank;
    this.#compiled.add(key);
    const rounds = Math.max(request.protocol?.minRounds || 10, 3);
    const sides = baselineSeconds * (request.protocol?.includeOwnGemm ? 2 : 1) + seconds;
    const plan = 1 + 0.7 + 0.012 * rank + 16 * seconds;
    this.now += 1.2 + compileSeconds + (rounds + 3) * sides + request.tunePlans * plan;
    const outcome = measured(baselineSeconds / seconds, request.jobId);
    if (!outcome.measurement) throw new Error('it is measured');
    const { m, k, n } = request.problem ?? { m: 1, k: 1, n: 1 };
    const rate = (2 * m * k * n) / baselineSeconds / 1e9;
    const protocol = { ...outcome.measurement.protocol, ...request.protocol };
    return {
      ...outcome,
      ...{ compileSeconds, compileCached: compileSeconds === 0 },
      environment: { ...ENVIRONMENT, kernelPlan: PLAN },
      measurement: {
        ...outcome.measurement,
        ...{ relativeError: error, baselineRelativeError: BASELINE_ERROR, protocol: protocol as never },
        inputErrors: request.protocol?.includeFurtherInputs ? INPUT_KINDS.map((kind) => errorsOn(kind, error)) : [],
        baselineGflops: rate,
        peakGflops: rate / 0.9,
        baselineSeconds: Array.from({ length: rounds }, () => baselineSeconds),
        candidateSeconds: Array.from({ length: rounds }, () => seconds),
      },
    };
  }
}

const INPUT_KINDS = ['INPUT_KIND_ZERO_MEAN', 'INPUT_KIND_POSITIVE', 'INPUT_KIND_BADLY_SCALED'] as const;

/** Badly scaled inputs cost the programs three digits. */
function errorsOn(kind: (typeof INPUT_KINDS)[number], error: number): InputErrors {
  const relativeError = kind === 'INPUT_KIND_BADLY_SCALED' ? 1000 * error : error;
  const ofBaseline = { baselineRelativeError: BASELINE_ERROR, baselineComponentwiseError: BASELINE_ERROR };
  return { kind, relativeError, componentwiseError: relativeError, ...ofBaseline };
}

const ENVIRONMENT = {
  ...{ agentVersion: '0.1.0', backend: 'c-gcc', accelerator: '', variant: 'packed', compiler: 'gcc' },
  ...{ compilerFlags: '', baselineThreads: 1, cpuModel: '', vectorIsa: 'avx512', os: '', kernel: '' },
  ...{ pinnedCpus: [], pagePolicy: '', startedAt: '' },
  blas: { name: 'OpenBLAS', version: '0.3.21', library: '', configuration: '', thirdParty: true, environment: {} },
};

function factorizationOf({ n, m, p, rank, u, v, w }: BenchmarkRequest['levels'][number]): Factorization {
  const matrix = (of: typeof u): FactorMatrix => ({
    coefficients: Int32Array.from(of?.coefficients ?? []),
    denominator: of?.denominator ?? 1,
  });
  return { size: { n, m, p }, rank, arithmetic: 'standard', u: matrix(u), v: matrix(v), w: matrix(w) };
}
