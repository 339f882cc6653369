import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { cProgram } from '@alphatensor-edge/agent/codegen/c/variant.js';
import { refusal } from '../bench.js';

/** What generates programs in another version: its generator and its headers. */
export interface Generator {
  /** The clone. */
  readonly folder: string;
  readonly cProgram: typeof cProgram;
  /** Its folder agent/native. */
  readonly native: string;
}

/**
 * Loads the generator of a built clone of an earlier commit. Of the clone only agent/dist/codegen/c/variant.js and agent/native are
 * used, so its other folders may be laid out in any way.
 * @throws AlphaTensorError INVALID_ARGUMENT
 */
export async function loadEarlier(folder: string): Promise<Generator> {
  const root = resolve(folder);
  const module = join(root, 'agent', 'dist', 'codegen', 'c', 'variant.js');
  const native = join(root, 'agent', 'native');
  for (const path of [module, native]) {
    if (!existsSync(path))
      throw refusal(`--against takes a built clone, but ${path} is missing; run \`npx tsc -b\` there.`);
  }
  const loaded: { cProgram: typeof cProgram } = await import(pathToFileURL(module).href);
  return { folder: root, cProgram: loaded.cProgram, native };
}
