import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, type TestContext } from 'vitest';

// A folder in which programs are built and run with a library before their BLAS.

const repositoryFile = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** The sources of the BLAS of products, which are also those of the recorder. */
export const blasSource = repositoryFile('agent/library/blas');

/** A Python that may have NumPy. */
export const python = process.env.ALPHATENSOR_PYTHON ?? 'python3';

/** How a command ended: its status, -1 if a signal ended it, and all that it said. */
export interface Ended {
  readonly code: number;
  readonly text: string;
}

/** The part of a process's profile that tests look at (agent/library/blas/README.md). */
export interface Profile {
  readonly format: string;
  readonly complete: boolean;
  readonly library: string;
  readonly program: { readonly arguments: string[] };
  readonly products: readonly Record<string, unknown>[];
  readonly others: readonly { readonly symbol: string; readonly calls: number }[];
  readonly libraries: readonly { readonly path: string }[];
}

/** Makes the folder, which is removed after the tests of the file. */
export function workshop() {
  const folder = mkdtempSync(join(tmpdir(), 'at-take-over-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const built = (name: string): string => join(folder, name);
  const source = (name: string): string => repositoryFile(`test/support/blas/${name}`);

  /** Runs a command in the folder, with no setting of a BLAS but those given. */
  function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const clean = Object.entries(process.env).filter(([name]) => !/^(OPENBLAS|OMP|MKL|FASTMM|LD)_/.test(name));
    return new Promise((resolve) => {
      const options = { cwd: folder, env: { ...Object.fromEntries(clean), ...env } };
      const child = execFile(command, args, options, (error, stdout, stderr) =>
        resolve({ code: child.exitCode ?? (error ? -1 : 0), text: stdout + stderr }),
      );
    });
  }

  async function must(command: string, args: readonly string[]): Promise<void> {
    const { code, text } = await run(command, args);
    if (code !== 0 || /warning/.test(text)) throw new Error(`${command} ${args.join(' ')}: ${text}`);
  }

  const cc = (...args: string[]): Promise<void> => must('gcc', ['-O1', '-g', '-Wall', `-I${blasSource}`, ...args]);

  return {
    ...{ folder, built, source, run, must, cc },
    /** Whether anything can be built. */
    hasTools: async () => (await run('make', ['--version'])).code === 0 && (await run('gcc', ['--version'])).code === 0,
    /** Builds a BLAS that counts its calls, as the function COUNTER. */
    plainBlas: (name: string, ...options: string[]): Promise<void> =>
      cc('-fPIC', '-shared', ...options, source('plain_blas.c'), '-o', name),
    /** Builds a library as Python loads it, over a BLAS of its own. */
    extension: (name: string, blas: string): Promise<void> =>
      cc(
        ...['-fPIC', '-shared', `-DCOUNTER=${blas}_calls`, source('extension.c')],
        ...[`./lib${blas}.so`, `-Wl,-rpath,${folder}`, '-o', name],
      ),
    /** Reads the profiles whose names begin so. */
    profiles: (name: string): Profile[] =>
      readdirSync(folder)
        .filter((file) => file.startsWith(name))
        .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile),
    /** Skips a test where Python has none of the modules, and says which. */
    needsPython: async (context: TestContext, ...modules: string[]): Promise<void> => {
      const { code } = await run(python, ['-c', `import ${modules.join(', ')}`]);
      context.skip(code !== 0, `${modules.join(' or ')} of Python is not on this machine`);
    },
  };
}
