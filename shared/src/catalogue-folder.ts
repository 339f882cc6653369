import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Finds the folder of the catalogue: in a package, beside the folder that this module is in (npm run package:agent bundles it into a module in such
 * a folder); in a clone, at the top level. Undefined if neither is there.
 */
export function catalogueFolder(): string | undefined {
  return ['../catalogue/', '../../catalogue/']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((folder) => existsSync(folder));
}
