import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HARNESS_SOURCES } from '../../agent/src/backends/cuda.js';

const EMULATION = fileURLToPath(new URL('./cuda-emulation', import.meta.url));
const NATIVE = fileURLToPath(new URL('../../agent/native/cuda', import.meta.url));
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const FLAGS = ['-std=c++17', '-Wall', '-Wextra', '-Werror', `-I${EMULATION}`, `-I${NATIVE}`];

/** Why nothing can be emulated here; undefined if it can. */
export function whyNotEmulated(): string | undefined {
  return spawnSync('g++', ['--version'], { stdio: 'ignore' }).status === 0 ? undefined : 'g++ is not installed';
}

/** The CUDA child and its programs compiled for the processor: the same sources over test/support/cuda-emulation. */
export class EmulatedCuda {
  readonly #folder: string;
  readonly #options: readonly string[];
  #programs = 0;

  /**
   * @param folder where everything is written
   * @param sanitized every access checked, which takes several times as long
   */
  constructor(folder: string, sanitized = false) {
    this.#folder = folder;
    this.#options = ['-O0', ...(sanitized ? SANITIZERS : [])];
  }

  /** The measuring child, as a program. */
  harness(): string {
    const [harness, matrices] = HARNESS_SOURCES;
    const [object, path] = [join(this.#folder, 'matrices.o'), join(this.#folder, 'harness')];
    execFileSync('gcc', [...this.#options, '-std=gnu11', '-c', matrices, '-o', object]);
    execFileSync('g++', [...this.#options, ...FLAGS, '-x', 'c++', harness, '-x', 'none', object, '-o', path, '-ldl']);
    return path;
  }

  /** A generated program, as a shared object. */
  program(source: string): string {
    const name = join(this.#folder, `program-${this.#programs++}`);
    writeFileSync(`${name}.cu`, source);
    execFileSync('g++', [
      ...this.#options,
      ...FLAGS,
      '-shared',
      '-fPIC',
      '-x',
      'c++',
      `${name}.cu`,
      '-o',
      `${name}.so`,
    ]);
    return `${name}.so`;
  }
}
