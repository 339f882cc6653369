import { admissions } from './admissions.js';

/**
 * Says that two connections used a device's key at once, and what to do. The hub refuses neither of them: it cannot know which is
 * the device, and a thief who was there first would keep the device out.
 * @param at when this was last seen, ISO 8601
 */
export function copiedKeyLine(name: string, at: string): string {
  return (
    `warning: two connections used the key of ${name} at once, last on ${minute(at)}; unless at-agent ran twice there, ` +
    `the key was copied: run at-trainer agents revoke ${name} and invite it again.`
  );
}

/** Gives that line for each of the agents to which it applies. */
export function copiedKeyWarnings(names: readonly string[]): string[] {
  return admissions().flatMap(({ name, doubledAt }) =>
    doubledAt !== undefined && names.includes(name) ? [copiedKeyLine(name, doubledAt.toISOString())] : [],
  );
}

/** Writes a time as `2026-11-30 09:15 UTC`. */
export function minute(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
