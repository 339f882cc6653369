import { readdirSync, readFileSync } from 'node:fs';

// Reads files in which the system describes itself. They may be missing, or not readable by this user.

/** Reads a text without the space around it. Empty if there is none. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Reads a whole number of at least 0. Undefined for anything else, such as "max". */
export function readCount(path: string): number | undefined {
  const text = readText(path);
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Lists the names in a folder. Empty if the folder does not exist. */
export function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
