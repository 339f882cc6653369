import { homedir } from 'node:os';
import { join } from 'node:path';

/** Locates the folder for everything that outlives a run: ALPHATENSOR_CONFIG_DIR, else by the XDG base directories. */
export function configFolder(): string {
  return (
    process.env.ALPHATENSOR_CONFIG_DIR ??
    join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'alphatensor-edge')
  );
}
