import { AlphaTensorError, type LaidOut } from '@alphatensor-edge/shared';
import { z } from 'zod';
import type { Dimensions, NumberFormat } from '../plan/plan.js';
import type { End } from './end.js';
import { withPrivateFolder } from './private-folder.js';
import { Conversation } from './process.js';

/** Names what is run by one letter: `B` is the GEMM of `blas`, any other letter a program or a further library. */
export type Side = string;

/** Describes what is started to measure: a compiled program, or a script with its interpreter. */
export type Child = string | InterpretedChild;

/** Says how to start a script with its interpreter. */
export interface InterpretedChild {
  readonly command: string;
  /** Arguments before those that every child gets: the script, and options of the interpreter. */
  readonly args: readonly string[];
  /** The part of the environment that it needs. */
  readonly env: Readonly<Record<string, string>>;
}

/** Says how a child loads a BLAS. */
export interface BlasToLoad {
  /** A shared library, "portable", or for other children a name that they know. */
  readonly library: string;
  /** Variables that the library reads when it is loaded. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** Says how to start a measuring child, and with which problem and programs. */
export interface HarnessOptions extends LaidOut {
  readonly harness: Child;
  /** The baseline. */
  readonly blas: BlasToLoad;
  readonly dimensions: Dimensions;
  readonly dtype: NumberFormat;
  readonly seed: number;
  /** Bounds that the child sets on itself. */
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
  /** One for each thread. */
  readonly cpus: readonly number[];
  /** Compiled programs. */
  readonly programs: Readonly<Record<Side, string>>;
  /** The most workspace that each program may take, bytes. Absent: any. */
  readonly workspaceLimits?: Readonly<Record<Side, number | undefined>> | undefined;
  /**
   * Further BLAS libraries, to be compared within one process. If two need different values of a variable, `blas`
   * decides.
   */
  readonly libraries?: Readonly<Record<Side, BlasToLoad>> | undefined;
  readonly startSeconds: number;
  readonly signal: AbortSignal;
}

/** The memory for an interpreter, its libraries and their compiler, beside the matrices, bytes. */
const INTERPRETER_BYTES = 4 * 1024 ** 3;

const introductionSchema = z.object({
  name: z.string(),
  version: z.string(),
  configuration: z.string(),
  workspaceBytes: z.number(),
  /** -1: unknown. */
  hugePageKilobytes: z.number(),
  /** The accelerator that multiplied. Empty if this device's processor did. */
  accelerator: z.string().default(''),
  /** Set if the child itself compiles. */
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

const errorsSchema = z.object({ relativeError: z.number(), componentwiseError: z.number() });

/** Names how A and B are filled with random numbers (native/matrices.h). */
export type InputKind = (typeof INPUT_KINDS)[number];
export const INPUT_KINDS = ['zero-mean', 'positive', 'badly-scaled'] as const;
const FILL: Readonly<Record<InputKind, string>> = {
  'zero-mean': 'uniform',
  positive: 'positive',
  'badly-scaled': 'scaled',
};

/**
 * Holds the errors of a product: ||C - A B|| / ||A B|| (Frobenius), and the largest |C - A B| / (|A| |B|) of an element, which
 * large elements elsewhere do not hide.
 */
export type ProductErrors = z.infer<typeof errorsSchema>;

/** Holds what a child says about itself and its BLAS. */
export type Introduction = z.infer<typeof introductionSchema>;
export type Sample = z.infer<typeof sampleSchema>;
export type Phases = z.infer<typeof phasesSchema>;
type Difference = z.infer<typeof differenceSchema>;
export type Refusal = z.infer<typeof refusalSchema>;

/**
 * Starts a measuring child in a fresh private folder, runs the action with it, and removes both. native/protocol.h
 * describes the commands that every child understands. If the child ends, the action's current call throws;
 * `harness.end` and `harness.refusal` then say why.
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

/** Talks to the measuring child. Every method sends one command. Times are in seconds for one product. */
export class Harness {
  readonly #conversation: Conversation;
  readonly #startSeconds: number;
  /** Set if the child declined to go on. */
  refusal: Refusal | undefined;

  constructor(options: HarnessOptions, folder: string) {
    const { dimensions, cpus, harness, blas, libraries = {}, workspaceLimits = {} } = options;
    this.#startSeconds = options.startSeconds;
    const start = typeof harness === 'string' ? { command: harness, args: [], env: {} } : limited(harness, options);
    this.#conversation = new Conversation({
      ...start,
      args: [
        ...start.args,
        blas.library,
        formatArgument(options),
        dimensions.m,
        dimensions.k,
        dimensions.n,
        options.seed,
        options.memoryBytes,
        options.cpuSeconds,
        cpus.join(','),
        ...Object.entries(options.programs).map(
          ([side, path]) => `${side}${limitSuffix(workspaceLimits[side])}=${path}`,
        ),
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

  /** Tells how the child ended. Undefined while it runs. */
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

  /** Fills A and B with random numbers. */
  fillRandom(kind: InputKind, deadline: number): Promise<unknown> {
    return this.#ask(FILL[kind], deadline, z.unknown());
  }

  /** Computes one product into C. Before it, C and the workspace are filled with NaNs. */
  async run(side: Side, deadline: number): Promise<number> {
    return (await this.#ask(`run ${side}`, deadline, secondsSchema)).seconds;
  }

  /** Keeps a copy of C. */
  keep(deadline: number): Promise<unknown> {
    return this.#ask('keep', deadline, z.unknown());
  }

  /** Compares all of C with the copy. */
  compare(deadline: number): Promise<Difference> {
    return this.#ask('compare', deadline, differenceSchema);
  }

  /** Gives all elements of a matrix, row by row. It serves to compare small matrices with other implementations. */
  show(matrix: 'A' | 'B' | 'C', deadline: number): Promise<number[]> {
    return this.#ask(`show ${matrix}`, deadline, z.array(z.number()));
  }

  /** Compares some rows of C with the product in float64. */
  errors(deadline: number): Promise<ProductErrors> {
    return this.#ask('error', deadline, errorsSchema);
  }

  async warmUp(side: Side, runs: number, seconds: number, deadline: number): Promise<number> {
    return (await this.#ask(`warmup ${side} ${runs} ${seconds}`, deadline, secondsSchema)).seconds;
  }

  sample(side: Side, runs: number, deadline: number): Promise<Sample> {
    return this.#ask(`sample ${side} ${runs}`, deadline, sampleSchema);
  }

  /**
   * Measures the first thread's processor time for one of `runs` products, and for its phases. The phases are zero if
   * they are not told apart.
   */
  phases(side: Side, runs: number, deadline: number): Promise<Phases> {
    return this.#ask(`phases ${side} ${runs}`, deadline, phasesSchema);
  }

  /** Binds the BLAS's own threads, one to each CPU. */
  bindThreads(deadline: number): Promise<unknown> {
    return this.#ask('bind', deadline, z.unknown());
  }

  /** Measures the multiply-add peak of all threads, GFLOP/s. */
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

/** Writes the number format, and after it which operands lie transposed, if any do; only the compiled child knows that. */
function formatArgument({ dtype, transposed }: Pick<HarnessOptions, 'dtype' | 'transposed'>): string {
  return transposed === undefined ? dtype : `${dtype}:${transposed}`;
}

function limitSuffix(limit: number | undefined): string {
  return limit === undefined ? '' : `:${limit}`;
}

/**
 * Limits an interpreter to its CPUs and to the limits that the compiled child sets itself. The limit is on the memory
 * it may write to, not on its address space, because interpreters reserve far more of that than they use.
 */
function limited(
  { command, args, env }: InterpretedChild,
  { memoryBytes, cpuSeconds, cpus }: HarnessOptions,
): InterpretedChild {
  const start =
    'ulimit -c 0; ulimit -d "$1" 2>/dev/null; ulimit -St "$2" 2>/dev/null; taskset -cp "$3" $$ >/dev/null 2>&1; shift 3; exec "$@"';
  const kibibytes = Math.ceil((memoryBytes + INTERPRETER_BYTES) / 1024);
  return {
    command: '/bin/sh',
    args: ['-c', start, 'sh', String(kibibytes), String(Math.ceil(cpuSeconds)), cpus.join(','), command, ...args],
    env,
  };
}

/**
 * Makes the whole environment of the compiled child. It tells each kind of BLAS how many threads to start, and to let them sleep a few
 * milliseconds after a product: MKL's look for more work for 0.2 s (this is in milliseconds), OpenBLAS's for 2^28 cycles (this is the
 * exponent). Within a sample products follow at once, and between samples the child waits for them.
 */
function threadEnvironment(threads: number): Record<string, string> {
  const count = String(threads);
  return {
    LC_ALL: 'C',
    OPENBLAS_NUM_THREADS: count,
    OMP_NUM_THREADS: count,
    BLIS_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    MKL_DYNAMIC: 'FALSE',
    KMP_BLOCKTIME: '5',
    OPENBLAS_THREAD_TIMEOUT: '24',
  };
}
