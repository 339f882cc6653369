// npm run bench [NAME [-- ARGS]]: without a name, lists what there is.
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { Bench } from './bench.js';
import { BENCHES } from './benches.js';

const [name, ...args] = process.argv.slice(2);
try {
  if (name === undefined || name === '--help') await list();
  else await start(name, args);
} catch (error) {
  const { message, exitCode } = asExpected(error);
  console.error(`error: ${message}`);
  process.exitCode = exitCode;
}

async function list(): Promise<void> {
  console.log('npm run bench NAME -- ARGS; --help after the name lists its options.\n');
  const width = Math.max(...Object.keys(BENCHES).map((each) => each.length));
  for (const each of Object.keys(BENCHES).sort()) console.log(`  ${each.padEnd(width)}  ${(await load(each)).summary}`);
}

async function start(name: string, args: readonly string[]): Promise<void> {
  const bench = await load(name);
  if (args.includes('--help')) process.stdout.write(bench.help);
  else await bench.run(args);
}

async function load(name: string): Promise<Bench> {
  if (!Object.hasOwn(BENCHES, name)) {
    throw new AlphaTensorError('INVALID_ARGUMENT', `There is no bench "${name}"; \`npm run bench\` lists them.`);
  }
  return (await BENCHES[name]()).bench;
}

/** What a person can fix, as the product's error with its exit status; any other error is thrown on. */
function asExpected(error: unknown): AlphaTensorError {
  if (error instanceof AlphaTensorError && error.code !== 'INTERNAL') return error;
  // A signal ended it, and the programs that it had started.
  if (error instanceof Error && error.name === 'AbortError') return new AlphaTensorError('CANCELLED', 'Stopped.');
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!(error instanceof Error && code.startsWith('ERR_PARSE_ARGS'))) throw error;
  // The first sentence says what is wrong, the rest is about the syntax of parseArgs.
  const what = error.message.split('. ')[0].replace(/\.$/, '');
  return new AlphaTensorError('INVALID_ARGUMENT', `${what}; \`npm run bench ${name} -- --help\` lists the options.`);
}
