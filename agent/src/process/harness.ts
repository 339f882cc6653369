import { AlphaTensorError } from '@alphatensor-edge/shared';
import { z } from 'zod';
import type { Dimensions, NumberFormat } from '../plan/plan.js';
import { withPrivateFolder } from './private-folder.js';
import { Conversation, type End } from './process.js';

/** What is run, by one letter: `B` is the GEMM of `blas`, any other one a program or a further library. */
export type Side = string;

/** What is started to measure: a compiled program, or a script in the hands of its interpreter. */
export type Child = string | InterpretedChild;

export interface InterpretedChild {
  readonly command: string;
  /** What comes before the arguments of every child: the script, and options of the interpreter. */
  readonly args: readonly string[];
  /** What it needs to see of the environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** A BLAS as a child loads it. */
export interface BlasToLoad {
  /** A shared library, "portable", or for other children the name that they know. */
  readonly library: string;
  /** Variables that the library reads when it is loaded. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface HarnessOptions {
  readonly harness: Child;
  /** The baseline's. */
  readonly blas: BlasToLoad;
  readonly dimensions: Dimensions;
  readonly dtype: NumberFormat;
  readonly seed: number;
  /** Bounds set by the child on itself. */
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
  /** One for each thread. */
  readonly cpus: readonly number[];
  /** Compiled programs. */
  readonly programs: Readonly<Record<Side, string>>;
  /** Further BLAS libraries, to be compared within one process. Where two want one variable otherwise, `blas` has its way. */
  readonly libraries?: Readonly<Record<Side, BlasToLoad>>;
  readonly startSeconds: number;
  readonly signal: AbortSignal;
}

/** What an interpreter, its libraries and their compiler take beside the matrices. */
const INTERPRETER_BYTES = 4 * 1024 ** 3;

const introductionSchema = z.object({
  name: z.string(),
  version: z.string(),
  configuration: z.string(),
  workspaceBytes: z.number(),
  /** -1: unknown. */
  hugePageKilobytes: z.number(),
  /** What multiplied, where it is not this device's processor. */
  accelerator: z.string().default(''),
  /** Where the child itself compiles. */
  compileSeconds: z.number().default(0),
});
const refusalSchema = z.object({
  refused: z.enum(['usage', 'load', 'compile', 'memory', 'system']),
  message: z.string(),
});
const secondsSchema = z.object({ seconds: z.number() });
const sampleSchema = z.object({ seconds: z.number().positive(), cpuSeconds: z.number() });
const phasesSchema = z.object({ total: z.number(), pack: z.number(), multiply: z.number(), combine: z.number() });
const differenceSchema = z.object({
  different: z.number(),
  row: z.number(),
  column: z.number(),
  value: z.number(),
  expected: z.number(),
  relativeError: z.number(),
});

export type Introduction = z.infer<typeof introductionSchema>;
export type Sample = z.infer<typeof sampleSchema>;
export type Phases = z.infer<typeof phasesSchema>;
export type Difference = z.infer<typeof differenceSchema>;
export type Refusal = z.infer<typeof refusalSchema>;

/**
 * Runs an action with a measuring child (native/protocol.h says what they all understand) in a fresh private folder; nothing of it is left afterwards.
 * If the child ends, the action's call in progress throws; `harness.end` and `harness.refusal` say why.
 */
export function withHarness<T>(options: HarnessOptions, action: (harness: Harness) => Promise<T>): Promise<T> {
  return withPrivateFolder(async (folder) => {
    const harness = new Harness(options, folder);
    try {
      return await action(harness);
    } finally {
      await harness.close();
    }
  });
}

/** The measuring child. Every method is one command to it; times are in seconds for one product. */
export class Harness {
  readonly #conversation: Conversation;
  readonly #startSeconds: number;
  /** Set when the child declined to go on. */
  refusal: Refusal | undefined;

