import { fileURLToPath } from 'node:url';

/** The repository's root, as seen from where this is compiled to, test/dist/support. */
const ROOT = new URL('../../../', import.meta.url);

/** The path of a file of the repository, or beside it. @param path from the root */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}
