import { AlphaTensorError, modeLengths, type Size } from '@alphatensor-edge/shared';
import type { Action } from './action.js';

/** Says how a move is spelled as a sequence of tokens: first u's, then v's, then w's. A token spells a few entries. */
export interface TokenLayout {
  readonly size: Size;
  /** The move alphabet F, ascending. */
  readonly values: readonly number[];
  readonly slots: readonly TokenSlot[];
  /** Number of tokens of a move. */
  readonly length: number;
  /** Number of different tokens, |F|^entriesPerToken. A slot of fewer entries uses the first |F|^entries of them. */
  readonly vocabulary: number;
}

/** Describes one place in the sequence. */
interface TokenSlot {
  /** 0 for u, 1 for v, 2 for w. */
  readonly mode: 0 | 1 | 2;
  /** Index of the first entry of the action that the token spells. */
  readonly offset: number;
  /** Number of entries that the token spells. */
  readonly entries: number;
  /** Index of the first entry of the action that belongs to the same factor. */
  readonly factorStart: number;
  /** Whether the factor is complete after this token. */
  readonly endsFactor: boolean;
  /** Number of tokens that this place can have: |F|^entries. */
  readonly alphabet: number;
}

/**
 * Makes the token layout of a size.
 * @throws AlphaTensorError INVALID_ARGUMENT if there would be more than 100,000 different tokens
 */
export function tokenLayout(size: Size, values: readonly number[], entriesPerToken: number): TokenLayout {
  const vocabulary = values.length ** entriesPerToken;
  if (vocabulary > 100_000) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${entriesPerToken} entries of ${values.length} values make ${vocabulary} tokens; use fewer entries per token.`,
      { field: 'network.entriesPerToken' },
    );
  }
  const slots: TokenSlot[] = [];
  let factorStart = 0;
  modeLengths(size).forEach((length, mode) => {
    for (let first = 0; first < length; first += entriesPerToken) {
      const entries = Math.min(entriesPerToken, length - first);
      slots.push({
        mode: mode as 0 | 1 | 2,
        offset: factorStart + first,
        entries,
        factorStart,
        endsFactor: first + entries === length,
        alphabet: values.length ** entries,
      });
    }
    factorStart += length;
  });
  return { size, values, slots, length: slots.length, vocabulary };
}

/**
 * Writes the tokens of `action` into `out` (length `layout.length`) and returns it. The entries of a token are its base-|F| digits, the
 * first the least significant.
 * @throws AlphaTensorError INVALID_ARGUMENT if an entry is not in the alphabet
 */
export function encodeTokens(action: Action, layout: TokenLayout, out: Int32Array): Int32Array {
  layout.slots.forEach(({ offset, entries }, position) => {
    let token = 0;
    for (let i = entries - 1; i >= 0; i--) {
      const digit = layout.values.indexOf(action[offset + i]);
      if (digit < 0) {
        throw new AlphaTensorError(
          'INVALID_ARGUMENT',
          `A move has the entry ${action[offset + i]}, but the alphabet is {${layout.values.join(', ')}}.`,
          { field: 'values' },
        );
      }
      token = token * layout.values.length + digit;
    }
    out[position] = token;
  });
  return out;
}

/** Writes the entries that `token` spells at `position` into `action`. */
export function decodeToken(token: number, position: number, layout: TokenLayout, action: Action): void {
  const { offset, entries } = layout.slots[position];
  let rest = token;
  for (let i = 0; i < entries; i++) {
    action[offset + i] = layout.values[rest % layout.values.length];
    rest = Math.floor(rest / layout.values.length);
  }
}

/** Makes the action that the tokens spell. */
export function decodeTokens(tokens: ArrayLike<number>, layout: TokenLayout): Action {
  const last = layout.slots[layout.length - 1];
  const action = new Int8Array(last.offset + last.entries);
  for (let position = 0; position < layout.length; position++) decodeToken(tokens[position], position, layout, action);
  return action;
}

/**
 * Says which tokens may follow a prefix, so that the move ends up sign-canonical and has no zero factor. It is a table of masks and,
 * for each position, the rows to use. The row depends only on whether the factor is still zero before the position.
 */
export interface TokenMasks {
  readonly count: number;
  /** [count, vocabulary], to be added to logits: 0 where the token is allowed, a large negative number where not. */
  readonly table: Float32Array;
  /** Row for `position` while its factor is zero so far. */
  readonly whileZero: readonly number[];
  /** Row for `position` once its factor has a nonzero entry. */
  readonly free: readonly number[];
}

/** Holds the number that is added to the logit of a forbidden token. */
export const FORBIDDEN = -1e9;

/** Makes the masks of a layout. */
export function tokenMasks(layout: TokenLayout): TokenMasks {
  const rows = new Map<string, number>();
  const parts: Float32Array[] = [];
  const probe = new Int8Array(Math.max(...layout.slots.map((slot) => slot.offset + slot.entries)));
  const rowFor = (key: string, allowed: (first: number) => boolean, position: number): number => {
    const known = rows.get(key);
    if (known !== undefined) return known;
    const { alphabet, offset, entries } = layout.slots[position];
    const row = new Float32Array(layout.vocabulary).fill(FORBIDDEN);
    for (let token = 0; token < alphabet; token++) {
      decodeToken(token, position, layout, probe);
      const first = probe.subarray(offset, offset + entries).find((x) => x !== 0) ?? 0;
      if (allowed(first)) row[token] = 0;
    }
    rows.set(key, parts.length);
    parts.push(row);
    return parts.length - 1;
  };
  const whileZero: number[] = [];
  const free: number[] = [];
  layout.slots.forEach(({ mode, endsFactor, alphabet }, position) => {
    const signed = mode === 2;
    whileZero.push(
      rowFor(
        `${alphabet}/${endsFactor}/${signed}`,
        (first) => (first === 0 ? !endsFactor : signed || first > 0),
        position,
      ),
    );
    free.push(rowFor(`${alphabet}/free`, () => true, position));
  });
  const table = new Float32Array(parts.length * layout.vocabulary);
  parts.forEach((part, row) => {
    table.set(part, row * layout.vocabulary);
  });
  return { count: parts.length, table, whileZero, free };
}

/** Gives the row of the mask table for `position`, which depends on the entries of `action` before it. */
export function maskRow(action: Action, position: number, layout: TokenLayout, masks: TokenMasks): number {
  const { factorStart, offset } = layout.slots[position];
  for (let i = factorStart; i < offset; i++) if (action[i] !== 0) return masks.free[position];
  return masks.whileZero[position];
}
