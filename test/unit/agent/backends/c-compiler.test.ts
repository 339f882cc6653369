import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';
import { programHeaders } from '../../../../agent/src/backends/c-compiler.js';
import { cProgram, VARIANTS } from '../../../../agent/src/codegen/c/variant.js';
import { packageFile } from '../../../../agent/src/package-files.js';
import { standard } from '../../../../shared/src/index.js';

const NATIVE = packageFile('native');
const hasGcc = spawnSync('gcc', ['--version'], { stdio: 'ignore' }).status === 0;

it.skipIf(!hasGcc).each(VARIANTS)('the identity of a compiled program has all headers that %s includes', (variant) => {
  const program = cProgram(variant, [standard({ n: 1, m: 1, p: 1 })], 'f32', { vectorIsa: 'generic', caches: {} });
  const folder = mkdtempSync(join(tmpdir(), 'alphatensor-edge-headers-'));
  try {
    const source = join(folder, 'program.c');
    writeFileSync(source, program.source());
    const rule = execFileSync('gcc', ['-MM', `-I${NATIVE}`, source], { encoding: 'utf8' });
    const included = rule.split(/[\s\\]+/).filter((word) => word.endsWith('.h'));
    expect(included.length).toBeGreaterThan(3);
    for (const path of included) expect(programHeaders()).toContain(normalize(path));
    expect(included.map((path) => dirname(normalize(path)))).toContain(normalize(NATIVE));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