  constructor(options: HarnessOptions, folder: string) {
    const { dimensions, cpus, harness, blas, libraries = {} } = options;
    this.#startSeconds = options.startSeconds;
    const start = typeof harness === 'string' ? { command: harness, args: [], env: {} } : limited(harness, options);
    this.#conversation = new Conversation({
      ...start,
      args: [
        ...start.args,
        blas.library,
        options.dtype,
        dimensions.m,
        dimensions.k,
        dimensions.n,
        options.seed,
        options.memoryBytes,
        options.cpuSeconds,
        cpus.join(','),
        ...Object.entries(options.programs).map(([side, path]) => `${side}=${path}`),
        ...Object.entries(libraries).map(([side, { library }]) => `${side}@${library}`),
      ].map(String),
      cwd: folder,
      env: Object.assign(
        {},
        ...[...Object.values(libraries), blas].map(({ environment }) => environment),
        start.env,
        threadEnvironment(cpus.length),
      ),
      signal: options.signal,
    });
  }

  /** How the child ended, if it has. */
  get end(): End | undefined {
    return this.#conversation.end;
  }

  get pid(): number | undefined {
    return this.#conversation.pid;
  }

  /** Waits until everything is loaded and allocated. */
  async introduction(): Promise<Introduction> {
    return this.#read(await this.#conversation.listen(this.#startSeconds), introductionSchema);
  }

  fillIntegers(range: number, deadline: number): Promise<unknown> {
    return this.#ask(`integers ${range}`, deadline, z.unknown());
  }

  fillUniform(deadline: number): Promise<unknown> {
    return this.#ask('uniform', deadline, z.unknown());
  }

  /** One product, into a C and with a workspace of NaNs. */
  async run(side: Side, deadline: number): Promise<number> {
    return (await this.#ask(`run ${side}`, deadline, secondsSchema)).seconds;
  }

  /** Copies C aside. */
  keep(deadline: number): Promise<unknown> {
    return this.#ask('keep', deadline, z.unknown());
  }

  /** All of C against the copy. */
  compare(deadline: number): Promise<Difference> {
    return this.#ask('compare', deadline, differenceSchema);
  }

  /** All elements of a matrix, row by row; for small ones, to compare with other implementations. */
  show(matrix: 'A' | 'B' | 'C', deadline: number): Promise<number[]> {
    return this.#ask(`show ${matrix}`, deadline, z.array(z.number()));
  }

  /** Relative Frobenius error of C against float64. */
  async relativeError(deadline: number): Promise<number> {
    return (await this.#ask('error', deadline, z.object({ relativeError: z.number() }))).relativeError;
  }

  async warmUp(side: Side, runs: number, seconds: number, deadline: number): Promise<number> {
    return (await this.#ask(`warmup ${side} ${runs} ${seconds}`, deadline, secondsSchema)).seconds;
  }

  sample(side: Side, runs: number, deadline: number): Promise<Sample> {
    return this.#ask(`sample ${side} ${runs}`, deadline, sampleSchema);
  }

  /** The first thread's processor time of one of so many products, and of its phases: zeros if they are not told apart. */
  phases(side: Side, runs: number, deadline: number): Promise<Phases> {
    return this.#ask(`phases ${side} ${runs}`, deadline, phasesSchema);
  }

  /** Binds the BLAS's own threads, one a CPU. */
  bindThreads(deadline: number): Promise<unknown> {
    return this.#ask('bind', deadline, z.unknown());
  }

  /** The multiply-add peak of all threads, GFLOP/s. */
  async peakGflops(seconds: number, deadline: number): Promise<number> {
    return (await this.#ask(`peak ${seconds}`, deadline, z.object({ gflops: z.number() }))).gflops;
  }

  close(): Promise<End> {
    return this.#conversation.close();
  }

  async #ask<T>(line: string, deadline: number, schema: z.ZodType<T>): Promise<T> {
    return this.#read(await this.#conversation.ask(line, deadline), schema);
  }

  #read<T>(line: string, schema: z.ZodType<T>): T {
    const answer: unknown = JSON.parse(line);
    const refusal = refusalSchema.safeParse(answer);
    if (!refusal.success) return schema.parse(answer);
    this.refusal = refusal.data;
    throw new AlphaTensorError('UNAVAILABLE', `The measuring program declined: ${refusal.data.message}`);
  }
}

/**
 * An interpreter on its CPUs and under the limits that the compiled child sets itself. Its memory is bounded by what it may write to, not by
 * its address space, of which interpreters reserve far more than they use.
 */
function limited(
  { command, args, env }: InterpretedChild,
  { memoryBytes, cpuSeconds, cpus }: HarnessOptions,
): InterpretedChild {
  const start = 'ulimit -c 0; ulimit -d "$1"; ulimit -t "$2"; taskset -cp "$3" $$ >/dev/null 2>&1; shift 3; exec "$@"';
  const kibibytes = Math.ceil((memoryBytes + INTERPRETER_BYTES) / 1024);
  return {
    command: '/bin/sh',
    args: ['-c', start, 'sh', String(kibibytes), String(Math.ceil(cpuSeconds)), cpus.join(','), command, ...args],
    env,
  };
}

/** The compiled child's whole environment: how many threads each kind of BLAS may start. */
function threadEnvironment(threads: number): Record<string, string> {
  const count = String(threads);
  return {
    LC_ALL: 'C',
    OPENBLAS_NUM_THREADS: count,
    OMP_NUM_THREADS: count,
    BLIS_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    MKL_DYNAMIC: 'FALSE',
  };
}
