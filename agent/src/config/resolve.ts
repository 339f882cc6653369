import { join } from 'node:path';
import { AlphaTensorError, messageOf, readTextBounded, userFolder } from '@alphatensor-edge/shared';
import leven from 'leven';
import { z } from 'zod';
import { flagOf, SETTING_KEYS, SETTINGS, type SettingKey, type Settings } from './settings.js';

/** Tells where the service's configuration lies. Every agent of the device falls back to it. */
export const SYSTEM_CONFIG_FILE = '/etc/alphatensor-edge/agent.json';

/** Holds the resolved values, where each came from, and what is wrong with the values that were passed over. */
interface Resolved {
  readonly settings: Settings;
  /** For example "default" or "environment ALPHATENSOR_PORT". */
  readonly sources: Readonly<Record<SettingKey, string>>;
  /** The configuration file, if one was read. */
  readonly file: string | undefined;
  /** Full sentences. */
  readonly problems: readonly string[];
}

/** Holds the text that was given on the command line. */
export type Flags = Partial<Record<SettingKey, string | string[] | true>>;

/**
 * Resolves every setting: options come before environment, configuration file and default. A wrong value is recorded as
 * a problem, and the next source is used.
 * @param path `--config`; if absent ALPHATENSOR_CONFIG, then agent.json in the user's configuration folder, then the
 * system's
 * @throws AlphaTensorError NOT_FOUND (a file that was asked for), UNSUPPORTED_FORMAT (a file that is not a JSON object)
 */
export function resolveSettings(flags: Flags, path?: string, env: NodeJS.ProcessEnv = process.env): Resolved {
  const file = readConfigFile(path || env.ALPHATENSOR_CONFIG, env);
  const problems = file === undefined ? [] : unknownKeys(file);
  const settings: Record<string, unknown> = {};
  const sources = {} as Record<SettingKey, string>;
  for (const key of SETTING_KEYS) {
    const { schema, mustBe, variable, fallback } = SETTINGS[key];
    // An empty variable counts as not set, as in `ALPHATENSOR_PORT= at-agent serve`.
    const candidates = [
      { name: flagOf(key), source: `option ${flagOf(key)}`, value: fromText(key, flags[key]) },
      { name: variable, source: `environment ${variable}`, value: fromText(key, env[variable] || undefined) },
      { name: `"${key}" in ${file?.path}`, source: `file ${file?.path}`, value: file?.content[key] },
    ].filter(({ value }) => value !== undefined);
    const wrong = candidates.filter(({ value }) => !schema.safeParse(value).success);
    problems.push(...wrong.map(({ name, value }) => `${name} must be ${mustBe}, and is ${JSON.stringify(value)}.`));
    const chosen = candidates.find((candidate) => !wrong.includes(candidate));
    settings[key] = chosen === undefined ? fallback : chosen.value;
    sources[key] = chosen?.source ?? 'default';
  }
  return { settings: settings as unknown as Settings, sources, file: file?.path, problems };
}

/**
 * Gives the settings of a process that is about to start.
 * @throws AlphaTensorError INVALID_ARGUMENT with all that is wrong, and what resolveSettings throws
 */
export function requireSettings(flags: Flags, path?: string): Settings {
  const { settings, problems } = resolveSettings(flags, path);
  if (problems.length > 0) throw new AlphaTensorError('INVALID_ARGUMENT', problems.join(' '));
  return settings;
}

/** Converts text to what the setting is: a number, or a list separated by commas. */
function fromText(key: SettingKey, text: string | string[] | true | undefined): unknown {
  if (typeof text !== 'string') return text;
  const { schema } = SETTINGS[key];
  if (schema instanceof z.ZodUnion && text === 'true') return true;
  if (schema instanceof z.ZodNumber && /^\d+$/.test(text)) return Number(text);
  return schema instanceof z.ZodArray ? text.split(',') : text;
}

interface ConfigFile {
  readonly path: string;
  readonly content: Readonly<Record<string, unknown>>;
}

function readConfigFile(asked: string | undefined, env: NodeJS.ProcessEnv): ConfigFile | undefined {
  if (asked) {
    const file = read(asked);
    if (file !== undefined) return file;
    throw new AlphaTensorError('NOT_FOUND', `There is no configuration file ${asked}.`, { field: 'config' });
  }
  const user = userConfigFile(env);
  return (user === undefined ? undefined : read(user)) ?? read(SYSTEM_CONFIG_FILE);
}

/** Gives the user's configuration file. Undefined for a user without a home, who has none. */
function userConfigFile(env: NodeJS.ProcessEnv): string | undefined {
  try {
    return join(userFolder('config', 'ALPHATENSOR_CONFIG_DIR', { ...env, ALPHATENSOR_CONFIG_DIR: '' }), 'agent.json');
  } catch {
    return undefined;
  }
}

function read(path: string): ConfigFile | undefined {
  let text: string;
  try {
    text = readTextBounded(path);
  } catch (error) {
    if (error instanceof AlphaTensorError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new AlphaTensorError('UNAVAILABLE', `The configuration file ${path} cannot be read (${messageOf(error)}).`);
  }
  return { path, content: parse(path, text) };
}

function parse(path: string, text: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { ...content };
  } catch (error) {
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `The configuration file ${path} is not JSON: ${messageOf(error)}.`,
    );
  }
  throw new AlphaTensorError('UNSUPPORTED_FORMAT', `The configuration file ${path} must hold one object: { … }.`);
}

/** Bounds the typing errors with which a key is still recognized. */
const MAX_TYPOS = 3;

function unknownKeys({ path, content }: ConfigFile): string[] {
  const unknown = Object.keys(content).filter((key) => !Object.hasOwn(SETTINGS, key));
  return unknown.map((key) => {
    const [nearest] = SETTING_KEYS.map((known) => ({ known, typos: leven(simple(key), simple(known)) })).sort(
      (a, b) => a.typos - b.typos,
    );
    const hint =
      nearest.typos <= MAX_TYPOS ? `did you mean "${nearest.known}"?` : `known are ${SETTING_KEYS.join(', ')}.`;
    return `"${key}" in ${path} is no setting; ${hint}`;
  });
}

/** Removes differences in spelling that are often confused: metrics-port, metrics_port, METRICSPORT. */
function simple(key: string): string {
  return key.replace(/[-_]/g, '').toLowerCase();
}
