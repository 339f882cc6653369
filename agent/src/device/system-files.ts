import { readdirSync, readFileSync } from 'node:fs';

// What the system tells of itself in files that may be missing, or not be this user's to read.

/** Reads a text, without the space around it; empty where there is none. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Reads a whole number from 0 on; undefined for anything else, such as "max". */
export function readCount(path: string): number | undefined {
  const text = readText(path);
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Lists the names in a folder; none where there is no such folder. */
export function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
