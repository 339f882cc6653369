import { rmSync } from 'node:fs';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { references } from '../../trainer/src/fleet/algorithms.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../trainer/src/fleet/measurement-store.js';
import { type LiveServer, startLiveServer } from '../../trainer/src/report/live/server.js';
import { cube, measurementRow } from '../support/report-rows.js';
import { startTrainer, temporaryFolder } from '../support/trainer-process.js';

const [, strassen] = references().map(({ algorithm }) => algorithm);

describe('the live page', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let runDir: string;
  let server: LiveServer;

  beforeEach(async () => {
    folder = temporaryFolder();
    runDir = join(folder.path, 'run');
    server = await startLiveServer({ runDir, host: '127.0.0.1', port: 0, checkHost: true, pollMs: 20 });
  });

  afterEach(async () => {
    await server.close();
    folder.remove();
  });

  const page = async (path = ''): Promise<string> => (await fetch(server.url + path)).text();

  it('waits for a run to begin, follows it while its writer has the store open, and survives that it goes away', async () => {
    expect(await page()).toContain('Waiting for the run run to begin');
    const versions = versionsOf(await fetch(`${server.url}events`));
    const first = await versions.next();

    await mkdir(runDir);
    await writeFile(join(runDir, 'config.json'), '{"command":"finetune","demonstrations":[]}');
    await writeFile(join(runDir, 'metrics.jsonl'), '{"time":1,"bestRank":8}\n');
    expect(await versions.nextOtherThan(first)).toMatch(/^[0-9a-f]{16}$/);
    expect(await page()).toContain('Live: best rank 8, 0 jobs measured');

    const writer = MeasurementStore.open(join(runDir, MEASUREMENTS_FILE));
    writer.insert(measurementRow({ algorithm: strassen, problem: cube(512), seed: 1 }), 'key');
    await appendFile(join(runDir, 'metrics.jsonl'), '{"time":2,"bestRank":7}\n{"time":3,"be');
    expect(await page()).toContain('Live: best rank 7, 1 job measured');
    // The writer is not in the reader's way, nor the reader in the writer's.
    writer.insert(measurementRow({ algorithm: strassen, problem: cube(512), seed: 2 }), 'key');
    expect(await page()).toContain('2 jobs measured');
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
    const nonce = /script-src 'nonce-([^']+)'/.exec(html)?.[1];
    expect(html.match(/<script[^>]*>/g)).toEqual([`<script nonce="${nonce}">`]);
    expect(/script-src 'nonce-([^']+)'/.exec(await page())?.[1]).not.toBe(nonce);
    expect(html).not.toMatch(/(src|href)="(?!#)/);
  });
});

describe('at-trainer serve', () => {
  it('refuses an address that others reach, unless that is wanted, and ends on SIGTERM', async () => {
    const folder = temporaryFolder();
    try {
      const refused = await startTrainer(['serve', '--run-dir', folder.path, '--host', '0.0.0.0'], folder.path).ended;
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain('--allow-remote');
      const args = ['serve', '--run-dir', folder.path, '--host', '0.0.0.0', '--allow-remote', '--port', '0', '--json'];
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

/** What a stream of server-sent events tells, one version after the other. */
function versionsOf(response: Response) {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const next = async (): Promise<string> => {
    for (;;) {
      const { value } = await reader.read();
      const version = /data: (\w+)/.exec(value ?? '')?.[1];
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
