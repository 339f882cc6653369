// npm run bench [NAME [-- ARGS]]: without a name, lists what there is.
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { Bench } from './bench.js';
import { BENCHES } from './benches.js';

const [name, ...args] = process.argv.slice(2);
try {
  if (name === undefined || name === '--help') await list();
  else await start(name, args);
} catch (error) {
  const usage = usageOf(error);
  if (usage === undefined) throw error;
  console.error(`error: ${usage}`);
  process.exitCode = 2;
}

async function list(): Promise<void> {
  console.log('npm run bench NAME -- ARGS; --help after the name tells its options.\n');
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

/** Tells what was wrong with the command line, in one sentence; undefined where something else went wrong. */
function usageOf(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined;
  if (error.code === 'INVALID_ARGUMENT') return error.message;
  // Of parseArgs: the first sentence says what is wrong, the rest is about its own syntax.
  if (!String(error.code).startsWith('ERR_PARSE_ARGS')) return undefined;
  return `${error.message.split('. ')[0].replace(/\.$/, '')}; \`npm run bench ${name} -- --help\` tells the options.`;
}
