import { fileURLToPath } from 'node:url';

/**
 * A file or folder of the installed agent, by its path in the package: C sources, templates, package.json. This module is one
 * folder below the package's root both in dist/ and in the one file that `npm run package:agent` makes, so that every path of the kind
 * is made here.
 */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
