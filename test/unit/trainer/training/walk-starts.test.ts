import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  countNonzeros,
  formatFactorizationJson,
  orbitInvariant,
  parseSize,
  standard,
  strassen,
  type VerifiedFactorization,
  verify,
  winograd,
} from '../../../../shared/src/index.js';
import { provenanceWords } from '../../../../trainer/src/run/provenance.js';
import { readBeginning } from '../../../../trainer/src/training/beginning.js';
import { FlipDemonstrations } from '../../../../trainer/src/training/flips/flip-demonstrations.js';
import { resolveTrainingConfig } from '../../../../trainer/src/training/resolve-config.js';

const folder = mkdtempSync(join(tmpdir(), 'walk-starts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function save(name: string, factorization: VerifiedFactorization, origin: 'flip-graph' | 'imported' = 'flip-graph') {
  const file = join(folder, name);
  writeFileSync(file, formatFactorizationJson({ factorization, origin }));
  return file;
}

const STRASSEN = save('strassen.json', strassen());
const modulo2 = save('modulo-2.json', verify({ ...strassen(), arithmetic: 'modulo-2' }));
const large = save('large.json', verify(standard(parseSize('2,3,3'))));

function resolve(walkFrom: string[], size = '2,2,2', flipDemonstrations = true) {
  const wishes = { size: parseSize(size), preset: 'mid', walkFrom, flipDemonstrations } as const;
  return resolveTrainingConfig(wishes, () => false);
}

function flipsOf({ demonstrations }: Awaited<ReturnType<typeof resolve>>) {
  if (demonstrations.flips === undefined) throw new Error('There are no walks.');
  return demonstrations.flips;
}

describe('factorizations that walks begin with', () => {
  it('are shown from the first step, are walked from, and every output names them', async () => {
    const config = await resolve([STRASSEN]);
    expect(flipsOf(config).from).toEqual([STRASSEN]);
    const { walkStarts, provenance } = await readBeginning(config, {
      runDir: folder,
      resume: false,
      checkpoint: undefined,
    });
    expect(walkStarts.map(orbitInvariant)).toEqual([orbitInvariant(strassen())]);
    expect(provenanceWords(provenance)).toBe(
      `bootstrapped from this run's own flip-graph walks; bootstrapped from demonstrations: ${STRASSEN} (<2,2,2> of rank 7, origin flip-graph)`,
    );
    const flips = new FlipDemonstrations(config, flipsOf(config));
    expect(flips.isEmpty).toBe(true);
    flips.begin(walkStarts);
    expect(flips.rank).toBe(7);
    expect(flips.hasWalked).toBe(false);
  });

  it("may be of a smaller size on the way to the run's own, and are shown in their sparsest basis", async () => {
    const config = await resolve([save('winograd.json', winograd(), 'imported')], '2,2,3');
    const { walkStarts } = await readBeginning(config, { runDir: folder, resume: false, checkpoint: undefined });
    const flips = new FlipDemonstrations(config, flipsOf(config));
    flips.begin(walkStarts);
    expect(flips.isEmpty).toBe(true);
    expect(flips.parts.length).toBeGreaterThan(0);
    expect(countNonzeros(walkStarts[0])).toBe(36);
  });

  it('come from the folder of a run: those of its lowest rank', async () => {
    const run = join(folder, 'run');
    mkdirSync(join(run, 'factorizations'), { recursive: true });
    await expect(resolve([run])).rejects.toThrow(/holds no factorizations; give --walk-from a/);
    const best = save('run/factorizations/best.json', strassen());
    save('run/factorizations/other.json', verify(standard(parseSize('2,2,2'))));
    expect(flipsOf(await resolve([run])).from).toEqual([best]);
  });

  it('are refused without walks, of another size or arithmetic, or too long for the game', async () => {
    await expect(resolve([STRASSEN], '2,2,2', false)).rejects.toThrow(/add --flip-demonstrations/);
    await expect(resolve([large])).rejects.toThrow(/large\.json \(<2,3,3> of rank 18, standard\).* takes <2,2,2> in/);
    await expect(resolve([modulo2])).rejects.toThrow(/modulo-2\.json .*the run's arithmetic/);
    await expect(resolve([large], '2,3,3')).rejects.toThrow(/17 terms at most/);
    await expect(resolve([join(folder, 'absent.json')])).rejects.toThrow(/absent\.json/);
  });

  it('are absent unless a person names some', async () => {
    expect(flipsOf(await resolve([])).from).toBeUndefined();
  });
});
