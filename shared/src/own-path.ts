import { lstatSync } from 'node:fs';

/**
 * Says why somebody else could change what lies at a path, one clause: it is not this user's (or root's), others can write to
 * it, or it is a link. Undefined where nobody can, and where nothing is there.
 */
export function whyNotOwn(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  const user = process.getuid?.();
  if (found === undefined || user === undefined) return undefined;
  if (found.isSymbolicLink()) return 'it is a link';
  if (found.uid !== user && found.uid !== 0) return `it belongs to user ${found.uid}, and this is user ${user}`;
  // In a sticky folder, others cannot replace what is there.
  const isSticky = found.isDirectory() && (found.mode & 0o1000) !== 0;
  return (found.mode & 0o022) !== 0 && !isSticky ? 'other users can write to it' : undefined;
}
