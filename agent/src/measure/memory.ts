import { ELEMENT_BYTES, type ProblemShape } from '../plan/plan.js';
import { matrixBytes } from '../plan/workspace.js';

/** The share of the free memory that a measurement may take. */
const MAX_SHARE = 0.9;
/**
 * The address space for everything but the matrices: libraries, stacks, and the buffers that a BLAS keeps for
 * each thread.
 */
const SLACK_BYTES = 2 * 1024 ** 3;
const SLACK_BYTES_PER_THREAD = 256 * 1024 ** 2;

/** Holds the memory that a measurement will need, bytes. */
export interface MemoryNeed {
  readonly matrices: number;
  readonly workspace: number;
  /** Matrices, workspace, and a copy of C for the check. */
  readonly total: number;
}

/**
 * Adds up what a measurement needs.
 * @param workspaces of the programs that take turns, bytes
 */
export function memoryNeed(problem: ProblemShape, workspaces: readonly number[]): MemoryNeed {
  const bytes = ELEMENT_BYTES[problem.dtype];
  const matrices = matrixBytes(problem, bytes);
  const workspace = Math.max(0, ...workspaces);
  return { matrices, workspace, total: matrices + workspace + problem.m * problem.n * bytes };
}

/**
 * Computes what a measurement needs of the host's memory. If the programs compute in an accelerator's memory, the host
 * only holds copies for the check, with f16 and bf16 widened to f32.
 * @param onDevice whether matrices and workspace lie in an accelerator's memory
 */
export function hostNeed(problem: ProblemShape, workspaces: readonly number[], onDevice: boolean): MemoryNeed {
  if (!onDevice) return memoryNeed(problem, workspaces);
  return memoryNeed({ ...problem, dtype: problem.dtype === 'f64' ? 'f64' : 'f32' }, []);
}

/** Holds the memory that is free now, bytes. */
interface FreeMemory {
  readonly host: number;
  /** The memory of the accelerator on which the programs compute. Undefined if they compute in the host's. */
  readonly device: number | undefined;
}

/** Says why a measurement would not fit in the memory that is free now, with the numbers. Undefined if it fits. */
export function shortageOf(
  problem: ProblemShape,
  workspaces: readonly number[],
  { host, device }: FreeMemory,
): string | undefined {
  const onDevice = device === undefined ? undefined : deviceShortage(memoryNeed(problem, workspaces), device);
  return onDevice ?? memoryShortage(hostNeed(problem, workspaces, device !== undefined), host);
}

/** Says why a measurement would not fit in the host's memory. */
export function memoryShortage({ matrices, workspace, total }: MemoryNeed, available: number): string | undefined {
  if (total <= MAX_SHARE * available) return undefined;
  return (
    `It needs ${mebibytes(total)} (matrices ${mebibytes(matrices)}, workspace ${mebibytes(workspace)}, ` +
    `a copy of C), but ${mebibytes(available)} are free; take a smaller problem, fewer levels, --max-workspace 1x or the variant temporaries.`
  );
}

/** Says that a program needs more workspace than it may take. Undefined if it does not. */
export function excessOf(workspaceBytes: number, limit: number | undefined): string | undefined {
  if (limit === undefined || workspaceBytes <= limit) return undefined;
  return (
    `It needs at least ${kibibytes(workspaceBytes)} of workspace, more than the ${kibibytes(limit)} that it may take; ` +
    'take fewer levels or a larger --max-workspace.'
  );
}

/** Says why a measurement would not fit in an accelerator's memory, which holds no copy of C. */
function deviceShortage({ matrices, workspace }: MemoryNeed, available: number): string | undefined {
  if (matrices + workspace <= MAX_SHARE * available) return undefined;
  return (
    `It needs ${mebibytes(matrices + workspace)} of the accelerator's memory (matrices ${mebibytes(matrices)}, ` +
    `workspace ${mebibytes(workspace)}), but ${mebibytes(available)} are free; take a smaller problem or fewer levels.`
  );
}

/** Bounds the child's address space, bytes. */
export function memoryLimit({ total }: MemoryNeed, threads: number): number {
  return total + SLACK_BYTES + threads * SLACK_BYTES_PER_THREAD;
}

function kibibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KiB`;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MiB`;
}
