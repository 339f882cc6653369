import { findBackend } from '../../backends/backends.js';
import { C_BACKENDS } from '../../backends/c.js';
import type { FolderFinding } from '../../process/preflight.js';
import { type BackendFinding, type Check, ok } from '../diagnosis.js';

const BROKEN_BACKEND =
  'Fix what it complains about. If nothing on this device is wrong, try another version of this compiler or another backend.';

/** Judges a folder in which programs are kept and run. */
export function checkFolder(name: string, variable: string, { folder, problem }: FolderFinding): Check {
  if (problem === '') return ok(name, folder);
  const fix = `Make ${folder} a folder that is yours and in which programs can run, or name another in ${variable}.`;
  return { name, status: 'failed', detail: problem, fix };
}

/**
 * Judges a backend.
 * @param works names of the backends that work: where another C compiler does, one that was never installed is missed by nobody, nor is any other
 * kind of backend
 */
export function checkBackend({ name, compiler, programs, problem }: BackendFinding, works: readonly string[]): Check {
  if (problem === '') {
    const seconds = programs.reduce((sum, { compileSeconds }) => sum + compileSeconds, 0);
    const types = [...new Set(programs.map(({ dtype }) => dtype))].join(' and ');
    return ok(
      `backend ${name}`,
      `${compiler}; Strassen's algorithm compiled (${seconds.toFixed(1)} s), ran and gave the right result in ${types}`,
    );
  }
  // Installing a compiler does not fix one that is there and whose programs fail.
  const install = findBackend(name)?.fixes.find((fix) => problem.endsWith(`; ${fix}.`));
  if (install === undefined) return { name: `backend ${name}`, status: 'failed', detail: problem, fix: BROKEN_BACKEND };
  const detail = problem.slice(0, -`; ${install}.`.length);
  const isMissed = isC(name) && !works.some(isC);
  if (!isMissed) return ok(`backend ${name}`, `not there (${detail}); it is not needed, and to have it, ${install}`);
  return {
    name: `backend ${name}`,
    status: 'failed',
    detail,
    fix: `${install.charAt(0).toUpperCase()}${install.slice(1)}.`,
  };
}

/** Says once that no backend was tried, because a folder is unusable in which all of them need to run programs. */
export function noneTried(backends: readonly BackendFinding[]): Check {
  return {
    name: 'backends',
    status: 'failed',
    detail: `${backends.map(({ name }) => name).join(', ')} were not tried, because no program can be kept and run here`,
    fix: 'Mend the folder that is named above, then run the doctor again.',
  };
}

/** Tells whether a backend compiles C. The child of such a backend also times the BLAS libraries. */
export function isC(backend: string): boolean {
  return C_BACKENDS.some(({ name }) => name === backend);
}
