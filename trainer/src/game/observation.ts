import { type Arithmetic, modeLengths, type Size } from '@alphatensor-edge/shared';
import { type Action, factorsOf } from './action.js';
import type { Position } from './state.js';
import type { TokenLayout } from './tokens.js';

/** Says how a position is shown to the network. */
export interface ObservationLayout {
  readonly size: Size;
  readonly arithmetic: Arithmetic;
  /** Number of past moves that are shown, newest first. */
  readonly historyLength: number;
  /** Number of entries of the residual, n*m * m*p * p*n. */
  readonly cells: number;
  /** For each mode, the vectors it is contracted with for the rank features; empty lists where these are off. */
  readonly probes: readonly [ProbeSet, ProbeSet, ProbeSet];
  /** Number of rank features of a position: for each probe, one for every rank it may reach. */
  readonly rankFeatures: number;
}

/**
 * Lists the vectors that one mode is contracted with. Each is an earlier vector of the list (its parent; -1 is the zero vector) plus
 * or minus a unit vector. So each contraction costs one addition of a slice of the residual.
 */
interface ProbeSet {
  readonly parents: Int32Array;
  readonly units: Int32Array;
  readonly signs: Int8Array;
  /** Largest rank that a contraction with a vector of this mode can have. */
  readonly maxRank: number;
}

/**
 * Makes the layout of a size's observations.
 * @param probeNonzeros the most nonzeros of a probe. The ranks of the contractions with all sign-canonical ternary vectors (modulo 2:
 *   binary vectors) of at most this many nonzeros are shown; 0 shows none. There are C(length, k) 2^(k-1) vectors of k nonzeros: keep it
 *   small for large sizes.
 */
export function observationLayout(
  size: Size,
  arithmetic: Arithmetic,
  historyLength: number,
  probeNonzeros: number,
): ObservationLayout {
  const lengths = modeLengths(size);
  const probes = lengths.map((length, mode) => {
    const [rows, columns] = lengths.filter((_, other) => other !== mode);
    return probeSet(length, probeNonzeros, arithmetic === 'standard', Math.min(rows, columns));
  }) as [ProbeSet, ProbeSet, ProbeSet];
  return {
    size,
    arithmetic,
    historyLength,
    cells: lengths[0] * lengths[1] * lengths[2],
    probes,
    rankFeatures: probes.reduce((sum, { parents, maxRank }) => sum + parents.length * maxRank, 0),
  };
}

/**
 * Counts the rank features that `observationLayout` would make, without making them. The count grows as the binomial coefficient of
 * the longest mode over `probeNonzeros`.
 */
export function countRankFeatures(size: Size, arithmetic: Arithmetic, probeNonzeros: number): number {
  const lengths = modeLengths(size);
  let features = 0;
  lengths.forEach((length, mode) => {
    const maxRank = Math.min(...lengths.filter((_, other) => other !== mode));
    let supports = 1;
    for (let nonzeros = 1; nonzeros <= Math.min(probeNonzeros, length); nonzeros++) {
      supports *= (length - nonzeros + 1) / nonzeros;
      features += Math.round(supports) * (arithmetic === 'standard' ? 2 ** (nonzeros - 1) : 1) * maxRank;
    }
  });
  return features;
}

function probeSet(length: number, nonzeros: number, signed: boolean, maxRank: number): ProbeSet {
  const parents: number[] = [];
  const units: number[] = [];
  const signs: number[] = [];
  let level: { index: number; next: number }[] = [{ index: -1, next: 0 }];
  for (let k = 0; k < nonzeros; k++) {
    const deeper: typeof level = [];
    for (const { index, next } of level) {
      for (let unit = next; unit < length; unit++) {
        for (const sign of k > 0 && signed ? [1, -1] : [1]) {
          deeper.push({ index: parents.length, next: unit + 1 });
          parents.push(index);
          units.push(unit);
          signs.push(sign);
        }
      }
    }
    level = deeper;
  }
  return { parents: Int32Array.from(parents), units: Int32Array.from(units), signs: Int8Array.from(signs), maxRank };
}

/** Holds the observations of a batch, in plain arrays that are reused from batch to batch. */
export interface ObservationBatch {
  count: number;
  /** [count, 1 + historyLength, cells]: the residual, then the last moves as rank-one tensors, newest first. */
  readonly tensors: Float32Array;
  /** [count, rankFeatures]: 1 where the contraction's rank is at least 1, 2, …, else 0. */
  readonly ranks: Float32Array;
  /** [count, 1]: moves left over the move limit. */
  readonly scalars: Float32Array;
}

