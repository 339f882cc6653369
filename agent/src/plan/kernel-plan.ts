/**
 * Says how the innermost products of a packed program are carried out (native/packed/sizes.h). Fixed at compile time.
 */
export interface KernelPlan {
  /** Rows of the register tile, and its width in cache lines. */
  readonly mr: number;
  readonly lines: number;
  /** Largest depth of the products between two updates of a register tile. */
  readonly kc: number;
  /** Rows and columns of the largest tile of a block that is computed for all products at a time, elements. */
  readonly tileRows: number;
  readonly tileColumns: number;
  /**
   * Size above which packed operands bypass the caches when they are written, bytes. C bypasses them from half of it
   * on.
   */
  readonly streamAboveBytes: number;
  /**
   * Tiles are small if the products of one then take at most this, bytes, and a block product has only one part in its
   * depth. Small tiles are combined from the caches, but the operands are read more often. 0: never.
   */
  readonly nearBytes: number;
}

/** Holds the cache sizes that a plan depends on, bytes. Absent where unknown. */
export interface CacheSizes {
  readonly l1dCacheBytes?: number;
  readonly l2CacheBytes?: number;
}

const KIBIBYTE = 1024;
const LINE_BYTES = 64;

/** The cache sizes of small devices, for systems that do not tell theirs. */
const ASSUMED = { l1dCacheBytes: 32 * KIBIBYTE, l2CacheBytes: 512 * KIBIBYTE };

/**
 * The register tile for each kind of vector instructions: as many accumulators as the registers hold beside one
 * row of B and one broadcast element of A.
 */
const REGISTER_TILES: Readonly<Record<string, Pick<KernelPlan, 'mr' | 'lines'>>> = {
  // 32 registers of 64 bytes: 28 + 2 + 1.
  avx512: { mr: 14, lines: 2 },
  // 16 registers of 32 bytes: 12 + 2 + 1.
  avx2: { mr: 6, lines: 1 },
  avx: { mr: 6, lines: 1 },
  // 32 registers of 16 bytes: 24 + 4 + 1.
  neon: { mr: 6, lines: 1 },
  sve: { mr: 6, lines: 1 },
  // 16 registers of 16 bytes: 8 + 4 + 1, and one for the product before it is added.
  generic: { mr: 2, lines: 1 },
};

const MIN_KC = 128;
const MAX_KC = 512;
const TILE_ROWS = 256;
const MIN_TILE_COLUMNS = 128;
const MAX_TILE_COLUMNS = 512;
/** Suits two levels of Winograd's form: their near tiles take 1.6 MB in f32. */
export const NEAR_BYTES = 2 * 1024 * KIBIBYTE;

/**
 * Chooses a sensible plan within the bounds above. With register tiles of several lines, a panel of A of depth KC takes
 * three quarters of the first-level cache while it meets every panel of a block of B. That block and the next one,
 * which is being fetched, together take a quarter of the second-level cache. With register tiles of one line, a panel
 * of B takes half of the first-level cache while it meets every panel of a block of A (native/packed/sizes.h,
 * AT_B_STAYS).
 */
export function defaultKernelPlan(vectorIsa: string, caches: CacheSizes, elementBytes: number): KernelPlan {
  const tile = REGISTER_TILES[vectorIsa] ?? REGISTER_TILES.generic;
  const { l1dCacheBytes, l2CacheBytes } = { ...ASSUMED, ...caches };
  const nr = (tile.lines * LINE_BYTES) / elementBytes;
  const bStays = tile.lines === 1;
  const depth = bStays ? l1dCacheBytes / 2 / nr : ((3 / 4) * l1dCacheBytes) / tile.mr;
  const kc = clamp(depth / elementBytes, MIN_KC, MAX_KC, LINE_BYTES / elementBytes);
  const columns = l2CacheBytes / (bStays ? 2 : 8) / (kc * elementBytes);
  return {
    ...tile,
    kc,
    tileRows: Math.ceil(TILE_ROWS / tile.mr) * tile.mr,
    tileColumns: clamp(columns, MIN_TILE_COLUMNS, MAX_TILE_COLUMNS, nr),
    // Bypasses the caches even where the last level would hold the data: writing to memory was measured to be no
    // slower.
    streamAboveBytes: 2 * l2CacheBytes,
    // Measured: a gain on a processor with 1 MiB and a near third level, a loss of 1 to 3 % on one with 2 MiB and a far
    // one.
    nearBytes: tile.lines > 1 && l2CacheBytes <= 1024 * KIBIBYTE ? NEAR_BYTES : 0,
  };
}

/** Limits a value to the bounds and rounds it down to a whole multiple. */
function clamp(value: number, low: number, high: number, multiple: number): number {
  return Math.max(multiple, Math.floor(Math.min(high, Math.max(low, value)) / multiple) * multiple);
}
