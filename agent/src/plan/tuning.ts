import { type KernelPlan, NEAR_BYTES } from './kernel-plan.js';

const LINE_BYTES = 64;

/** Lists the depths worth trying, elements. */
const DEPTHS = [192, 256, 384, 512, 768];
const TILE_ROWS = [120, 252, 516, 1020];
const TILE_COLUMNS = [128, 256, 512];

/** Lists other register tiles that fit the registers of an instruction set, rows x cache lines. */
const REGISTER_TILES: Readonly<Record<string, readonly Pick<KernelPlan, 'mr' | 'lines'>[]>> = {
  avx512: [
    { mr: 12, lines: 2 },
    { mr: 8, lines: 3 },
  ],
  avx2: [{ mr: 4, lines: 1 }],
  neon: [{ mr: 5, lines: 1 }],
};

/**
 * Makes plans that differ from the given one in one property, the most promising first: what the caches decide, then
 * whether to bypass them, then the register tile.
 */
export function variationsOf(plan: KernelPlan, vectorIsa: string, elementBytes: number): KernelPlan[] {
  const line = LINE_BYTES / elementBytes;
  const nr = plan.lines * line;
  const rows = TILE_ROWS.map((count) => Math.max(1, Math.round(count / plan.mr)) * plan.mr);
  const columns = TILE_COLUMNS.map((count) => Math.max(1, Math.round(count / nr)) * nr);
  const variations = [
    ...DEPTHS.map((kc) => ({ ...plan, kc })),
    ...columns.map((tileColumns) => ({ ...plan, tileColumns })),
    ...rows.map((tileRows) => ({ ...plan, tileRows })),
    ...[0, Number.MAX_SAFE_INTEGER].map((streamAboveBytes) => ({ ...plan, streamAboveBytes })),
    ...[0, NEAR_BYTES].map((nearBytes) => ({ ...plan, nearBytes })),
    ...(REGISTER_TILES[vectorIsa] ?? []).map((tile) => withRegisterTile(plan, tile, line)),
  ];
  return variations.filter((variation) => !samePlan(variation, plan));
}

/** Makes the same plan with another register tile. Its tiles still consist of whole register tiles. */
function withRegisterTile(plan: KernelPlan, tile: Pick<KernelPlan, 'mr' | 'lines'>, line: number): KernelPlan {
  const nr = tile.lines * line;
  return {
    ...plan,
    ...tile,
    tileRows: Math.max(1, Math.round(plan.tileRows / tile.mr)) * tile.mr,
    tileColumns: Math.max(1, Math.round(plan.tileColumns / nr)) * nr,
  };
}

/** Tells whether two plans make the same program. */
function samePlan(a: KernelPlan, b: KernelPlan): boolean {
  return planKey(a) === planKey(b);
}

/** Identifies a plan. */
export function planKey({ mr, lines, kc, tileRows, tileColumns, streamAboveBytes, nearBytes }: KernelPlan): string {
  return [mr, lines, kc, tileRows, tileColumns, streamAboveBytes, nearBytes].join(' ');
}
