import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CProgram } from '../../agent/src/codegen/c/variant.js';
import type { Dimensions } from '../../agent/src/plan/plan.js';
import type { End } from '../../agent/src/process/end.js';
import { withPrivateFolder } from '../../agent/src/process/private-folder.js';
import { runProgram } from '../../agent/src/process/process.js';
import { TOLERANCE } from './conformance.js';

const DRIVER = fileURLToPath(new URL('./gemm-driver.c', import.meta.url));
const NATIVE = fileURLToPath(new URL('../../agent/native/', import.meta.url));
const SECONDS = 60;
const signal = new AbortController().signal;

/** How to compile for a processor, and what to run it with where that is not this one. */
export interface CrossCompiler {
  readonly command: string;
  readonly flags: readonly string[];
  readonly emulator?: string;
}

/** Why the compiler, with its flags, or the emulator cannot be used here; undefined if they can. Asked once a process. */
export function whyAbsent(compiler: CrossCompiler): Promise<string | undefined> {
  const key = [compiler.command, ...compiler.flags].join(' ');
  const reason = reasons.get(key) ?? probe(compiler);
  reasons.set(key, reason);
  return reason;
}

const reasons = new Map<string, Promise<string | undefined>>();

function probe({ command, flags, emulator }: CrossCompiler): Promise<string | undefined> {
  return withPrivateFolder(async (folder) => {
    await writeFile(join(folder, 'probe.c'), '#include <stdio.h>\nint main(void) { return puts("ok") < 0; }\n');
    const compiled = await run(folder, command, ...flags, 'probe.c', '-o', 'probe');
    if (compiled.exitCode !== 0) return `"${command} ${flags.join(' ')}" does not compile here`;
    const program = join(folder, 'probe');
    const ran = await (emulator === undefined ? run(folder, program) : run(folder, emulator, program));
    return ran.exitCode === 0 ? undefined : `${emulator ?? 'this processor'} does not run what ${command} compiles`;
  });
}

/**
 * Tries at_gemm of a packed program on the shapes with transposes, leading dimensions, alpha and beta (gemm-driver.c).
 * @returns what the driver says: "… products are right", or what is wrong
 */
export function tryGemm(
  { command, flags, emulator }: CrossCompiler,
  program: CProgram,
  shapes: readonly Dimensions[],
  threads: number,
): Promise<string> {
  const { dtype } = program;
  const range = Math.min(...shapes.map((shape) => program.exactRange({ ...shape, dtype })));
  return withPrivateFolder(async (folder) => {
    await writeFile(join(folder, 'program.c'), program.source());
    const sources = [`-I${folder}`, `-I${NATIVE}`, '-DPROGRAM="program.c"', DRIVER, '-lm'];
    const compiled = await run(folder, command, ...flags, '-std=gnu11', '-o', 'driver', ...sources);
    if (compiled.exitCode !== 0) return compiled.stderr;
    const driver = [
      ...(emulator === undefined ? [] : [emulator]),
      join(folder, 'driver'),
      Math.max(1, range),
      range > 0 ? 0 : TOLERANCE[dtype],
      threads,
      ...shapes.map(({ m, k, n }) => `${m},${k},${n}`),
    ].map(String);
    const { exitCode, signal: died, stdout, stderr } = await run(folder, ...driver);
    return exitCode === 0 ? stdout : `${stdout}${stderr} (exit status ${exitCode ?? died})`;
  });
}

/** A packed program as assembly. @throws Error with the compiler's complaint */
export function assembly({ command, flags }: CrossCompiler, program: CProgram): Promise<string> {
  return withPrivateFolder(async (folder) => {
    await writeFile(join(folder, 'program.c'), program.source());
    const options = ['-std=gnu11', '-fPIC', '-S', '-o', '-', `-I${NATIVE}`, 'program.c'];
    const compiled = await run(folder, command, ...flags, ...options);
    if (compiled.exitCode !== 0) throw new Error(compiled.stderr);
    return compiled.stdout;
  });
}

function run(folder: string, ...command: string[]): Promise<End> {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TMPDIR: folder };
  return runProgram({
    command: command[0],
    args: command.slice(1),
    cwd: folder,
    env,
    signal,
    deadlineSeconds: SECONDS,
  });
}
