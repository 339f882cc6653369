import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../../../trainer/src/cli/main.js';
import { references } from '../../../../trainer/src/fleet/algorithms.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../../../trainer/src/fleet/measurement-store.js';
import { cube, measurementRow } from '../../../support/report-rows.js';
import { temporaryFolder } from '../../../support/trainer-process.js';

const [, strassen] = references().map(({ algorithm }) => algorithm);

describe('at-trainer report', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  const at = (name: string): string => join(folder.path, name);
  /** Runs the command in this process, which is faster than a new one. */
  const report = async (...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    const told = { stdout: '', stderr: '' };
    const spies = (['stdout', 'stderr'] as const).map((stream) =>
      vi.spyOn(process[stream], 'write').mockImplementation((text) => {
        told[stream] += text;
        return true;
      }),
    );
    try {
      const code = await main([process.execPath, 'at-trainer', 'report', ...options]);
      return { code, ...told };
    } finally {
      for (const spy of spies) spy.mockRestore();
      process.exitCode = undefined;
    }
  };

  beforeEach(() => {
    folder = temporaryFolder();
    vi.stubEnv('ALPHATENSOR_CONFIG_DIR', at('config'));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    folder.remove();
  });

  function writeRun(name: string, speedups: readonly number[], firstSeed: number): void {
    mkdirSync(at(name));
    writeFileSync(at(`${name}/config.json`), '{"command":"tune","demonstrations":[]}');
    const store = MeasurementStore.open(at(`${name}/${MEASUREMENTS_FILE}`));
    speedups.forEach((speedup, index) => {
      const seed = firstSeed + index;
      store.insert(
        measurementRow({ algorithm: strassen, problem: cube(512), seed, speedup, variant: 'packed' }),
        `${seed}`,
      );
    });
    store.close();
  }

  it('answers in the terminal, without colours where it is none, and writes best.json with the factorization', async () => {
    writeRun('run', [1.3], 1);
    const { code, stdout } = await report(at('run'), '--out', at('out'));
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^build-01\n {2}512×512×512, f32, 1 thread\n {4}▲ 1\.\d{3}x \(1\.\d{3}–1\.\d{3}\) with Strassen\n/,
    );
    expect(stdout).toContain(`$ npx at-trainer export strassen --dtype f32 --measurements ${at('run')}`);
    expect(stdout).not.toContain('\u001b');
    const best = JSON.parse(readFileSync(at('out/best.json'), 'utf8'));
    expect(best.choices[0].choice).toMatchObject({ label: 'Strassen', verdict: 'faster', levels: strassen.levels });
  });

  it('keeps a reference, tells what differs from it, and ends with 12 where something became slower', async () => {
    writeRun('before', [1.3, 1.31, 1.29, 1.3], 1);
    writeRun('after', [1.1], 5);
    const kept = await report(at('before'), '--out', at('out'), '--save-reference', 'good');
    expect(kept.code).toBe(0);

    const changed = await report(at('after'), '--out', at('out'), '--against', 'good', '--changes');
    expect(changed.code).toBe(0);
    expect(changed.stdout).toContain('1 slower');
    expect(changed.stdout).not.toContain('report.html');
    expect(readFileSync(at('out/changes.csv'), 'utf8')).toMatch(/,slower,1\.3/);

    const regressed = await report(at('before'), at('after'), '--out', at('out'), '--regressions', '4', '--json');
    expect(regressed.code).toBe(12);
    const document = JSON.parse(regressed.stdout);
    expect(document).toMatchObject({
      error: { code: 'REGRESSED' },
      trends: [{ label: 'Strassen', hasRegressed: true }],
    });

    const again = await report(at('after'), '--save-reference', 'good');
    expect(again).toMatchObject({ code: 2 });
    expect(again.stderr).toContain('A reference named good exists already');
    const unknown = await report(at('after'), '--against', 'nowhere');
    expect(unknown).toMatchObject({ code: 5 });
    expect(unknown.stderr).toContain('references are good');
  });

  it('reads a page again and merges it', async () => {
    writeRun('one', [1.3], 1);
    writeRun('two', [1.2], 2);
    await report(at('one'), '--out', at('out'));
    const merged = await report(at('out/report.html'), at('two'), '--out', at('both'), '--json', '--anonymous');
    expect(merged.code).toBe(0);
    expect(JSON.parse(readFileSync(at('both/report.json'), 'utf8'))).toMatchObject({
      jobs: 2,
      runs: [{ name: 'run 1' }, { name: 'run 2' }],
    });
    expect(readFileSync(at('both/report.html'), 'utf8')).not.toContain('build-01');
    const refused = await report(at('out/report.html'));
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain('needs --out');
  });
});
