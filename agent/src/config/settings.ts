import { z } from 'zod';

/** Holds the names of one setting of the agent, and the values it may have. */
export interface Setting<T> {
  /** As on the command line: `--port <number>`. */
  readonly option: string;
  /** The environment variable. */
  readonly variable: string;
  readonly schema: z.ZodType<T>;
  /** Completes the sentence "--port must be …". */
  readonly mustBe: string;
  readonly description: string;
  /** The value if nothing sets it. */
  readonly fallback: T;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const LOG_FORMATS = ['json', 'pretty'] as const;

/**
 * Lists every setting of `at-agent serve` by its key in the configuration file. Options, environment, file, help and
 * `config check` are all made from this table.
 */
export const SETTINGS = {
  host: setting({
    option: '--host <address>',
    variable: 'ALPHATENSOR_HOST',
    schema: z.string().min(1),
    mustBe: 'an address',
    description:
      'address to listen on; run at-agent enroll first for one that other machines can reach; none takes jobs over --connect only',
    fallback: '127.0.0.1',
  }),
  port: setting({
    option: '--port <number>',
    variable: 'ALPHATENSOR_PORT',
    ...wholeFrom(0, 65_535),
    description: 'port to listen on; 0 takes a free one',
    fallback: 50_051,
  }),
  connect: setting<string | true | undefined>({
    option: '--connect [trainer]',
    variable: 'ALPHATENSOR_CONNECT',
    schema: z.union([z.literal(true), z.string().min(1)]),
    mustBe: 'true, for the enrolled trainer, or HOST:PORT',
    description:
      'also dial the trainer and take jobs over that link; without an address, the trainer that enrolled this device',
    fallback: undefined,
  }),
  queue: setting({
    option: '--queue <jobs>',
    variable: 'ALPHATENSOR_QUEUE',
    ...wholeFrom(0, 1000),
    description: 'jobs that may wait while one runs',
    fallback: 16,
  }),
  backend: setting<readonly string[] | undefined>({
    option: '--backend <name...>',
    variable: 'ALPHATENSOR_BACKEND',
    schema: z.array(z.string().min(1)).min(1),
    mustBe: 'a list of names',
    description: 'offer only these backends, for example c-gcc; default: all that work',
    fallback: undefined,
  }),
  blas: setting<string | undefined>({
    option: '--blas <library>',
    variable: 'ALPHATENSOR_BLAS_ONLY',
    schema: z.string().min(1),
    mustBe: 'a name or a path',
    description:
      'compare with only this BLAS library, by name (BLIS) or path; default: the fastest of those found and of those in ALPHATENSOR_BLAS (files or folders, separated by colons)',
    fallback: undefined,
  }),
  drain: setting({
    option: '--drain <seconds>',
    variable: 'ALPHATENSOR_DRAIN',
    ...wholeFrom(0, 3600),
    description: 'seconds that the running job may go on after SIGTERM; waiting jobs are refused at once',
    fallback: 30,
  }),
  metricsPort: setting<number | undefined>({
    option: '--metrics-port <number>',
    variable: 'ALPHATENSOR_METRICS_PORT',
    ...wholeFrom(0, 65_535),
    description: 'loopback port for /metrics (Prometheus) and /healthz; 0 takes a free one',
    fallback: undefined,
  }),
  logLevel: setting<(typeof LOG_LEVELS)[number]>({
    option: '--log-level <level>',
    variable: 'ALPHATENSOR_LOG_LEVEL',
    ...oneOf(LOG_LEVELS),
    description: LOG_LEVELS.join(', '),
    fallback: 'warn',
  }),
  logFormat: setting<(typeof LOG_FORMATS)[number]>({
    option: '--log-format <format>',
    variable: 'ALPHATENSOR_LOG_FORMAT',
    ...oneOf(LOG_FORMATS),
    description: 'json, one object per line, or pretty, for people; both on stderr',
    fallback: 'json',
  }),
};

/** Names a setting by its key in the configuration file. */
export type SettingKey = keyof typeof SETTINGS;
export type Settings = { readonly [Key in SettingKey]: (typeof SETTINGS)[Key]['fallback'] };

/** Lists the keys of all settings. */
export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];

/** Gives `--port` for `--port <number>`. */
export function flagOf(key: SettingKey): string {
  return SETTINGS[key].option.split(' ')[0];
}

function setting<T>(definition: Setting<T>): Setting<T> {
  return definition;
}

function wholeFrom(low: number, high: number) {
  return { schema: z.number().int().min(low).max(high), mustBe: `a whole number from ${low} to ${high}` };
}

function oneOf<const T extends readonly string[]>(values: T) {
  return { schema: z.enum(values), mustBe: `one of ${values.join(', ')}` };
}
