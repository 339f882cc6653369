import { AlphaTensorError, modeLengths, type Size } from '@alphatensor-edge/shared';
import type { Action } from './action.js';

/** How a move is spelled as a sequence of tokens: u's tokens, then v's, then w's, each of a few entries. */
export interface TokenLayout {
  readonly size: Size;
  /** The move alphabet F, ascending. */
  readonly values: readonly number[];
  readonly slots: readonly TokenSlot[];
  /** Tokens of a move. */
  readonly length: number;
  /** Number of different tokens, |F|^entriesPerToken; a slot of fewer entries uses the first |F|^entries of them. */
  readonly vocabulary: number;
}

/** One place in the sequence. */
export interface TokenSlot {
  /** 0 for u, 1 for v, 2 for w. */
  readonly mode: 0 | 1 | 2;
  /** First entry of the action it spells, and how many. */
  readonly offset: number;
  readonly entries: number;
  /** First entry of the action that belongs to the same factor. */
  readonly factorStart: number;
  /** Whether the factor is complete after this token. */
  readonly endsFactor: boolean;
  /** Tokens allowed here. */
  readonly alphabet: number;
}

/** @throws AlphaTensorError INVALID_ARGUMENT if a token would have too many meanings */
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

/** Spells `action` into `out` (length `layout.length`): entries are base-|F| digits, the first the least significant. */
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

export function decodeTokens(tokens: ArrayLike<number>, layout: TokenLayout): Action {
  const last = layout.slots[layout.length - 1];
  const action = new Int8Array(last.offset + last.entries);
  for (let position = 0; position < layout.length; position++) decodeToken(tokens[position], position, layout, action);
  return action;
}

/**
 * Which tokens may follow a prefix so that the move ends sign-canonical with no zero factor: a table of masks, and
 * for each position the row to use. Only whether the factor is still zero before the position matters.
 */
export interface TokenMasks {
  readonly count: number;
  /** [count, vocabulary]: 0 where the token is allowed, a large negative number where not; added to logits. */
  readonly table: Float32Array;
  /** Row for `position` while its factor is zero so far. */
  readonly whileZero: readonly number[];
  /** Row for `position` once its factor has a nonzero entry. */
  readonly free: readonly number[];
}

/** Added to the logit of a forbidden token. */
export const FORBIDDEN = -1e9;

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

/** The mask row for `position`, given the entries of `action` before it. */
export function maskRow(action: Action, position: number, layout: TokenLayout, masks: TokenMasks): number {
  const { factorStart, offset } = layout.slots[position];
  for (let i = factorStart; i < offset; i++) if (action[i] !== 0) return masks.free[position];
  return masks.whileZero[position];
}
