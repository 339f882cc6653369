import type { Outcome } from '@alphatensor-edge/proto';
import { compileFailure } from './ends.js';
import { failure } from './failure.js';
import type { JobHooks } from './job.js';
import type { Programmed } from './program.js';
import { ROLES, type Role, sourceOf } from './sides.js';

/** Holds a job whose programs are compiled. */
export interface Built extends Programmed {
  /** Paths of the compiled programs. */
  readonly paths: Readonly<{ [role in Role]?: string }>;
}

/** Compiles the programs of a job. */
export async function buildPrograms(
  programmed: Programmed,
  { signal, onProgress }: JobHooks,
): Promise<Built | Outcome> {
  const { job, programs, toolchain } = programmed;
  const { compiler, compile } = toolchain;
  const deadlineSeconds = job.compileTimeoutSeconds;
  onProgress({ kind: 'compiling', compiler: compiler.version });
  let { facts } = programmed;
  const paths: { [role in Role]?: string } = {};
  for (const role of ROLES) {
    const program = programs[role];
    if (program === undefined) continue;
    const source = sourceOf(program);
    if (!source.ok) return failure(facts, 'OUTCOME_KIND_UNSUPPORTED', source.reason);
    const compiled = await compile(source.text, { signal, deadlineSeconds });
    if (!compiled.ok) {
      const { end } = compiled;
      return compileFailure({ ...facts, compileSeconds: end.seconds }, compiler.command, end, deadlineSeconds);
    }
    paths[role] = compiled.path;
    if (role === 'candidate') facts = { ...facts, compileSeconds: compiled.seconds, compileCached: compiled.cached };
  }
  return { ...programmed, facts, paths };
}
