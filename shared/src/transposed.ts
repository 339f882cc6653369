import { AlphaTensorError } from './errors.js';
import { type ProblemDimensions, parseDimensions } from './option-values.js';

// How the operands of a product lie in memory, and what people write for it.

/**
 * Says which operands of C = op(A) op(B), all row-major, lie transposed: a letter for A and one for B, as the BLAS has them
 * (t: transposed, n: not). Where neither does, which is usual, nothing is written: `nn` stands in no file and no name.
 */
export const TRANSPOSED = ['nt', 'tn', 'tt'] as const;
export type Transposed = (typeof TRANSPOSED)[number];

/** Names the operands of a product. */
export type Operand = 'a' | 'b';

/** Names which operands lie transposed. Undefined: neither. */
export function transposedOf(a = false, b = false): Transposed | undefined {
  return TRANSPOSED.find((each) => isTransposed(each, 'a') === a && isTransposed(each, 'b') === b);
}

/** Gives the fields of a problem's message (agent.proto), which are left out where they are not true. */
export function transposeFlags({ transposed }: LaidOut): { transposeA?: true; transposeB?: true } {
  return {
    ...(isTransposed(transposed, 'a') && { transposeA: true }),
    ...(isTransposed(transposed, 'b') && { transposeB: true }),
  };
}

/** Tells whether an operand lies transposed. */
export function isTransposed(transposed: Transposed | undefined, operand: Operand): boolean {
  return transposed?.[operand === 'a' ? 0 : 1] === 't';
}

/** Holds what follows the shape of a problem, and only where something lies transposed. */
export interface LaidOut {
  /** Absent: A and B are row-major as they are. */
  readonly transposed?: Transposed | undefined;
}

/** Keeps of a problem how its operands lie, for an object without the key where nothing is transposed. */
export function laidOut({ transposed }: LaidOut): { readonly transposed?: Transposed } {
  return transposed === undefined ? {} : { transposed };
}

/** Writes ` nt` after a shape or a number format, and nothing where nothing lies transposed. */
export function transposedSuffix({ transposed }: LaidOut): string {
  return transposed === undefined ? '' : ` ${transposed}`;
}

/** Says in words what lies transposed, such as `B transposed`; undefined where nothing does. */
export function transposedWords({ transposed }: LaidOut): string | undefined {
  if (transposed === undefined) return undefined;
  return { nt: 'B transposed', tn: 'A transposed', tt: 'A and B transposed' }[transposed];
}

/** What people write for a problem: what is not named is left to options. */
export interface NamedProblem<T extends string> extends ProblemDimensions, LaidOut {
  readonly dtype?: T;
  readonly threads?: number;
}

const MAX_THREADS = 9999;

/**
 * Reads `2048x1024x512`, or with parts of `:f64:2:nt` after it: number format, threads, and which operands lie transposed.
 * @param formats that a problem may name
 * @throws AlphaTensorError INVALID_ARGUMENT
 */
export function parseNamedProblem<T extends string>(text: string, formats: readonly T[]): NamedProblem<T> {
  const [shape, ...parts] = text.split(':');
  const take = (fits: (part: string) => boolean): string | undefined =>
    parts.length > 0 && fits(parts[0]) ? parts.shift() : undefined;
  const dtype = take((part) => formats.some((format) => format === part)) as T | undefined;
  const threads = take((part) => /^[1-9]\d*$/.test(part) && Number(part) <= MAX_THREADS);
  const letters = take((part) => /^[nt][nt]$/.test(part));
  if (parts.length > 0) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `"${text}" is not a problem; write MxKxN, and after it ${formats.map((format) => `:${format}`).join(' or ')}, :THREADS and :nt (B lies transposed), :tn or :tt where they differ, such as 2048x1024x512:${formats[formats.length > 1 ? 1 : 0]}:2:nt.`,
      { field: '--problem' },
    );
  }
  return {
    ...parseDimensions(shape),
    ...(dtype !== undefined && { dtype }),
    ...(threads !== undefined && { threads: Number(threads) }),
    ...laidOut({ transposed: TRANSPOSED.find((each) => each === letters) }),
  };
}
