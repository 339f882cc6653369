import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { vectorIsa } from '../../../agent/src/device/cpu.js';
import {
  baselineWork,
  growthOfLevels,
  laderman,
  packedAlgorithm,
  packedLevelWork,
  packedWork,
  Random,
  saveFactorization,
  secondsFor,
  strassen,
  winograd,
} from '../../../shared/src/index.js';
import { exportLibrary, needs, run, testFolder } from '../../support/exported.js';

const folder = testFolder();

describe('a library that predicts what was not measured', () => {
  const tuned = join(folder, 'modelled');
  const library = join(folder, 'predicting');
  const plan = { mr: 12, lines: 2, kc: 128, tileRows: 60, tileColumns: 64, streamAboveBytes: 65536, nearBytes: 0 };
  // Constants and corrections with which the shapes below go to all of the algorithms and to the BLAS.
  const model = {
    ...{ dtype: 'f32', threads: 1, samples: 9, medianError: 0.03, error90: 0.08 },
    seconds: [2e-11, 1e-11, 8e-11, 8e-11, 3e-11, 1e-5],
    baselineSeconds: [2e-11, 1e-11, 1e-5],
  };
  // Where B lies transposed, packing is so slow that nothing pays.
  const slow = { ...model, transposed: 'nt', seconds: [2e-11, 1e-11, 8e-9, 8e-11, 3e-11, 1e-5] };
  const levels = {
    strassen: [strassen()],
    winograd: [winograd(), winograd()],
    laderman: [laderman()],
    // So many products that one level becomes steps.
    both: [strassen(), laderman()],
  };
  type Name = keyof typeof levels;
  const FILES: Record<Name, string[]> = {
    strassen: ['strassen'],
    winograd: ['winograd', 'winograd'],
    laderman: ['laderman'],
    both: ['strassen', 'laderman'],
  };
  const texts: Record<Name, string> = {
    strassen: '<2,2,2;7>',
    winograd: '<2,2,2;7> over <2,2,2;7>',
    laderman: '<3,3,3;23>',
    both: '<2,2,2;7> over <3,3,3;23>',
  };
  const workOf = (name: Name) => packedAlgorithm(levels[name].map(packedLevelWork));
  const rules = [
    { m: 200, k: 200, n: 200, fast: null, accurate: null },
    { m: 600, k: 500, n: 700, fast: 'strassen', accurate: 'strassen' },
    { m: 900, k: 900, n: 900, fast: 'winograd', accurate: 'laderman' },
    { m: 1200, k: 1300, n: 1100, fast: 'both', accurate: 'both' },
  ] as const;

  /** What was measured of what the model says. */
  const CORRECTIONS: Record<Name, number> = { strassen: 0.9, winograd: 0.9, laderman: 0.85, both: 0.7 };
  const predicted = (name: Name, m: number, k: number, n: number): number => {
    const problem = { m, k, n, threads: 1, elementBytes: 4 };
    return secondsFor(packedWork(workOf(name), { mr: 12, nr: 32, kc: 128 }, problem), model.seconds);
  };

  const baselineOf = (m: number, k: number, n: number): number =>
    secondsFor(baselineWork({ m, k, n, threads: 1, elementBytes: 4 }), model.baselineSeconds);

  /** The choice by the same functions that tuning uses. */
  function chosen(m: number, k: number, n: number, mode: 'fast' | 'accurate'): string {
    const rule = rules.find((one) => one.m === m && one.k === k && one.n === n);
    if (rule !== undefined) return rule[mode] === null ? 'BLAS' : texts[rule[mode]];
    if (2 * m < 200 || 2 * k < 200 || 2 * n < 200) return 'BLAS';
    const baseline = baselineOf(m, k, n);
    const units = (Object.keys(levels) as Name[]).map((name) => ({
      ...{ name, error: growthOfLevels(levels[name]) * Math.sqrt(Math.min(Math.ceil(k / workOf(name).m), 512)) },
      seconds: predicted(name, m, k, n) * CORRECTIONS[name],
    }));
    const limit = baseline / (1 + model.medianError);
    const [best] = units.filter(({ seconds }) => seconds < limit).sort((a, b) => a.seconds - b.seconds);
    if (best === undefined) return 'BLAS';
    if (mode === 'fast') return texts[best.name];
    const near = units.filter(({ seconds }) => seconds <= Math.min(limit, 1.01 * best.seconds));
    return texts[near.sort((a, b) => a.error - b.error)[0].name];
  }

  beforeAll(async () => {
    mkdirSync(join(tuned, 'algorithms'), { recursive: true });
    for (const [name, factorization] of Object.entries({
      strassen: strassen(),
      winograd: winograd(),
      laderman: laderman(),
    })) {
      await saveFactorization(join(tuned, 'algorithms', `${name}.json`), { factorization, origin: 'imported' });
    }
    const winner = (name: Name | null, m: number, k: number, n: number) =>
      name && {
        ...{ label: name, rank: 7 ** levels[name].length, fasterThanBaseline: true, notClaimedBecause: '', flags: [] },
        ...{
          speedup: {
            estimate: baselineOf(m, k, n) / (predicted(name, m, k, n) * CORRECTIONS[name]),
            low: 1.1,
            high: 1.3,
          },
          against: 'OpenBLAS 0.3.21',
          vectorIsa: vectorIsa(),
          plan,
        },
        levels: FILES[name].map((file) => `algorithms/${file}.json`),
        ...{ errorRatio: 2.5, relativeError: 1e-6 },
      };
    const entries = rules.map(({ m, k, n, fast, accurate }) => {
      const choices = { fast: winner(fast, m, k, n), accurate: winner(accurate, m, k, n) };
      const problem = { m, k, n, dtype: 'f32', threads: 1 };
      return { problem, ...choices, winner: choices.accurate, isComplete: true, reason: '', finalists: [] };
    });
    const table = {
      ...{ format: 'alphatensor-dispatch', version: 3, createdAt: '', device: {}, backend: 'c-gcc', variant: 'packed' },
      ...{ environment: null, objective: { maxError: 4, prefer: 'accurate' }, timeModels: [slow, model], entries },
    };
    writeFileSync(join(tuned, 'dispatch.json'), JSON.stringify(table));
    const exported = await exportLibrary('--dispatch', join(tuned, 'dispatch.json'), '--out', library, '--json');
    expect(exported.stderr).toBe('');
    expect(JSON.parse(exported.stdout).rules[2]).toMatchObject({
      ...{ algorithm: 'laderman', fast: 'winograd', accurate: 'laderman' },
    });
  });

  it('passes its test, and chooses by the model and the mode as tuning would', async (context) => {
    await needs(context, 'make', 'gcc');
    const { text, code } = await run('make', ['test', 'CFLAGS=-O1', 'BLAS=none'], library);
    expect(text).not.toContain('warning');
    expect(text).toMatch(/^[1-9]\d* checks, 0 failed$/m);
    expect(code).toBe(0);
    const random = new Random('shapes');
    const shapes = [
      ...rules.map(({ m, k, n }) => [m, k, n]),
      ...Array.from({ length: 200 }, () => [0, 0, 0].map(() => 90 + random.int(1500))),
    ];
    const program = `#include "fastmm.h"
#include <stdio.h>
int main(void) {
  static const size_t shapes[][3] = {${shapes.map((shape) => `{${shape}}`).join(', ')}};
  printf("%d\\n", fastmm_get_mode());
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    for (int mode = 0; mode < 2; mode++) {
      fastmm_set_mode(mode == 0 ? FASTMM_FAST : FASTMM_ACCURATE);
      printf("%s\\n", fastmm_sgemm_algorithm(shapes[i][0], shapes[i][2], shapes[i][1], 1));
    }
  /* Not as measured by rows but by a model of its own; by that of others, with a larger margin. */
  printf("%s\\n", fastmm_sgemm_algorithm_for(FASTMM_NO_TRANSPOSE, FASTMM_TRANSPOSE, 900, 900, 900, 1));
  printf("%s\\n", fastmm_sgemm_algorithm_for(FASTMM_TRANSPOSE, FASTMM_NO_TRANSPOSE, 1536, 1536, 1536, 1));
}
`;
    writeFileSync(join(library, 'choices.c'), program);
    const archive = ['build-without-blas/libfastmm.a', '-lm', '-pthread'];
    expect(await run('gcc', ['-o', 'choices', 'choices.c', ...archive], library)).toEqual({ code: 0, text: '' });
    const [mode, ...names] = (await run(join(library, 'choices'), [], library)).text.trim().split('\n');
    expect(mode).toBe('1');
    const expected = shapes.flatMap(([m, k, n]) => [chosen(m, k, n, 'fast'), chosen(m, k, n, 'accurate')]);
    const [transposedB, transposedA] = names.splice(-2);
    expect(names.map((name) => (name.startsWith('plain') ? 'BLAS' : name))).toEqual(expected);
    expect(transposedB).toMatch(/^plain/);
    expect(transposedA).toBe(chosen(1536, 1536, 1536, 'accurate'));
    // The shapes are such that everything is chosen somewhere, and that the modes differ beyond the rules.
    expect(new Set(expected)).toEqual(new Set(['BLAS', ...Object.values(texts)]));
    const differing = shapes
      .slice(rules.length)
      .filter(([m, k, n]) => chosen(m, k, n, 'fast') !== chosen(m, k, n, 'accurate'));
    expect(differing.length).toBeGreaterThan(0);
  });
});
