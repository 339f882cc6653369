import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('every mutant of npm run test:mutants still has its place in the sources and its test', () => {
  const runner = fileURLToPath(new URL('../../mutants/run.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [runner, '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
