import { fileURLToPath } from 'node:url';

/**
 * Gives the path of a file or folder of the installed agent by its path in the package: C sources, templates,
 * package.json. Every such path is made here, because this module is one folder below the package's root both in dist/
 * and in the single file that `npm run package:agent` makes.
 */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
