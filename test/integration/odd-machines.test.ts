import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Both programs as a person starts them, where something that they need is not as usual.

const program = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const AGENT = `${process.execPath} ${program('agent/bin/at-agent.js')}`;
const TRAINER = `${process.execPath} ${program('trainer/bin/at-trainer.js')}`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'at-odd-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(script: string, env: NodeJS.ProcessEnv = {}): { status: number | null; stdout: string; stderr: string } {
  const { PATH } = process.env;
  return spawnSync('bash', ['-c', script], { cwd: folder, env: { PATH, HOME: folder, ...env }, encoding: 'utf8' });
}

const A_STACK = /\n {4}at |unexpected fault/;

describe('a user whom the system does not know, without HOME', () => {
  const unknown = 'setpriv --reuid=54321 --regid=54321 --clear-groups env -u HOME';
  const isRoot = process.getuid?.() === 0 && run(`${unknown} ${AGENT} --version`).status === 0;
  if (!isRoot) console.info('skipped: no process can be started here as an unknown user that can read this folder');

  it.skipIf(!isRoot).each([
    [`${AGENT} --help`, 0],
    [`${TRAINER} --help`, 0],
    [`${TRAINER} verify strassen`, 0],
    [`${AGENT} status`, 6],
    [`${TRAINER} agents list`, 6],
  ])('gets an answer to %s', (command, status) => {
    const said = run(`${unknown} ${command}`);
    expect(said.stderr).not.toMatch(A_STACK);
    expect(said.status).toBe(status);
    if (status !== 0) expect(said.stderr).toMatch(/does not know user 54321; set HOME or ALPHATENSOR_\w+_DIR/);
  });
});

describe('a machine that is not as usual', () => {
  it('keeps nothing in the current folder where XDG_CONFIG_HOME is empty', () => {
    const home = join(folder, 'home');
    const before = readdirSync(folder);
    expect(run(`${TRAINER} agents add far 192.0.2.1:50051`, { HOME: home, XDG_CONFIG_HOME: '' }).status).toBe(0);
    expect(readdirSync(folder).sort()).toEqual([...before, 'home'].sort());
    expect(existsSync(join(home, '.config', 'alphatensor-edge'))).toBe(true);
  });

  it.each([`${TRAINER} catalogue list`, `${AGENT} --help`])(
    'does not complain of a reader that has left: %s',
    (command) => {
      // The reader is gone before anything is written.
      expect(run(`${command} | true`).stderr).toBe('');
    },
  );

  it('names TMPDIR where no temporary file can be written', () => {
    const said = run(`${AGENT} describe`, { TMPDIR: join(folder, 'missing') });
    expect(said.stderr).toMatch(/^error: .*set TMPDIR to a folder/);
    expect([said.status, A_STACK.test(said.stderr)]).toEqual([6, false]);
  });

  it('names ulimit -t where the processor time is used up, or says first that it will end without a word', () => {
    const walk = `${TRAINER} explore --size 4,4,4 --budget 60s --workers 1 --run-dir walk`;
    const said = run(`ulimit -St 2; ${walk}`);
    expect(said.stderr).toMatch(/^error: This process has used up its 2 s of processor time; raise ulimit -t\.$/m);
    expect([said.status, A_STACK.test(said.stderr)]).toEqual([8, false]);
    expect(run(`ulimit -t 30; ${AGENT} --version`)).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^note: the system ends this process without a word after 30 s of processor time;/),
    });
  });

  it('names ulimit -t where a child of such an agent is killed', () => {
    const file = program('agent/dist/process/how-it-ended.js');
    const script = `import { howItEnded } from '${file}'; console.log(howItEnded({ exitCode: null, signal: 'SIGKILL', stderr: '' }));`;
    const said = run(`ulimit -t 30; ${process.execPath} --input-type=module -e "${script}"`);
    expect(said.stdout).toMatch(/SIGKILL, because it used up its processor time, .* a limit of 30 s \(ulimit -t\)$/m);
  });

  it('names ulimit -n where too few files may be open', () => {
    const said = run(`ulimit -n 20; ${AGENT} --version`);
    if (said.status !== 0) expect(said.stderr).toContain('raise ulimit -n');
    expect(said.stderr).not.toMatch(A_STACK);
  });
});
