import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { levelAdditions } from '@alphatensor-edge/agent/plan/level-additions.js';
import {
  AlphaTensorError,
  type CatalogueEntry,
  catalogueEntries,
  catalogueFileName,
  contentHash,
  countNonzeros,
  type FactorizationRecord,
  formatFactorizationJson,
  growth,
  imagesOf,
  loadFactorization,
  messageOf,
  type Origin,
  parseCatalogueFileName,
  parseSize,
  type Size,
  sameSize,
  saveFactorization,
  usableThreads,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { type Chosen, type Contender, choose } from './choose.js';
import { explore, refine } from './commands.js';
import { compositionsOf, partsFrom } from './compositions.js';
import { locate } from './locate.js';
import type { Recipe } from './recipes.js';

/** What SOURCES.md says of a scheme that began with our own search. */
const OWN = { source: 'this project', licence: 'Apache-2.0' };
/** Of what one exploration found, so many are refined. */
const STARTS_OF_ONE_RUN = 1;
/** Decimals of the growth in a file. */
const GROWTH_DECIMALS = 6;

/** Holds where the files are, and how long to search. */
export interface BuildOptions {
  readonly catalogue: string;
  /** Run folders, which a later call goes on with. */
  readonly work: string;
  /** The folder with clones of public repositories, if there is one. */
  readonly clones?: string | undefined;
  readonly seed: number;
  /** Threads of the refinement. */
  readonly workers: number;
  /** For each start; 0: nothing is searched. */
  readonly refineSeconds: number;
  readonly onMessage: (text: string) => void;
}

/** Holds a scheme to refine, with what is known of it. */
interface Start {
  readonly spec: string;
  /** Its name in notes. */
  readonly name: string;
  readonly factorization: VerifiedFactorization;
  readonly origin: Origin;
  readonly source: string;
  readonly licence: string;
  /** How it was made, for people to repeat. */
  readonly commands: readonly string[];
}

/** Makes the catalogue's schemes of one size anew, out of what is there and what the searches find. Resolves to what it kept. */
export async function buildSize(recipe: Recipe, options: BuildOptions): Promise<Chosen[]> {
  const size = parseSize(recipe.size);
  const folder = join(options.work, nameOf(size));
  mkdirSync(folder, { recursive: true });
  const found = [...(await explored(recipe, folder, options)), ...(await published(recipe, folder, options))];
  const existing = catalogueEntries(size, options.catalogue);
  const given = [...found, ...existing.map(({ record }) => record)];
  const rankGiven = Math.min(...given.map(({ factorization }) => factorization.rank));
  const composed = await compositions(size, rankGiven, folder, options);
  const all = [...found, ...composed.starts];
  const rank = Math.min(rankGiven, ...composed.starts.map(({ factorization }) => factorization.rank));
  const starts = distinct(all.filter(({ factorization }) => factorization.rank === rank));
  const refined: FactorizationRecord[] = [];
  // One at a time: each uses all cores.
  for (const start of starts) refined.push(...(await refineOne(start, folder, options)));
  const contenders = [
    // Compositions are made anew, of what the catalogue has now.
    ...existing
      .map(({ record }) => record)
      .filter(
        ({ origin, provenance }) =>
          origin !== 'composed' || (provenance?.commands !== undefined && (provenance.commands as string[]).length > 0),
      ),
    ...[...composed.records, ...starts.map(recordOf), ...refined],
  ].filter(({ factorization }) => factorization.rank === rank);
  const had = existing.map(({ record }) => record.factorization).filter((factorization) => factorization.rank === rank);
  const chosen = choose(uniqueRecords(contenders.filter(isKeepable)).map(contenderOf), Math.min(...had.map(growth)));
  await write(size, chosen, options.catalogue);
  return chosen;
}

async function explored(
  { size, explore: runs }: Recipe,
  folder: string,
  { refineSeconds }: BuildOptions,
): Promise<Start[]> {
  const each = await inParallel(runs, usableThreads(), async (args, index) => {
    const runDir = join(folder, `explore-${index + 1}`);
    if (refineSeconds > 0) await explore(size, args, runDir);
    if (!existsSync(join(runDir, 'factorizations'))) return [];
    const files = readdirSync(join(runDir, 'factorizations')).map((file) => join(runDir, 'factorizations', file));
    const records = await Promise.all(files.map(async (file) => ({ file, record: await loadFactorization(file) })));
    const standard = records.filter(({ record }) => record.factorization.arithmetic === 'standard');
    const rank = Math.min(...standard.map(({ record }) => record.factorization.rank));
    const best = standard.filter(({ record }) => record.factorization.rank === rank).slice(0, STARTS_OF_ONE_RUN);
    const commands = [`at-trainer explore --size ${size} ${args.join(' ')}`];
    return best.map(({ file, record: { factorization, origin } }): Start => {
      return { spec: file, name: 'what it found', factorization, origin, ...OWN, commands };
    });
  });
  return each.flat();
}

async function published(
  { published: schemes }: Recipe,
  work: string,
  { clones, onMessage }: BuildOptions,
): Promise<Start[]> {
  const starts: Start[] = [];
  for (const scheme of schemes) {
    const { name, publication } = scheme;
    const spec = locate(scheme, { clones, work });
    if (spec === undefined) {
      const hint = scheme.from === 'clones' ? '; --clones names the folder of the clones' : '';
      onMessage(`${name} is not on this machine${hint}`);
      continue;
    }
    const { factorization } = await loadFactorization(spec);
    starts.push({ spec, name, factorization, origin: 'imported', ...publication, commands: [] });
  }
  return starts;
}

/** Composes smaller schemes of the catalogue to the lowest rank that this gives; those of the least growth and of the fewest additions are refined too. */
async function compositions(size: Size, maxRank: number, folder: string, { catalogue }: BuildOptions) {
  const entries = catalogueEntries(undefined, catalogue);
  const parts = partsFrom(entries.map(({ name, record }) => ({ name, factorization: record.factorization })));
  const all = compositionsOf(size, maxRank, parts);
  const rank = Math.min(...all.map(({ factorization }) => factorization.rank));
  const records = uniqueRecords(
    all
      .filter(({ factorization }) => factorization.rank === rank)
      .map(({ name, factorization }): FactorizationRecord => {
        const used = entries.filter((entry) => name.split(' ').includes(entry.name));
        const { source, licence } = sourceOf(used);
        return { factorization, origin: 'composed', notes: `${name}.`, provenance: { source, licence, commands: [] } };
      })
      .filter(isKeepable),
  );
  const measured = records.map(contenderOf);
  const ends = measured.length === 0 ? [] : choose(measured).map(({ contender }) => contender.record);
  const starts = await Promise.all(
    ends.map(async (record, index): Promise<Start> => {
      const spec = join(folder, `composed-${index + 1}.json`);
      await saveFactorization(spec, record);
      const { source, licence } = record.provenance as { source: string; licence: string };
      const name = (record.notes ?? '').replace(/\.$/, '');
      return { spec, name, factorization: record.factorization, origin: 'composed', source, licence, commands: [] };
    }),
  );
  return { records, starts };
}

/** Where the parts of a composition are from. */
function sourceOf(parts: readonly CatalogueEntry[]): { source: string; licence: string } {
  const of = (key: string): string[] => [...new Set(parts.map(({ record }) => String(record.provenance?.[key])))];
  const foreign = of('source').filter((source) => source !== OWN.source);
  if (foreign.length === 0) return OWN;
  return {
    source: foreign.join('; '),
    licence: of('licence')
      .filter((licence) => licence !== OWN.licence)
      .join(', '),
  };
}

async function refineOne(start: Start, folder: string, options: BuildOptions): Promise<FactorizationRecord[]> {
  const { seed, workers, refineSeconds: budgetSeconds, onMessage } = options;
  const runDir = join(folder, `refine-${contentHash(start.factorization).slice(0, 8)}-${seed}`);
  try {
    const { chains, front } = await refine(start.spec, { seed, budgetSeconds, workers, runDir });
    return await Promise.all(
      front.map(async ({ file }) => {
        const { factorization } = await loadFactorization(relative('.', file));
        const command = `at-trainer refine <${start.name}> --seed ${seed} --chains ${chains}`;
        return recordOf({ ...start, factorization, commands: [...start.commands, command] });
      }),
    );
  } catch (error) {
    onMessage(`${start.name} was not refined: ${messageOf(error)}`);
    return [];
  }
}

function recordOf({ name, factorization, origin, source, licence, commands }: Start): FactorizationRecord {
  const notes = commands.length > 0 ? `${commands.join('; then ')}.` : `${name}.`;
  return { factorization, origin, notes, provenance: { source, licence, commands } };
}

function contenderOf(record: FactorizationRecord): Contender {
  const { factorization } = record;
  return {
    record,
    growth: growth(factorization),
    additions: levelAdditions(factorization).after.total,
    nonzeros: countNonzeros(factorization),
    isOurs: record.origin === 'composed' || record.provenance?.source === OWN.source,
  };
}

/** Replaces the files of a size. */
async function write(size: Size, chosen: readonly Chosen[], catalogue: string): Promise<void> {
  const texts = chosen.map(({ variant, contender }) => {
    const { record, growth: grows, additions, nonzeros } = contender;
    const figures = { growth: Number(grows.toFixed(GROWTH_DECIMALS)), additions, nonzeros };
    const created = record.created ?? `${new Date().toISOString().slice(0, 10)}T00:00:00Z`;
    const kept = { ...record, created, provenance: { ...record.provenance, ...figures } };
    const name = catalogueFileName({ size, rank: record.factorization.rank, variant });
    return [join(catalogue, name), formatFactorizationJson(kept, { spaces: false })] as const;
  });
  for (const file of readdirSync(catalogue)) {
    const name = parseCatalogueFileName(file);
    if (name !== undefined && sameSize(name.size, size)) rmSync(join(catalogue, file));
  }
  for (const [path, text] of texts) writeFileSync(path, text);
}

/** Does `work` for all items, so many at a time. Resolves to the results in the order of the items. */
async function inParallel<T, R>(
  items: readonly T[],
  jobs: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const goOn = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index], index);
  };
  await Promise.all(Array.from({ length: jobs }, goOn));
  return results;
}

function distinct(starts: readonly Start[]): Start[] {
  return [
    ...new Map([...starts].reverse().map((start) => [contentHash(start.factorization), start])).values(),
  ].reverse();
}

/** Tells whether all images can be known by their content hash: the canonical form gathers all scale in w, which LIMITS bound. */
function isKeepable({ factorization }: FactorizationRecord): boolean {
  try {
    return imagesOf(factorization).length > 0;
  } catch (error) {
    if (error instanceof AlphaTensorError && error.code === 'INVALID_ARGUMENT') return false;
    throw error;
  }
}

/** The first of those with the same content hash. */
function uniqueRecords(records: readonly FactorizationRecord[]): FactorizationRecord[] {
  return [
    ...new Map([...records].reverse().map((record) => [contentHash(record.factorization), record])).values(),
  ].reverse();
}

function nameOf({ n, m, p }: Size): string {
  return `${n}x${m}x${p}`;
}
