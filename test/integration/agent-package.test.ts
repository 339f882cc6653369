import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAgent } from '../../trainer/src/fleet/agent-client.js';
import { endAllAgents, startAgentIn } from '../support/agent-process.js';

const run = promisify(execFile);
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

  it('describes the device and finds its own files', async () => {
    const { stdout } = await run(atAgent, ['describe', '--json'], { env, cwd: folder });
    expect(JSON.parse(stdout).backends.length).toBeGreaterThan(0);
    expect((await run(atAgent, ['config', 'check'], { env, cwd: folder })).stdout).toContain('host');
    expect(readdirSync(join(installed, 'library'))).toContain('Makefile');
  });

  it('serves trainers, health included', async () => {
    const agent = await startAgentIn({ env, cwd: folder, command: atAgent });
    const client = connectAgent(agent.address);
    expect((await client.describe()).agentVersion).toMatch(/^\d+\.\d+\.\d+$/);
    client.close();
    expect(await agent.end('SIGTERM')).toBe(0);
  });
});
