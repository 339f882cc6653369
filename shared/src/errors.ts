/**
 * What went wrong, in terms every part of the product shares. The command line maps a code to an exit status
 * (`exitCode`), the agent maps it to a gRPC status.
 */
export type ErrorCode =
  /** The caller's input is wrong; the message says what and how to fix it. */
  | 'INVALID_ARGUMENT'
  /** u, v, w do not reconstruct the matrix-multiplication tensor. */
  | 'NOT_A_FACTORIZATION'
  /** A file is not in a format that can be read. */
  | 'UNSUPPORTED_FORMAT'
  /** A file, a run, an agent's name … does not exist. */
  | 'NOT_FOUND'
  /** A peer, a compiler or a library cannot be reached now. */
  | 'UNAVAILABLE'
  /** Someone did not prove who they are, or is not (or no longer) let in. */
  | 'UNAUTHENTICATED'
  /** A peer's answer cannot be true. */
  | 'NOT_BELIEVED'
  /** The peer speaks another version of the protocol. */
  | 'INCOMPATIBLE_VERSION'
  /** A queue, a memory limit or a disk is full. */
  | 'RESOURCE_EXHAUSTED'
  /** Someone asked to stop. */
  | 'CANCELLED'
  /** A deadline passed. */
  | 'TIMEOUT'
  /** A goal that was asked for (`--until-rank`) was not reached. */
  | 'GOAL_MISSED'
  /** Something that was measured became slower than it was. */
  | 'REGRESSED'
  /** A fault of ours. */
  | 'INTERNAL';

/** Process exit status for each code; 1 is left to unexpected errors. */
const EXIT_CODES: Record<ErrorCode, number> = {
  INTERNAL: 1,
  INVALID_ARGUMENT: 2,
  NOT_A_FACTORIZATION: 3,
  UNSUPPORTED_FORMAT: 4,
  NOT_FOUND: 5,
  UNAVAILABLE: 6,
  INCOMPATIBLE_VERSION: 7,
  RESOURCE_EXHAUSTED: 8,
  TIMEOUT: 9,
  GOAL_MISSED: 10,
  UNAUTHENTICATED: 11,
  REGRESSED: 12,
  NOT_BELIEVED: 13,
  CANCELLED: 130,
};

/** The one error class of the project. `message` is a full sentence that says what is wrong and what to do. */
export class AlphaTensorError extends Error {
  override readonly name = 'AlphaTensorError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: {
      /** The request field or command-line option that is wrong, for example `levels[0].u`. */
      readonly field?: string | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
  }

  get exitCode(): number {
    return EXIT_CODES[this.code];
  }
}

/** Gives the message of anything thrown, on one line. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
}
