import type { Blas } from '@alphatensor-edge/proto';
import type { VerifiedFactorization } from '@alphatensor-edge/shared';
import type { RankedKind } from '../blas/ranking.js';
import type { KernelPlan } from '../plan/kernel-plan.js';
import type { NumberFormat, ProblemShape } from '../plan/plan.js';
import type { ProgramCost } from '../plan/program-cost.js';
import type { End } from '../process/end.js';
import type { Child } from '../process/harness.js';

/** Holds a candidate in the language of a backend. One source works for every shape of its number format. */
export interface Program {
  readonly variant: string;
  readonly levels: readonly VerifiedFactorization[];
  readonly dtype: NumberFormat;
  /** Absent if the program has no plan to choose. */
  readonly kernel?: KernelPlan | undefined;
  /**
   * Writes the source.
   * @throws AlphaTensorError INVALID_ARGUMENT naming `levels` if the code would be too large to compile
   */
  source(): string;
  /**
   * Computes the most bytes of temporary memory that it will ask for.
   * @param limit of them, bytes, which a packed C program keeps if it can. Undefined: none
   */
  workspaceBytes(problem: ProblemShape, threads: number, limit?: number): number;
  /**
   * Describes what it does for a problem, without compiling it.
   * @param limit as of `workspaceBytes`
   */
  cost(problem: ProblemShape, threads: number, limit?: number): ProgramCost;
  /**
   * Finds the largest entries of A and B with which its result has no error at all; 0 if there are none
   * (plan/exact-range.ts).
   */
  exactRange(problem: ProblemShape): number;
}

/** Identifies a compiler, as it introduces itself. */
export interface Compiler {
  readonly command: string;
  readonly version: string;
  readonly flags: readonly string[];
}

/** Tells where a compiled program is, or how the compiler ended. */
export type Compiled =
  | { readonly ok: true; readonly path: string; readonly cached: boolean; readonly seconds: number }
  | { readonly ok: false; readonly end: End };

/** Holds the limits of a compilation. */
export interface CompileOptions {
  readonly signal: AbortSignal;
  readonly deadlineSeconds: number;
}

/** Holds everything that a backend needs on this device, found to work. */
export interface Toolchain {
  readonly compiler: Compiler;
  /** The measuring child that runs its programs. */
  readonly harness: Child;
  /** The libraries that programs are compared with, best first: in f32 on one thread, where `blasFor` is there. Never empty. */
  readonly blas: readonly Blas[];
  /** Ranks them for another kind of problems. Absent: their order is the same for all. */
  blasFor?(kind: RankedKind): Promise<readonly Blas[]>;
  /** Dimension of a product that takes the first library about 30 ms on one thread, for the control. */
  readonly controlSize: number;
  /**
   * Tells the bytes that are free now in an accelerator's memory. Absent if matrices and workspace lie in the host's.
   */
  freeDeviceMemory?(): Promise<number>;
  /**
   * Turns a source into the file that the child loads. If the child itself compiles, its introduction says how long
   * that took.
   */
  compile(source: string, options: CompileOptions): Promise<Compiled>;
}

/** Holds what a backend found, or says why it is not available. */
export type ToolchainProbe =
  | { readonly ok: true; readonly toolchain: Toolchain }
  | { readonly ok: false; readonly reason: string };

/** Describes one way to turn factorizations into programs and to run them. */
export interface Backend {
  /** The name in requests, for example `c-gcc`. */
  readonly name: string;
  /** Ways of building a program, the default first. */
  readonly variants: readonly string[];
  readonly dtypes: readonly NumberFormat[];
  /** Variants whose programs take operands that lie transposed. Absent: none. */
  readonly transposedVariants?: readonly string[] | undefined;
  /**
   * The format that the operands of products are rounded to, if it is coarser than that of the matrices. It decides how
   * exact a result must be.
   */
  readonly precision?: NumberFormat | undefined;
  /** How to install what may be missing, in words that follow "it is not installed; ". */
  readonly fixes: readonly string[];
  /**
   * Finds what the backend needs. The device is asked once for each process.
   * @throws AlphaTensorError INTERNAL if our own child does not work
   */
  find(signal: AbortSignal): Promise<ToolchainProbe>;
  /**
   * Makes a program.
   * @param kernel replaces the plan that suits the device, in variants that have one
   */
  program(variant: string, levels: readonly VerifiedFactorization[], dtype: NumberFormat, kernel?: KernelPlan): Program;
}
