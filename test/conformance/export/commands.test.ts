import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { vectorIsa } from '../../../agent/src/device/cpu.js';
import { winograd } from '../../../shared/src/index.js';
import { candidate } from '../../../trainer/src/fleet/algorithms.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../../trainer/src/fleet/measurement-store.js';
import { runAgent } from '../../support/agent-process.js';
import { dataPath, needsData } from '../../support/data.js';
import { exportLibrary, needs, testFolder } from '../../support/exported.js';
import { cube, measurementRow } from '../../support/report-rows.js';
import { startTrainer } from '../../support/trainer-process.js';

const folder = testFolder();

describe('at-agent export', () => {
  it('refuses a folder with something in it, unless it is forced', async () => {
    const out = join(folder, 'taken');
    mkdirSync(out);
    writeFileSync(join(out, 'mine.txt'), 'mine');
    const refused = await exportLibrary('strassen', '--out', out);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/^error: .* is not empty; name another folder, or .* with --force\.\n$/);
    expect(readdirSync(out)).toEqual(['mine.txt']);
    expect((await exportLibrary('strassen', '--out', out, '--force')).code).toBe(0);
    expect(readFileSync(join(out, 'mine.txt'), 'utf8')).toBe('mine');
    expect(readdirSync(out)).toContain('fastmm.h');
  });

  it.for([
    ['an unknown file', 5, ['nonesuch.json'], /There is no file "nonesuch\.json"/],
    ['too many levels', 2, ['strassen', '--levels', '4'], /2401 products is too much to compile \(at most 500\)/],
    ['a name that is taken', 2, ['strassen', '--name', 'bench'], /cannot be called "bench"; choose a C identifier/],
    ['several algorithms repeated', 2, ['strassen', 'winograd', '--levels', '2'], /not both/],
    ['an unknown number format', 2, ['strassen', '--dtype', 'f16'], /Write f32, f64 or f32,f64/],
    ['an unknown target', 2, ['strassen', '--target', 'rust'], /Allowed choices are c/],
    ['measurements that are none', 4, ['strassen', '--measured', 'package.json'], /not a list of measured speed-ups/],
  ] as const)('refuses %s', async ([, status, args, sentence]) => {
    const out = join(folder, 'refused');
    const { code, stderr } = await exportLibrary(...args, '--out', out);
    expect(stderr).toMatch(sentence);
    expect(code).toBe(status);
    expect(readdirSync(folder)).not.toContain('refused');
  });

  it('refuses a factorization that is exact modulo 2 only', async (context) => {
    needsData(context);
    const file = dataPath('deepmind-alphatensor', 'factorizations_f2.npz');
    const { code, stderr } = await exportLibrary(`${file}#4,4,4`, '--out', join(folder, 'refused'));
    expect(stderr).toMatch(/Factorization 1 is exact modulo 2 only/);
    expect(code).toBe(2);
  });
});

describe('at-trainer export', () => {
  const trainer = (...args: string[]) => startTrainer(['export', ...args], folder).ended;

  it('takes the crossover from what a run measured', async () => {
    const runFolder = join(folder, 'run');
    mkdirSync(runFolder);
    const store = MeasurementStore.open(join(runFolder, MEASUREMENTS_FILE));
    const { algorithm } = candidate({ factorization: winograd(), origin: 'imported' }, 'imported', { depth: 2 });
    [0.9, 1.2, 1.3].forEach((speedup, i) => {
      const row = { algorithm, problem: cube(512 * 2 ** i), variant: 'packed', speedup, seed: i };
      store.insert(measurementRow(row), `${i}`);
    });
    // Another variant is another program.
    store.insert(measurementRow({ algorithm, problem: cube(4096), speedup: 0.5, seed: 3 }), '3');
    store.close();
    const out = join(folder, 'measured');
    const { code, stdout, stderr } = await trainer(
      ...[
        'winograd',
        '--levels',
        '2',
        '--dtype',
        'f32',
        '--name',
        'w2',
        '--measurements',
        runFolder,
        '--out',
        out,
        '--json',
      ],
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      crossovers: {
        f32: {
          size: 1024,
          origin: 'Measured: from 1024 on it was faster than OpenBLAS 0.3.21, and at 512 it was not.',
        },
      },
    });
    expect(readFileSync(join(out, 'w2_config.h'), 'utf8')).toContain('#define W2_CROSSOVER_F32 1024\n');
    expect(readFileSync(join(out, 'README.md'), 'utf8').match(/^\| \d+ x .*OpenBLAS 0\.3\.21/gm)).toHaveLength(3);
  });

  it("hands on the agent's refusal", async () => {
    const { code, stderr } = await trainer('nonesuch.json', '--out', join(folder, 'refused'));
    expect(stderr).toMatch(/^error: There is no file "nonesuch\.json"/);
    expect(code).toBe(5);
  });

  it('says what is missing where the run measured something else', async () => {
    const { code, stderr } = await trainer(
      'strassen',
      '--measurements',
      join(folder, 'run'),
      '--out',
      join(folder, 'x'),
    );
    expect(stderr).toMatch(/has no measurement of this algorithm with the variant packed/);
    expect(code).toBe(5);
  });
});

describe('at-agent benchmark --keep', () => {
  it.for([
    [['baseline'], /name an algorithm to keep/],
    [['strassen', '--variant', 'temporaries'], /variant packed/],
  ] as const)('refuses %j before it measures', async ([args, sentence]) => {
    const { code, stderr } = await runAgent('benchmark', ...args, '--problem', '256', '--keep', join(folder, 'kept'));
    expect(stderr).toMatch(sentence);
    expect(code).toBe(2);
  });

  it('writes what it measured', async (context) => {
    await needs(context, 'gcc');
    const out = join(folder, 'kept');
    const { code, stdout } = await runAgent(
      ...['benchmark', 'strassen', '--problem', '128', '--budget', '2s', '--tune-plans', '2', '--keep', out, '--json'],
    );
    expect(code).toBe(0);
    const { measurement, environment, library } = JSON.parse(stdout);
    const source = readFileSync(join(out, 'fastmm_f32.c'), 'utf8');
    expect(source).toContain(`those for ${vectorIsa()} were measured to be the fastest`);
    expect(source).toContain(`#define AT_KC ${environment.kernelPlan.kc}\n`);
    expect(library.crossovers).toEqual({
      f32: {
        // Left out: never.
        ...(measurement.speedup.low > 1 ? { size: 128 } : {}),
        origin: expect.stringMatching(/^Measured: /),
      },
    });
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toMatch(/^\| 128 x 128 x 128 \| f32 \| 1 \|/m);
  });
});
