import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  AlphaTensorError,
  contentHash,
  type FactorizationRecord,
  formatFactorizationJson,
  parseFactorizationJson,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { z } from 'zod';
import type { RefinementState } from '../refine/refine.js';
import type { RefinementStore } from '../refine/session.js';
import { FACTORIZATIONS, keepFactorization } from './factorizations.js';
import { writing } from './folder.js';

// `refinements/` holds the state of the search of each algorithm, one file for each.

const savedState = z.object({
  chains: z.number(),
  points: z.array(z.unknown()),
  /** Absent in folders of earlier versions. */
  near: z.array(z.unknown()).default([]),
  island: z.array(z.unknown()).default([]),
  orbits: z.array(z.unknown()).default([]),
  /** The files of this algorithm's front in `factorizations/`. */
  files: z.array(z.string()),
});

/** Holds what a run keeps of one algorithm: the state of its search, and the files of its front. */
export class RefinementFolder implements RefinementStore {
  readonly #runDir: string;
  readonly #state: string;
  #files: readonly string[] = [];

  constructor(runDir: string, start: VerifiedFactorization) {
    this.#runDir = runDir;
    this.#state = join(runDir, 'refinements', `${contentHash(start).slice(0, 16)}.json`);
  }

  /** Reads where the search came to; undefined if it has not begun. @throws AlphaTensorError UNSUPPORTED_FORMAT if the file is damaged */
  read(): RefinementState | undefined {
    if (!existsSync(this.#state)) return undefined;
    try {
      const { chains, files, ...lists } = savedState.parse(JSON.parse(readFileSync(this.#state, 'utf8')));
      this.#files = files;
      return {
        chains,
        points: factorizations(lists.points),
        near: factorizations(lists.near),
        island: factorizations(lists.island),
        orbits: factorizations(lists.orbits),
      };
    } catch (cause) {
      throw new AlphaTensorError(
        'UNSUPPORTED_FORMAT',
        `${this.#state} is damaged; delete it to refine this algorithm anew.`,
        { cause },
      );
    }
  }

  /** Writes where the search is, aside and then renamed. */
  save({ chains, ...state }: RefinementState): void {
    const lists = {
      points: documents(state.points),
      near: documents(state.near),
      island: documents(state.island),
      orbits: documents(state.orbits),
    };
    writing(this.#runDir, () => {
      mkdirSync(join(this.#runDir, 'refinements'), { recursive: true });
      writeFileAtomicSync(this.#state, `${JSON.stringify({ chains, ...lists, files: this.#files })}\n`);
    });
  }

  /** Writes a file for each point of the front, and deletes those of an earlier session that are on it no more. Returns their paths. */
  async saveFront(records: readonly FactorizationRecord[], state: RefinementState): Promise<string[]> {
    const paths: string[] = [];
    for (const record of records) paths.push(await keepFactorization(this.#runDir, record));
    const names = paths.map((path) => basename(path));
    for (const name of this.#files) {
      if (!names.includes(name)) rmSync(join(this.#runDir, FACTORIZATIONS, name), { force: true });
    }
    this.#files = names;
    this.save(state);
    return paths;
  }
}

function documents(points: readonly VerifiedFactorization[]): unknown[] {
  return points.map((factorization) => JSON.parse(formatFactorizationJson({ factorization, origin: 'symmetry' })));
}

function factorizations(saved: readonly unknown[]): VerifiedFactorization[] {
  return saved.map((document) => parseFactorizationJson(JSON.stringify(document)).factorization);
}
