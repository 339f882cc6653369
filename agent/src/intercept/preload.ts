import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

/** Gives a path of the library that LD_PRELOAD can hold: a copy in the folder if the path has spaces or colons, which separate there. */
export function preloadable(library: string, folder: string): string {
  if (!/[\s:]/.test(library)) return library;
  const copy = join(folder, 'preloaded.so');
  copyFileSync(library, copy);
  return copy;
}
