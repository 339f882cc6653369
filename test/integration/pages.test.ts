import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../trainer/src/fleet/measurement-store.js';
import { packRuns } from '../../trainer/src/report/carried.js';
import { formatHtml } from '../../trainer/src/report/html.js';
import { type LiveServer, startLiveServer } from '../../trainer/src/report/live/server.js';
import { homeSite } from '../../trainer/src/report/live/site.js';
import { buildReport } from '../../trainer/src/report/model.js';
import { inRunFolder } from '../../trainer/src/run/state.js';
import { NO_BROWSER, overflow, seriousFindings, startBrowser } from '../support/browser.js';
import { exampleRuns } from '../support/report-example.js';
import { temporaryFolder } from '../support/trainer-process.js';

if (NO_BROWSER !== undefined) console.log(`pages are not looked at: ${NO_BROWSER}`);

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

/** Looks at a page in light and dark, on a desktop and on a phone; axe, which is slow, at each theme and each width once, at one, or at none. */
async function expectClean(page: Page, what: string, axe: 'each' | 'once' | 'never'): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      const look = `${what}, ${colorScheme}, ${viewport.width}`;
      expect(await overflow(page), look).toBe(0);
      const isLooked = axe === 'each' || (axe === 'once' && colorScheme === 'light');
      if (isLooked && (colorScheme === 'light') === (viewport === DESKTOP))
        expect(await seriousFindings(page), look).toEqual([]);
    }
  }
}

