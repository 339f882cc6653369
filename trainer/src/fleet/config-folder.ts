import { userFolder } from '@alphatensor-edge/shared';

/** Locates the folder for everything that outlives a run: ALPHATENSOR_CONFIG_DIR, else by the XDG base directories. */
export function configFolder(): string {
  return userFolder('config', 'ALPHATENSOR_CONFIG_DIR');
}