/** Makes an empty batch with room for `capacity` positions. */
export function makeObservationBatch(layout: ObservationLayout, capacity: number): ObservationBatch {
  return {
    count: 0,
    tensors: new Float32Array(capacity * (1 + layout.historyLength) * layout.cells),
    ranks: new Float32Array(capacity * layout.rankFeatures),
    scalars: new Float32Array(capacity),
  };
}

/** Holds the part of a position that `observe` reads. */
export type Observed = Pick<Position, 'residual' | 'history' | 'movesLeft' | 'rules'>;

/** Fills `batch` from `positions` and overwrites what was there before. */
export function observe(positions: readonly Observed[], layout: ObservationLayout, batch: ObservationBatch): void {
  const { cells, historyLength } = layout;
  const planes = 1 + historyLength;
  batch.count = positions.length;
  positions.forEach(({ residual, history, movesLeft, rules }, row) => {
    const base = row * planes * cells;
    batch.tensors.set(residual, base);
    for (let age = 0; age < historyLength; age++) {
      const plane = batch.tensors.subarray(base + (1 + age) * cells, base + (2 + age) * cells);
      const move = history[history.length - 1 - age];
      if (move === undefined) plane.fill(0);
      else writeTerm(move, layout.size, plane);
    }
    batch.scalars[row] = movesLeft / rules.moveLimit;
    writeRanks(residual, layout, batch.ranks, row * layout.rankFeatures);
  });
}

function writeTerm(move: Action, size: Size, out: Float32Array): void {
  const [u, v, w] = factorsOf(move, size);
  out.fill(0);
  for (let a = 0; a < u.length; a++) {
    for (let b = 0; b < v.length; b++) {
      const uv = u[a] * v[b];
      if (uv === 0) continue;
      const fibre = (a * v.length + b) * w.length;
      // `| 0` turns -0 into 0.
      for (let c = 0; c < w.length; c++) out[fibre + c] = (uv * w[c]) | 0;
    }
  }
}

const RANKS_CACHE = new WeakMap<ObservationLayout, Scratch>();

interface Scratch {
  /** Contractions of all probes of one mode, [probes, rows*columns]. */
  readonly contractions: Int32Array;
  readonly matrix: Float64Array;
}

function scratchFor(layout: ObservationLayout): Scratch {
  let scratch = RANKS_CACHE.get(layout);
  if (scratch === undefined) {
    const lengths = modeLengths(layout.size);
    const areas = lengths.map((length) => layout.cells / length);
    scratch = {
      contractions: new Int32Array(Math.max(...layout.probes.map((set, mode) => set.parents.length * areas[mode]))),
      matrix: new Float64Array(Math.max(...areas)),
    };
    RANKS_CACHE.set(layout, scratch);
  }
  return scratch;
}

/** Writes the ranks of the residual contracted with every probe, as thermometers: rank 2 of at most 4 is 1, 1, 0, 0. */
function writeRanks(residual: Int8Array, layout: ObservationLayout, out: Float32Array, start: number): void {
  if (layout.rankFeatures === 0) return;
  const lengths = modeLengths(layout.size);
  const [, lengthV, lengthW] = lengths;
  const strides = [lengthV * lengthW, lengthW, 1];
  const { contractions, matrix } = scratchFor(layout);
  let cursor = start;
  layout.probes.forEach(({ parents, units, signs, maxRank }, mode) => {
    const [rowMode, columnMode] = [0, 1, 2].filter((other) => other !== mode);
    const [rows, columns] = [lengths[rowMode], lengths[columnMode]];
    const [rowStride, columnStride] = [strides[rowMode], strides[columnMode]];
    const area = rows * columns;
    for (let probe = 0; probe < parents.length; probe++) {
      const target = probe * area;
      const parent = parents[probe] * area;
      const sign = signs[probe];
      const slice = units[probe] * strides[mode];
      let index = 0;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++, index++) {
          const value =
            (parent < 0 ? 0 : contractions[parent + index]) + sign * residual[slice + i * rowStride + j * columnStride];
          contractions[target + index] = value;
          matrix[index] = value;
        }
      }
      const rank =
        layout.arithmetic === 'standard' ? rankInPlace(matrix, rows, columns) : rankModulo2(matrix, rows, columns);
      for (let r = 1; r <= maxRank; r++) out[cursor++] = rank >= r ? 1 : 0;
    }
  });
}

