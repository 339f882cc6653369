import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf, parseFactorizationJson, Random } from '@alphatensor-edge/shared';
import { refusal } from '../bench.js';
import { effectText, intervalText, mean, meanWithInterval, pairedEffect } from '../common/figures.js';
import { machine } from '../common/machine.js';
import { count, positive } from '../common/options.js';
import { timesInOneSession } from './one-session.js';
import type { SavedRuns } from './saved-runs.js';

/**
 * Measures what the arms came to again in one session: every algorithm that a game of the second half ended with, once for
 * all arms, in random order, so that neither the reward's noise nor when a run took place is in the comparison.
 */
export async function again(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '2' },
    },
  });
  if (positionals.length === 0) throw refusal('Give the files that npm run bench lambda -- --save wrote.');
  const files = positionals.map(savedRuns);
  const measured = settingOf(files);
  const saved = files.flatMap(({ runs }) => runs);
  const schemes = new Map(saved.flatMap(({ late }) => late.map(({ hash, scheme }) => [hash, scheme] as const)));
  const times = await timesInOneSession(
    [...schemes.values()].map((scheme) => parseFactorizationJson(scheme).factorization),
    {
      ...measured,
      seconds: positive('--seconds', values.seconds),
      rounds: count('--rounds', values.rounds),
      random: new Random('again'),
    },
  );
  const timeOf = new Map([...schemes.keys()].map((hash, index) => [hash, times[index]]));
  const runs = saved.map(({ seed, arm, late }) => {
    const ofLateGames = meanWithInterval(late.map(({ hash }) => timeOf.get(hash)!));
    const nonzeros = mean(late.map((game) => game.nonzeros));
    return { seed, arm, time: ofLateGames.mean ?? Number.NaN, ofLateGames, nonzeros };
  });
  const effect = {
    overWithout: pairedEffect(runs, 'with', 'without'),
    overControl: pairedEffect(runs, 'with', 'control'),
  };
  if (values.json) {
    const document = { machine: machine(), ...measured, algorithms: schemes.size, runs, effect };
    console.log(JSON.stringify(document, null, 2));
    return;
  }
  for (const { seed, arm, ofLateGames, nonzeros } of runs) {
    console.log(`seed ${seed}, ${arm}: ${intervalText(ofLateGames)}, ${nonzeros.toFixed(1)} nonzeros`);
  }
  for (const [what, ratio] of Object.entries(effect)) console.log(`${what}: ${effectText(ratio)}`);
}

/** Reads what --save wrote. @throws AlphaTensorError INVALID_ARGUMENT if there is no such file, or it is another one */
function savedRuns(path: string): SavedRuns {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw refusal(`"${path}" cannot be read: ${isMissing ? 'there is no such file' : messageOf(error)}.`);
  }
  const saved = parsed(text);
  if (saved === undefined) throw refusal(`"${path}" is not a file that npm run bench lambda -- --save wrote.`);
  return saved;
}

function parsed(text: string): SavedRuns | undefined {
  try {
    const saved = JSON.parse(text) as SavedRuns | null;
    return Array.isArray(saved?.runs) ? (saved as SavedRuns) : undefined;
  } catch {
    return undefined;
  }
}

/** What all files were measured as. @throws AlphaTensorError INVALID_ARGUMENT if they differ */
function settingOf(files: readonly SavedRuns[]): Omit<SavedRuns, 'runs'> {
  const [setting] = files.map(({ problem, depth, variant }) => ({
    problem,
    depth,
    ...(variant === undefined ? {} : { variant }),
  }));
  const isSame = ({ problem, depth, variant }: SavedRuns): boolean =>
    JSON.stringify([problem, depth, variant]) === JSON.stringify([setting.problem, setting.depth, setting.variant]);
  if (!files.every(isSame)) throw refusal('The files are of different problems, levels or variants.');
  return setting;
}
