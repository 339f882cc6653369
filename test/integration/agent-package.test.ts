import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAgent } from '../../trainer/src/fleet/agent-client.js';
import { endAllAgents, startAgentIn } from '../support/agent-process.js';

const run = promisify(execFile);
const SOURCES = fileURLToPath(new URL('../../agent/src', import.meta.url));
const SCRIPT = fileURLToPath(new URL('../../scripts/package-agent.mjs', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'at-agent-package-'));
const installed = join(folder, 'prefix', 'lib', 'node_modules', '@alphatensor-edge', 'agent');
const env = { ...process.env, ALPHATENSOR_STATE_DIR: join(folder, 'state') };
const atAgent = join(folder, 'prefix', 'bin', 'at-agent');

beforeAll(async () => {
  await run(process.execPath, [SCRIPT, '--out', folder]);
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!);
  await run('npm', ['install', '--global', '--offline', '--prefix', join(folder, 'prefix'), tarball]);
});

afterAll(() => {
  endAllAgents();
  rmSync(folder, { recursive: true, force: true });
});

describe('the package of the agent, installed without a registry', () => {
  it('holds no dependencies to fetch, and the licences of what is bundled', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    expect(Object.keys(manifest).filter((key) => /dependencies|scripts/i.test(key))).toEqual([]);
    expect(readFileSync(join(installed, 'THIRD-PARTY-LICENSES.txt'), 'utf8')).toMatch(/^@grpc\/grpc-js .+Apache-2\.0/m);
  });

  it('finds its own files', async () => {
    expect((await run(atAgent, ['config', 'check'], { env, cwd: folder })).stdout).toContain('host');
    expect(readdirSync(join(installed, 'library'))).toContain('Makefile');
  });

  it('holds every file that a source names', () => {
    const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
    const named = sources.flatMap((path) =>
      [...readFileSync(join(SOURCES, path), 'utf8').matchAll(/packageFile\('([^']+)'\)/g)].map(([, file]) => file),
    );
    expect(named).toEqual(expect.arrayContaining(['native/jax_harness.py', 'native/gpujs-harness.mjs']));
    expect(named.filter((file) => !existsSync(join(installed, file)))).toEqual([]);
  });

  it('knows the algorithms of the catalogue by name', async () => {
    const counted = await run(atAgent, ['additions', '2x2x2:7', '4x2x4', '--json'], { env, cwd: folder });
    expect(JSON.parse(counted.stdout)).toMatchObject([
      { rank: 7, after: { total: 15 } },
      { size: [4, 2, 4], rank: 26 },
    ]);
    expect(readFileSync(join(installed, 'catalogue', 'SOURCES.md'), 'utf8')).toContain('CC-BY');
    const wrong = await run(atAgent, ['additions', '4x4x4:1'], { env, cwd: folder }).catch((error) => error);
    expect(wrong).toMatchObject({ code: 5, stderr: expect.stringMatching(/for 4x4x4 it has 4x4x4:48/) });
  });

  it('finds every backend, and measures where there is a compiler', async (context) => {
    const { stdout } = await run(atAgent, ['describe', '--json'], { env, cwd: folder });
    const backends = JSON.parse(stdout).backends as { name: string; available: boolean; reason: string }[];
    // A child that the package lacks would be a fault of the package, not of the device.
    for (const { reason } of backends) expect(reason).not.toMatch(/ENOENT|Cannot find module|can't open file/);
    const compiler = backends.find(({ name, available }) => name.startsWith('c-') && available);
    context.skip(compiler === undefined, 'no C compiler works here; see at-agent doctor');
    const bench = await run(atAgent, ['benchmark', 'strassen', '--problem', '64', '--json'], { env, cwd: folder });
    expect(bench.stdout).toContain('MEASURED');
  });

  it('serves trainers, health included', async () => {
    const agent = await startAgentIn({ env, cwd: folder, command: atAgent });
    const client = connectAgent(agent.address);
    expect((await client.describe()).agentVersion).toMatch(/^\d+\.\d+\.\d+$/);
    client.close();
    expect(await agent.end('SIGTERM')).toBe(0);
  });
});
