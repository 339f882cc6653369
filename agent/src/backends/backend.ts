import type { Blas } from '@alphatensor-edge/proto';
import type { VerifiedFactorization } from '@alphatensor-edge/shared';
import type { KernelPlan } from '../plan/kernel-plan.js';
import type { NumberFormat, ProblemShape } from '../plan/plan.js';
import type { Child } from '../process/harness.js';
import type { End } from '../process/process.js';

/** A candidate in the language of a backend: one source serves every shape of its number format. */
export interface Program {
  readonly variant: string;
  readonly levels: readonly VerifiedFactorization[];
  readonly dtype: NumberFormat;
  /** Absent where the program has no plan to choose. */
  readonly kernel?: KernelPlan | undefined;
  /** @throws AlphaTensorError INVALID_ARGUMENT naming `levels` if the code would be too large to compile */
  source(): string;
  /** Bytes of temporary memory that it will ask for at most. */
  workspaceBytes(problem: ProblemShape, threads: number): number;
  /** The largest entries of A and B with which its result has no error at all; 0 if there is none (plan/exact-range.ts). */
  exactRange(problem: ProblemShape): number;
}

/** What compiles programs, as it introduces itself. */
export interface Compiler {
  readonly command: string;
  readonly version: string;
  readonly flags: readonly string[];
}

export type Compiled =
  | { readonly ok: true; readonly path: string; readonly cached: boolean; readonly seconds: number }
  | { readonly ok: false; readonly end: End };

export interface CompileOptions {
  readonly signal: AbortSignal;
  readonly deadlineSeconds: number;
}

/** Everything that a backend needs on this device, found to work. */
export interface Toolchain {
  readonly compiler: Compiler;
  /** The measuring child that runs its programs. */
  readonly harness: Child;
  /** What programs are compared with, best first; never empty. */
  readonly blas: readonly Blas[];
  /** Dimension of a product that the first of them computes in about 30 ms on one thread, for the control. */
  readonly controlSize: number;
  /** Bytes free now where matrices and workspace lie, if that is the memory of an accelerator. */
  freeDeviceMemory?(): Promise<number>;
  /** Turns a source into the file that the child loads. Where the child itself compiles, its introduction says how long that took. */
  compile(source: string, options: CompileOptions): Promise<Compiled>;
}

export type ToolchainProbe =
  | { readonly ok: true; readonly toolchain: Toolchain }
  | { readonly ok: false; readonly reason: string };

/** One way to turn factorizations into programs and to run them. */
export interface Backend {
  /** As in requests, for example `c-gcc`. */
  readonly name: string;
  /** Ways of building a program; the first is the default. */
  readonly variants: readonly string[];
  readonly dtypes: readonly NumberFormat[];
  /** The format that operands of products are rounded to, where it is coarser than the matrices': how exact a result must be. */
  readonly precision?: NumberFormat | undefined;
  /** What to do about what may not be installed, each in words that follow "it is not installed; ". */
  readonly fixes: readonly string[];
  /** Finds what it needs; asks the device once a process. @throws AlphaTensorError INTERNAL if our own child does not work */
  find(signal: AbortSignal): Promise<ToolchainProbe>;
  /** @param kernel instead of the plan that suits the device, for variants that have one */
  program(variant: string, levels: readonly VerifiedFactorization[], dtype: NumberFormat, kernel?: KernelPlan): Program;
}
