import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { type Elf, readElf } from './elf.js';

/** How many scripts may name each other as interpreters. */
const MOST_SCRIPTS = 4;
/** Mode bits of files that run as the user or group that owns them. */
const SET_USER_ID = 0o4000;
const SET_GROUP_ID = 0o2000;

/**
 * Finds the program that a command starts, and makes sure that a library can be put before its BLAS. Of a script this is its
 * interpreter.
 * @returns the path of the program
 * @throws AlphaTensorError NOT_FOUND if there is none; INVALID_ARGUMENT if nothing in it can be intercepted, with the reason
 */
export function requireInterceptable(command: string, environment: NodeJS.ProcessEnv = process.env): string {
  let path = findCommand(command, environment);
  for (let scripts = 0; scripts <= MOST_SCRIPTS; scripts++) {
    const elf = readable(path, () => readElf(path));
    if (elf !== undefined) {
      requireSameLoader(path, elf);
      return path;
    }
    const interpreter = interpreterOf(
      readable(path, () => readStart(path)),
      environment,
    );
    // Shells run a file that names no interpreter themselves.
    path = interpreter ?? '/bin/sh';
  }
  throw refused(path, `more than ${MOST_SCRIPTS} scripts name each other as interpreters; name the program itself`);
}

/** Finds a command as a shell does. */
function findCommand(command: string, environment: NodeJS.ProcessEnv): string {
  const candidates = command.includes('/')
    ? [command]
    : (environment.PATH ?? '/usr/bin:/bin').split(delimiter).map((folder) => join(folder || '.', command));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new AlphaTensorError(
    'NOT_FOUND',
    `There is no program ${command}${command.includes('/') ? ' that can be run' : ' in PATH'}; write it as you would start it, after --.`,
    { field: 'command' },
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Reads the first line of a script: the path of its interpreter, found in PATH if that is env. */
function interpreterOf(content: Buffer, environment: NodeJS.ProcessEnv): string | undefined {
  const [line] = content.toString('latin1').split('\n', 1);
  const words = /^#!\s*(.+)$/.exec(line)?.[1].trim().split(/\s+/);
  if (words === undefined) return undefined;
  const [interpreter, ...rest] = words;
  if (!/(^|\/)env$/.test(interpreter)) return findCommand(interpreter, environment);
  const name = rest.find((word) => !word.startsWith('-') && !word.includes('='));
  return name === undefined ? undefined : findCommand(name, environment);
}

/** Compares with the program that runs this: what the agent compiles is for that one's loader. */
function requireSameLoader(path: string, elf: Elf): void {
  const own = readElf(realpathSync(process.execPath));
  if (own === undefined) throw refused(path, 'only programs of Linux can be intercepted');
  if (elf.bits !== own.bits || elf.machine !== own.machine || elf.isLittleEndian !== own.isLittleEndian) {
    throw refused(
      path,
      'it is for another architecture than this agent, so no library of this one can be loaded into it',
    );
  }
  if (elf.loader === undefined) {
    // A loader itself, and a program that is its own loader, have a dynamic section but no loader.
    throw refused(path, 'it is statically linked: it calls no library, so there is nothing to intercept');
  }
  if (isMusl(elf.loader) !== isMusl(own.loader ?? '')) {
    const [one, other] = isMusl(elf.loader) ? ['musl', 'glibc'] : ['glibc', 'musl'];
    throw refused(path, `it uses ${one} and this agent ${other}; use an agent installed beside it, in its container`);
  }
  const { mode, uid, gid } = statSync(path);
  const changesUser = (mode & SET_USER_ID) !== 0 && uid !== process.getuid?.();
  const changesGroup = (mode & SET_GROUP_ID) !== 0 && gid !== process.getgid?.();
  if (changesUser || changesGroup) {
    throw refused(
      path,
      'it runs as another user or group (setuid), and the system loads no library of yours into such a program',
    );
  }
}

function isMusl(loader: string): boolean {
  return /\/ld-musl-/.test(loader);
}

/** Reads the bytes in which Linux looks for an interpreter (BINPRM_BUF_SIZE). */
function readStart(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(256);
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw refused(path, 'it cannot be read', cause);
  }
}

function refused(path: string, why: string, cause?: unknown): AlphaTensorError {
  return new AlphaTensorError('INVALID_ARGUMENT', `The products of ${path} cannot be seen, because ${why}.`, {
    field: 'command',
    cause,
  });
}