describe.skipIf(NO_BROWSER !== undefined)('in a browser', () => {
  const runs = exampleRuns({ sizes: [1024], found: 4 }).slice(0, 2);
  let browser: Browser;
  let folder: ReturnType<typeof temporaryFolder>;
  let server: LiveServer;

  beforeAll(async () => {
    browser = await startBrowser();
    folder = temporaryFolder();
    process.env.ALPHATENSOR_CONFIG_DIR = join(folder.path, 'config');
    writeFleet(join(folder.path, 'config'));
    writeFileSync(join(folder.path, 'report.html'), formatHtml(buildReport(runs), { packed: packRuns(runs) }));
    for (let index = 0; index < 6; index++) writeRun(join(folder.path, 'runs', `run-${index}`), index);
    const site = homeSite(join(folder.path, 'runs'));
    server = await startLiveServer({ site, host: '127.0.0.1', port: 0, checkHost: true, pollMs: 50 });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    delete process.env.ALPHATENSOR_CONFIG_DIR;
    folder?.remove();
  });

  const open = async (url: string): Promise<Page> => {
    const page = await browser.newPage({ viewport: DESKTOP });
    await page.goto(url);
    return page;
  };

  it('the report has no serious finding and fits its window, folded and unfolded', async () => {
    const page = await open(`file://${folder.path}/report.html`);
    await page.setViewportSize(PHONE);
    expect(await overflow(page)).toBe(0);
    await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
    await expectClean(page, 'report', 'each');
    await page.close();
  }, 60_000);

  it('the report sorts and filters its rows, and marks the command for copying', async () => {
    const page = await open(`file://${folder.path}/report.html`);
    await page.click('nav.contents >> text=All measurements');
    const table = page.locator('#measurements-rows table.sortable').first();
    const times = async (): Promise<number[]> =>
      (
        await table
          .locator('tbody tr td:nth-child(4)')
          .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('data-sort')))
      ).map(Number);
    await table.locator('thead button', { hasText: 'Time' }).click();
    const sorted = await times();
    expect(sorted).toEqual([...sorted].sort((a, b) => a - b));
    await page.fill('#filter', 'winograd');
    expect(await table.locator('tbody tr:visible').count()).toBe(1);
    const copy = page.locator('code.command + button').first();
    await copy.focus();
    await page.keyboard.press('Enter');
    // The clipboard answers when it likes, and the button says what came of it for two seconds.
    await copy.filter({ hasText: /Copied|Press/ }).waitFor();
    await page.close();
  }, 30_000);

  it('the pages of the home have no serious finding and fit their windows', async () => {
    const pages = [
      ['', 'each'],
      ['devices', 'once'],
      ['runs/run-1', 'once'],
      ['catalogue', 'once'],
      ['compare?run=run-0&run=run-1', 'once'],
    ] as const;
    for (const [path, axe] of pages) {
      const page = await open(server.url + path);
      await expectClean(page, path, axe);
      await page.close();
    }
  }, 60_000);

  it('50 runs and 20 devices are there after one load', async () => {
    const many = join(folder.path, 'many');
    for (let index = 0; index < 50; index++) {
      cpSync(join(folder.path, 'runs', `run-${index % 6}`), join(many, `run-${index}`), { recursive: true });
    }
    writeFleet(join(folder.path, 'config'), 20);
    const home = await startLiveServer({ site: homeSite(many), host: '127.0.0.1', port: 0, checkHost: true });
    const page = await browser.newPage({ viewport: DESKTOP });
    const loads: string[] = [];
    for (const path of ['', 'devices', '', 'devices']) {
      await page.goto(home.url + path);
      expect(await page.locator('table.list tbody tr').count()).toBe(path === '' ? 50 : 20);
      const load = await page.evaluate<number>('performance.getEntriesByType("navigation")[0].loadEventEnd');
      loads.push(`${path === '' ? 'runs' : path} ${(load / 1000).toFixed(2)} s`);
    }
    console.log(`loads of 50 runs and 20 devices, the first and again: ${loads.join(', ')}`);
    await page.close();
    await home.close();
  }, 30_000);

  it('a run is followed from its start to its end without a reload, and ticked boxes stay', async () => {
    const runDir = join(folder.path, 'runs', 'followed');
    mkdirSync(runDir);
    writeFileSync(join(runDir, 'config.json'), '{"command":"finetune","demonstrations":[]}');
    const home = await open(server.url);
    await home.check('#tick-run-3');
    const page = await open(`${server.url}runs/followed`);
    const says = (text: string): Promise<unknown> =>
      page.waitForSelector(`.live:has-text("${text}")`, { timeout: 8000 });
    await says('not running');
    await inRunFolder(runDir, { budgetSeconds: 60, stage: 'searching' }, async (stage) => {
      await says('live · searching');
      writeFileSync(join(runDir, 'metrics.jsonl'), '{"time":1,"bestRank":8}\n{"time":2,"bestRank":7}\n');
      await page.waitForSelector('dd:has-text("of 1 min 0 s")', { timeout: 8000 });
      stage('measuring what was found');
      writeFileSync(join(runDir, 'metrics.jsonl'), '{"time":3,"bestRank":7}\n');
      await says('live · measuring what was found');
      await home.waitForSelector('tr:has(a:text-is("followed")) .state.live', { timeout: 8000 });
    });
    await says('ended');
    await home.waitForSelector('tr:has(a:text-is("followed")) .state.ended', { timeout: 8000 });
    expect(await home.isChecked('#tick-run-3')).toBe(true);
    await home.check('#tick-run-4');
    await home.click('text=Compare the ticked runs');
    await home.waitForURL(/compare\?run=run-/);
    await home.close();
    await page.close();
  }, 60_000);

  /** Makes devices that nobody answers for, as most of a fleet is now and then. */
  function writeFleet(config: string, count = 3): void {
    mkdirSync(config, { recursive: true });
    const agents = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`device-${index}`, { address: `127.0.0.1:${index + 1}` }]),
    );
    writeFileSync(join(config, 'agents.json'), JSON.stringify({ agents }));
  }

  function writeRun(runDir: string, index: number): void {
    const { metrics, measurements } = runs[index % runs.length];
    mkdirSync(runDir, { recursive: true });
    writeFileSync(join(runDir, 'config.json'), '{"command":"finetune","size":{"n":2,"m":2,"p":2},"demonstrations":[]}');
    writeFileSync(join(runDir, 'metrics.jsonl'), metrics.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const store = MeasurementStore.open(join(runDir, MEASUREMENTS_FILE));
    for (const row of measurements) store.insert(row, row.jobId);
    store.close();
  }
});