/**
 * Computes the rank of an integer matrix by fraction-free elimination (Bareiss, Math. Comp. 22, 1968). Overwrites the matrix. Exact
 * while the minors stay below 2^53.
 */
export function rankInPlace(matrix: Float64Array, rows: number, columns: number): number {
  let rank = 0;
  let previous = 1;
  for (let column = 0; column < columns && rank < rows; column++) {
    let pivotRow = rank;
    while (pivotRow < rows && matrix[pivotRow * columns + column] === 0) pivotRow++;
    if (pivotRow === rows) continue;
    if (pivotRow !== rank) {
      for (let j = column; j < columns; j++) {
        const kept = matrix[rank * columns + j];
        matrix[rank * columns + j] = matrix[pivotRow * columns + j];
        matrix[pivotRow * columns + j] = kept;
      }
    }
    const pivot = matrix[rank * columns + column];
    for (let i = rank + 1; i < rows; i++) {
      const factor = matrix[i * columns + column];
      for (let j = column + 1; j < columns; j++) {
        matrix[i * columns + j] = (matrix[i * columns + j] * pivot - factor * matrix[rank * columns + j]) / previous;
      }
      matrix[i * columns + column] = 0;
    }
    previous = pivot;
    rank++;
  }
  return rank;
}

function rankModulo2(matrix: Float64Array, rows: number, columns: number): number {
  let rank = 0;
  for (let index = 0; index < rows * columns; index++) matrix[index] = Math.abs(matrix[index] % 2);
  for (let column = 0; column < columns && rank < rows; column++) {
    let pivotRow = rank;
    while (pivotRow < rows && matrix[pivotRow * columns + column] === 0) pivotRow++;
    if (pivotRow === rows) continue;
    for (let j = 0; j < columns; j++) {
      const kept = matrix[rank * columns + j];
      matrix[rank * columns + j] = matrix[pivotRow * columns + j];
      matrix[pivotRow * columns + j] = kept;
    }
    for (let i = rank + 1; i < rows; i++) {
      if (matrix[i * columns + column] === 0) continue;
      for (let j = 0; j < columns; j++) {
        matrix[i * columns + j] = matrix[i * columns + j] === matrix[rank * columns + j] ? 0 : 1;
      }
    }
    rank++;
  }
  return rank;
}

/** Gives the length of a contraction context, the sum of its parts: T.u is [m*p, p*n], T.v is [n*m, p*n], T.u.v is [p*n]. */
export function contextLength(size: Size): number {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  return lengthV * lengthW + lengthU * lengthW + lengthW;
}

/**
 * Writes what the policy sees when it chooses the token at `position`: the residual contracted with the factors spelled so far (T.u,
 * T.v and T.u.v). Entries that are not spelled yet count as zero. Only the entries of `action` before the position are read, so a
 * later token never leaks into an earlier choice.
 */
export function writeContext(
  residual: Int8Array,
  action: Action,
  position: number,
  layout: TokenLayout,
  out: Float32Array,
  start: number,
): void {
  const [lengthU, lengthV, lengthW] = modeLengths(layout.size);
  const known = layout.slots[position].offset;
  const startV = lengthV * lengthW;
  const startW = startV + lengthU * lengthW;
  out.fill(0, start, start + startW + lengthW);
  for (let a = 0; a < lengthU && a < known; a++) {
    const x = action[a];
    if (x === 0) continue;
    const slice = a * lengthV * lengthW;
    for (let index = 0; index < lengthV * lengthW; index++) out[start + index] += x * residual[slice + index];
  }
  for (let b = 0; b < lengthV && lengthU + b < known; b++) {
    const y = action[lengthU + b];
    if (y === 0) continue;
    for (let a = 0; a < lengthU; a++) {
      const fibre = (a * lengthV + b) * lengthW;
      for (let c = 0; c < lengthW; c++) out[start + startV + a * lengthW + c] += y * residual[fibre + c];
    }
    for (let c = 0; c < lengthW; c++) out[start + startW + c] += y * out[start + b * lengthW + c];
  }
}
