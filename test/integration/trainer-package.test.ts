import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OWN = '@alphatensor-edge';

const folder = mkdtempSync(join(tmpdir(), 'at-trainer-package-'));
const modules = join(folder, 'node_modules');

// Packed from a copy, so that no other test sees the catalogue that packing puts beside the sources for a moment.
beforeAll(async () => {
  const copy = join(folder, 'copy');
  cpSync(join(ROOT, 'catalogue'), join(copy, 'catalogue'), { recursive: true });
  mkdirSync(join(modules, OWN), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== OWN && !name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  for (const name of ['shared', 'proto', 'trainer']) {
    const { files } = JSON.parse(readFileSync(join(ROOT, name, 'package.json'), 'utf8'));
    for (const file of ['package.json', ...files]) {
      if (name !== 'shared' || file !== 'catalogue')
        cpSync(join(ROOT, name, file), join(copy, name, file), { recursive: true });
    }
    await run('npm', ['pack', '--pack-destination', folder], { cwd: join(copy, name) });
    const tarball = readdirSync(folder).find((file) => file.startsWith(`alphatensor-edge-${name}-`))!;
    mkdirSync(join(modules, OWN, name));
    await run('tar', ['-xzf', join(folder, tarball), '-C', join(modules, OWN, name), '--strip-components=1']);
  }
  rmSync(copy, { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packages of the trainer', () => {
  it('hold the catalogue and know its names', async () => {
    expect(readdirSync(join(modules, OWN, 'shared', 'catalogue'))).toEqual(readdirSync(join(ROOT, 'catalogue')));
    const atTrainer = join(modules, OWN, 'trainer', 'bin', 'at-trainer.js');
    const { stdout } = await run(process.execPath, [atTrainer, 'verify', '4x2x4', '--json'], { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject([
      { exact: true, factorizations: [{ size: { n: 4, m: 2, p: 4 }, rank: 26 }] },
    ]);
  });
});
