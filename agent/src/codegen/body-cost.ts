import type { PackedLevel } from '../plan/packed.js';
import type { OfMatrices } from '../plan/packed-traffic.js';
import { mergeBody, type Places, splitBody } from './transforms.js';

const NOWHERE: Places = { read: (x) => `${x}`, write: (x) => `${x}` };
const ADDITIONS: ReadonlySet<string> = new Set(['ADD', 'SUB', 'COMBINE']);

/** Holds what the straight-line code of the three transforms does for one element of all blocks. */
interface BodyCosts {
  /** Additions and subtractions; a common sum counts once. */
  readonly additions: OfMatrices;
  /** The most values that are alive at a time. */
  readonly valuesAlive: OfMatrices;
}

/** Counts in the transforms of levels, as they are written (codegen/transforms.ts). */
export function bodyCosts(levels: readonly PackedLevel[]): BodyCosts {
  const bodies = {
    a: splitBody(levels, 'a', NOWHERE),
    b: splitBody(levels, 'b', NOWHERE),
    c: mergeBody(levels, NOWHERE),
  };
  const each = (count: (body: readonly string[]) => number): OfMatrices => ({
    a: count(bodies.a),
    b: count(bodies.b),
    c: count(bodies.c),
  });
  return { additions: each(countAdditions), valuesAlive: each(countAlive) };
}

function countAdditions(body: readonly string[]): number {
  return body.filter((line) => ADDITIONS.has(line.slice('AT_'.length, line.indexOf('(')))).length;
}

/** Counts the values that are alive at a time: each from the line that defines it to the last that uses it. */
function countAlive(body: readonly string[]): number {
  const lastUse = new Map<string, number>();
  const names = body.map((line) => line.match(/\bt\d+\b/g) ?? []);
  names.forEach((ofLine, index) => {
    for (const name of ofLine) lastUse.set(name, index);
  });
  const alive = new Set<string>();
  let most = 0;
  names.forEach((ofLine, index) => {
    for (const name of ofLine) alive.add(name);
    most = Math.max(most, alive.size);
    for (const name of ofLine) if (lastUse.get(name) === index) alive.delete(name);
  });
  return most;
}
