import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resolveSettings } from '../../../../agent/src/config/resolve.js';

const folder = mkdtempSync(join(tmpdir(), 'at-agent-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An environment in which no file of the machine is found. */
const NOWHERE = { ALPHATENSOR_CONFIG: '', XDG_CONFIG_HOME: join(folder, 'none') };

function file(content: unknown): string {
  const path = join(folder, 'agent.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('the settings of the agent', () => {
  it('are taken from options before environment before file before default', () => {
    const path = file({ port: 1, queue: 2, drain: 3 });
    const env = { ...NOWHERE, ALPHATENSOR_PORT: '10', ALPHATENSOR_QUEUE: '20' };
    const { settings, sources, problems } = resolveSettings({ port: '100' }, path, env);
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({ port: 100, queue: 20, drain: 3, host: '127.0.0.1', metricsPort: undefined });
    expect(sources).toMatchObject({
      port: 'option --port',
      queue: 'environment ALPHATENSOR_QUEUE',
      drain: `file ${path}`,
      host: 'default',
    });
  });

  it('take a list from options, with commas from the environment, and as a list from the file', () => {
    const path = file({ backend: ['c-clang'] });
    const backend = (flags: object, env: object): unknown =>
      resolveSettings(flags, path, { ...NOWHERE, ...env }).settings.backend;
    expect(backend({ backend: ['c-gcc', 'jax'] }, {})).toEqual(['c-gcc', 'jax']);
    expect(backend({}, { ALPHATENSOR_BACKEND: 'c-gcc,jax' })).toEqual(['c-gcc', 'jax']);
    expect(backend({}, {})).toEqual(['c-clang']);
  });

  it('say everything that is wrong at once, and what was meant', () => {
    const path = file({ 'metrics-port': 9464, loglevel: 'info', colour: 'red', queue: '4' });
    const { settings, problems } = resolveSettings({ port: '65536' }, path, {
      ...NOWHERE,
      ALPHATENSOR_LOG_FORMAT: 'xml',
    });
    expect(problems).toEqual([
      expect.stringMatching(/^"metrics-port" in .+ is no setting; did you mean "metricsPort"\?$/),
      expect.stringContaining('did you mean "logLevel"?'),
      expect.stringMatching(/^"colour" in .+ is no setting; known are host, port, /),
      '--port must be a whole number from 0 to 65535, and is 65536.',
      expect.stringMatching(/^"queue" in .+ must be a whole number from 0 to 1000, and is "4"\.$/),
      'ALPHATENSOR_LOG_FORMAT must be one of json, pretty, and is "xml".',
    ]);
    expect(settings).toMatchObject({ port: 50_051, queue: 16, logFormat: 'json' });
  });

  it('take text that looks like a number for text where text is meant', () => {
    expect(resolveSettings({ host: '127' }, undefined, NOWHERE).settings.host).toBe('127');
    expect(resolveSettings({ port: '1e3' }, undefined, NOWHERE).problems).toHaveLength(1);
  });

  it('come from a file that exists and is an object', () => {
    const missing = join(folder, 'missing.json');
    expect(() => resolveSettings({}, missing, NOWHERE)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    for (const content of ['{', '[]', 'null'])
      expect(() => resolveSettings({}, file(content), NOWHERE)).toThrow(
        expect.objectContaining({ code: 'UNSUPPORTED_FORMAT', message: expect.stringContaining(folder) }),
      );
  });
});
