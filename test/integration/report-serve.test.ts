import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { references } from '../../trainer/src/fleet/algorithms.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../trainer/src/fleet/measurement-store.js';
import { type LiveServer, startLiveServer } from '../../trainer/src/report/live/server.js';
import { homeSite, runSite } from '../../trainer/src/report/live/site.js';
import { inRunFolder, readRunState } from '../../trainer/src/run/state.js';
import { cube, measurementRow } from '../support/report-rows.js';
import { startTrainer, temporaryFolder } from '../support/trainer-process.js';

const [, strassen] = references().map(({ algorithm }) => algorithm);
const at = { host: '127.0.0.1', port: 0, checkHost: true, pollMs: 20 };

describe('the live page of a run', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let runDir: string;
  let server: LiveServer;

  beforeEach(async () => {
    folder = temporaryFolder();
    runDir = join(folder.path, 'run');
    server = await startLiveServer({ site: runSite(runDir), ...at });
  });

  afterEach(async () => {
    await server.close();
    folder.remove();
  });

  const page = async (path = ''): Promise<string> => (await fetch(server.url + path)).text();

  it('waits for a run to begin, follows it while its writer has the store open, and survives that it goes away', async () => {
    expect(await page()).toContain('Waiting for the run run to begin');
    const versions = versionsOf(await fetch(`${server.url}events?of=/`));
    const first = await versions.next();

    await mkdir(runDir);
    await writeFile(join(runDir, 'config.json'), '{"command":"finetune","demonstrations":[]}');
    await writeFile(join(runDir, 'metrics.jsonl'), '{"time":1,"bestRank":8,"gamesPerSecond":1.25}\n');
    expect(await versions.nextOtherThan(first)).toMatch(/^[0-9a-f]{16}-unknown$/);
    expect(await page()).toContain('<dt>Games a second</dt><dd>1.25</dd>');

    const writer = MeasurementStore.open(join(runDir, MEASUREMENTS_FILE));
    writer.insert(measurementRow({ algorithm: strassen, problem: cube(512), seed: 1 }), 'key');
    await appendFile(join(runDir, 'metrics.jsonl'), '{"time":2,"bestRank":7}\n{"time":3,"be');
    expect(await page()).toContain('<dt>Elapsed</dt><dd>2 s</dd>');
    // The writer is not in the reader's way, nor the reader in the writer's.
    writer.insert(measurementRow({ algorithm: strassen, problem: cube(512), seed: 2 }), 'key');
    expect(JSON.parse(await page('report.json')).jobs).toBe(2);
    expect(await page('report.csv')).toMatch(/^device,/);
    writer.close();

    rmSync(runDir, { recursive: true });
    expect(await page()).toContain('Waiting for the run run to begin');
  });

  it('reads only, has nothing else, and answers to no foreign name', async () => {
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${server.url}../../etc/passwd`)).status).toBe(404);
    expect((await fetch(`${server.url}constructor`)).status).toBe(404);
    expect((await fetch(`${server.url}devices`)).status).toBe(404);
    const status = await new Promise((resolve, reject) => {
      get(server.url, { headers: { host: 'evil.example' } }, ({ statusCode }) => resolve(statusCode)).on(
        'error',
        reject,
      );
    });
    expect(status).toBe(403);
  });

  it('lets its own script run and nothing else', async () => {
    const html = await page();
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
    expect(html).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'; connect-src`);
    expect(html.match(/<script[^>]*>/g)).toEqual(['<script>']);
    expect(html).not.toMatch(/(src|href)="(?!#)/);
  });

  it('tells truly what became of a run: live, ended, stopped, failed, or killed', async () => {
    await mkdir(runDir);
    await writeFile(join(runDir, 'config.json'), '{}');
    expect(readRunState(runDir).state).toBe('unknown');
    const session = { budgetSeconds: 60, stage: 'searching' };
    await inRunFolder(runDir, session, async (stage) => {
      expect(readRunState(runDir)).toMatchObject({ state: 'live', stage: 'searching', budgetSeconds: 60 });
      // To look takes nothing from who runs.
      await expect(inRunFolder(runDir, {}, async () => {})).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
      stage('measuring');
      expect(await page()).toContain('<span class="state live">live</span> · measuring; last change');
    });
    expect(readRunState(runDir).state).toBe('ended');
    expect(await page()).toContain('<span class="state ended">ended</span>');
    await inRunFolder(runDir, { signal: AbortSignal.abort() }, async () => {});
    expect(readRunState(runDir).state).toBe('stopped');
    const failing = inRunFolder(runDir, {}, () => Promise.reject(new Error('The disk burns.')));
    await expect(failing).rejects.toThrow('The disk burns.');
    expect(readRunState(runDir)).toMatchObject({ state: 'failed', message: 'The disk burns.' });

    const killed = await killedRun(runDir);
    expect(killed).toMatchObject({ during: 'live', after: 'crashed' });
    expect(await page()).toContain('<span class="state crashed">crashed</span>');
    await inRunFolder(runDir, {}, async () => expect(readRunState(runDir).state).toBe('live'));
    expect(readRunState(runDir).state).toBe('ended');
  });
});

