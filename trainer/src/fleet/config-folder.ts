import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the trainer keeps what outlives its runs: ALPHATENSOR_CONFIG_DIR, else as the XDG base directories say. */
export function configFolder(): string {
  return (
    process.env.ALPHATENSOR_CONFIG_DIR ??
    join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'alphatensor-edge')
  );
}
