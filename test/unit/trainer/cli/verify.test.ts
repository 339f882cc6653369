import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatFactorizationJson, loadEach, strassen, winograd } from '../../../../shared/src/index.js';
import { main } from '../../../../trainer/src/cli/main.js';

const folder = mkdtempSync(join(tmpdir(), 'at-verify-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

let stdout = '';
let stderr = '';
beforeEach(() => {
  stdout = stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const run = (...argv: string[]): Promise<number> => main(['node', 'at-trainer', ...argv]);

/** Three schemes, the second of which is wrong. */
function manyFile(): string {
  const [good, also] = [strassen(), winograd()].map((factorization) =>
    JSON.parse(formatFactorizationJson({ factorization, origin: 'imported' })),
  );
  const wrong = { ...good, u: good.u.map((row: number[]) => row.map((x) => 2 * x)) };
  const path = join(folder, 'many.json');
  writeFileSync(path, JSON.stringify([good, wrong, also]));
  return path;
}

/** Strassen's algorithm with i and -i in two factors of every product, as products of matrices in Mathematica. */
function complexFile(change = ''): string {
  const { rank, u, v, w } = strassen();
  const grid = ({ coefficients }: { coefficients: Int32Array }, r: number, text: (x: number) => string): string => {
    const [a, b, c, d] = Array.from(coefficients.subarray(4 * r, 4 * r + 4), (x) => (x === 0 ? '0' : text(x)));
    return `{{${a}, ${b}}, {${c}, ${d}}}`;
  };
  // i times i is -1.
  const products = Array.from(
    { length: rank },
    (_, r) => `{${grid(u, r, (x) => `${x}*I`)}, ${grid(v, r, (x) => `${x}*I`)}, ${grid(w, r, (x) => `${-x}`)}}`,
  );
  const path = join(folder, `complex${change}.m`);
  writeFileSync(path, `{${products.join(',\n')}}`.replace('1*I', change === '' ? '1*I' : change));
  return path;
}

describe('one bad entry of many', () => {
  it('is named by verify, with the good ones shown, and a status that is not 0', async () => {
    expect(await run('verify', manyFile(), 'strassen')).toBe(3);
    expect(stdout.match(/exact <2,2,2> of rank 7/g)).toHaveLength(3);
    expect(stderr).toMatch(/^error: many\.json#2: The 7 terms do not reconstruct <2,2,2>/);
  });

  it('is named in the document', async () => {
    expect(await run('verify', manyFile(), '--json')).toBe(3);
    const [{ exact, factorizations, failures, code }] = JSON.parse(stdout);
    expect([exact, factorizations.length, code]).toEqual([false, 2, 'NOT_A_FACTORIZATION']);
    expect(failures).toEqual([expect.objectContaining({ name: 'many.json#2', code: 'NOT_A_FACTORIZATION' })]);
  });

  it('stops no other import, nor does a file that is missing', async () => {
    const out = join(folder, 'out');
    expect(await run('import', join(folder, 'absent.json'), manyFile(), '--out', out)).toBe(5);
    expect(readdirSync(out)).toHaveLength(2);
    expect(stdout.match(/_m7_\w{12}\.json: \d+ nonzeros/g)).toHaveLength(2);
    expect(stderr).toMatch(/There is no file .*absent\.json.*\nerror: many\.json#2: The 7 terms/);
  });
});

describe('complex coefficients', () => {
  it('are reconstructed exactly and kept as a file that is read again', async () => {
    const out = join(folder, 'complex');
    expect(await run('verify', complexFile())).toBe(0);
    expect(stdout).toMatch(
      /exact <2,2,2> of rank 7 over the Gaussian rationals \(complex coefficients: not for measuring\)/,
    );
    expect(await run('import', complexFile(), '--out', out)).toBe(0);
    const [name] = readdirSync(out);
    expect(name).toMatch(/^2x2x2_m7_complex_\w{12}\.json$/);
    const text = readFileSync(join(out, name), 'utf8');
    expect(text).toContain('"complex": true');
    expect(text).toContain('"1i"');
    const [entry] = await loadEach(join(out, name));
    expect(entry).toMatchObject({ record: { gaussian: { rank: 7 } } });
  });

  it('must be right in both parts', async () => {
    expect(await run('verify', complexFile('1*I+1'))).toBe(3);
    expect(stderr).toMatch(/The 7 terms with complex coefficients do not reconstruct <2,2,2>/);
  });

  it('are not measured, which is said in one sentence before an agent is asked', async () => {
    expect(await run('benchmark', complexFile())).toBe(4);
    expect(stderr).toMatch(/^error: complex\.m: Its coefficients are complex .* only verify and import take it\.\n$/);
  });
});
