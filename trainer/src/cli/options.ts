import { numberFormat, OPTION_WORDS, parseDuration, wholeNumber } from '@alphatensor-edge/shared';
import { Option } from 'commander';
import { DEFAULT_MAX_ERROR, maxErrorText, parseMaxError } from '../fleet/error-bound.js';
import { DTYPES, type DType } from '../fleet/measurement.js';
import { LOCAL_AGENT } from '../fleet/session.js';
import { type NamedSize, parseNamedSize } from '../shapes/bindings.js';

// These readers of option values are shared by the commands, so that a spelling means the same everywhere.

/** Collects the values of a repeatable option. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

export const agentOption = (): Option =>
  new Option(
    '--agent <address>',
    `an agent, HOST:PORT or a name from \`agents add\`; repeatable (default: ${LOCAL_AGENT})`,
  ).argParser(collect);

export const poolOption = (): Option =>
  new Option(
    '--pool',
    'let agents with equal hardware, compilers and baselines share the work as one device (default: each is a device of its own)',
  );

export const problemOption = (): Option =>
  new Option('--problem <MxKxN>', `${OPTION_WORDS.problem}; repeatable (default: 1024)`).argParser(collect);

export const dtypeOption = (formats: readonly DType[] = DTYPES): Option =>
  new Option('--dtype <type>', OPTION_WORDS.dtype)
    .choices([...formats])
    .argParser(numberFormat(formats))
    .default('f32');

export const threadsOption = (): Option =>
  new Option('--threads <count>', OPTION_WORDS.threads).argParser(wholeNumber('--threads', 1, 1024)).default(1);

export const backendOption = (): Option =>
  new Option('--backend <name>', "the agent's compiler, for example c-gcc or c-clang (default: the first that works)");

export const variantOption = (): Option =>
  new Option('--variant <name>', `${OPTION_WORDS.variant} (default: the first that the backend has)`);

export const levelsOption = (): Option =>
  new Option('--levels <count>', OPTION_WORDS.levels).argParser(wholeNumber('--levels', 1, 4)).default(1);

export const maxErrorOption = (): Option =>
  new Option(
    '--max-error <multiple>',
    'largest error that is accepted, as a multiple of the smaller one of the baseline and of the own GEMM, or none',
  )
    .argParser(parseMaxError)
    .default(DEFAULT_MAX_ERROR, maxErrorText(DEFAULT_MAX_ERROR));

export const dimOption = (): Option =>
  new Option(
    '--dim <name=size>',
    "the size of one of the model's named dimensions (default: that of the model, where it has one); repeatable",
  ).argParser((text: string, previous: readonly NamedSize[] = []) => [...previous, parseNamedSize(text)]);

export const jsonOption = (): Option => new Option('--json', OPTION_WORDS.json);

/** @param byDefault says where the seed is from if it is not given; undefined: the option's default says so */
export const seedOption = (byDefault?: string): Option =>
  new Option('--seed <number>', withDefault(OPTION_WORDS.seed, byDefault)).argParser(
    wholeNumber('--seed', 0, 2 ** 31 - 1),
  );

/** @param byDefault says how long it takes if it is not given; undefined: the option's default says so */
export const budgetOption = (byDefault?: string): Option =>
  new Option('--budget <duration>', withDefault(OPTION_WORDS.budget, byDefault)).argParser(parseDuration);

function withDefault(words: string, byDefault: string | undefined): string {
  return byDefault === undefined ? words : `${words} (default: ${byDefault})`;
}