describe('the home of all runs', () => {
  it('lists runs, devices and the catalogue, compares runs, and shows no other folder', async () => {
    const folder = temporaryFolder();
    const runs = join(folder.path, 'runs');
    for (const [index, name] of ['one', 'two <b>'].entries()) {
      await mkdir(join(runs, name), { recursive: true });
      await writeFile(join(runs, name, 'config.json'), '{"command":"finetune","size":{"n":2,"m":2,"p":2}}');
      const store = MeasurementStore.open(join(runs, name, MEASUREMENTS_FILE));
      const algorithm = { ...strassen, levels: [String(index).repeat(64)], label: `algorithm ${index}` };
      store.insert(measurementRow({ algorithm, problem: cube(512), seed: index + 1, speedup: 1.2 }), 'key');
      store.close();
    }
    await mkdir(join(folder.path, 'secret'));
    await writeFile(join(folder.path, 'secret', 'config.json'), '{}');
    process.env.ALPHATENSOR_CONFIG_DIR = join(folder.path, 'config');
    const server = await startLiveServer({ site: homeSite(runs), ...at });
    const page = async (path = ''): Promise<string> => (await fetch(server.url + path)).text();
    try {
      const home = await page();
      expect(home).toContain('2 runs in');
      expect(home).toMatch(/<b>1\.\d{3}×<\/b>/);
      expect(home).toContain('two &lt;b&gt;');
      expect(home).toContain('href="/runs/two%20%3Cb%3E"');
      expect(await page('runs/two%20%3Cb%3E')).toContain('algorithm 1');
      expect(await page('compare?run=one&run=two+%3Cb%3E')).toContain('algorithm 0');
      expect(await page('catalogue')).toContain('2x2x2:7');
      expect(await page('devices')).toContain('No device is known yet.');
      for (const path of ['runs/none', 'runs/..%2Fsecret', 'runs/one/state.json', 'runs/%E0%A4%A']) {
        expect((await fetch(server.url + path)).status, path).toBe(404);
      }
    } finally {
      await server.close();
      delete process.env.ALPHATENSOR_CONFIG_DIR;
      folder.remove();
    }
  });
});

describe('at-trainer serve', () => {
  it('refuses an address that others reach, unless that is wanted, and ends on SIGTERM', async () => {
    const folder = temporaryFolder();
    try {
      const refused = await startTrainer(['serve', '--run-dir', folder.path, '--host', '0.0.0.0'], folder.path).ended;
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain('--allow-remote');
      const args = ['serve', '--runs', folder.path, '--host', '0.0.0.0', '--allow-remote', '--port', '0', '--json'];
      const serving = startTrainer(args, folder.path);
      await serving.said('Ctrl-C ends');
      serving.child.kill('SIGTERM');
      const { code, stdout } = await serving.ended;
      expect(code).toBe(0);
      expect(JSON.parse(stdout).url).toMatch(/^http:/);
    } finally {
      folder.remove();
    }
  });
});

/** Kills a process in the middle of a run, and tells the state before and after. */
async function killedRun(runDir: string): Promise<{ during: string; after: string }> {
  const module = new URL('../../trainer/dist/run/state.js', import.meta.url).href;
  const code = `import { inRunFolder } from ${JSON.stringify(module)};
await inRunFolder(${JSON.stringify(runDir)}, {}, () => { console.log('runs'); return new Promise((done) => setTimeout(done, 60000)); });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const during = readRunState(runDir).state;
  child.kill('SIGKILL');
  await ended;
  return { during, after: readRunState(runDir).state };
}

/** What a stream of server-sent events tells, one version after the other. */
function versionsOf(response: Response) {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const next = async (): Promise<string> => {
    for (;;) {
      const { value } = await reader.read();
      const version = /data: (\S+)/.exec(value ?? '')?.[1];
      if (version !== undefined) return version;
    }
  };
  const nextOtherThan = async (known: string): Promise<string> => {
    for (;;) {
      const version = await next();
      if (version !== known) return version;
    }
  };
  return { next, nextOtherThan };
}
