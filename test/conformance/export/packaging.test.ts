import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { AGENT_VERSION } from '../../../agent/src/version.js';
import { python } from '../../support/blas/workshop.js';
import { type Ended, exportLibrary, needs, run, testFolder } from '../../support/exported.js';

// One library, as a distribution installs it and programs find it, and as a wheel for Python.

const folder = testFolder();
const library = join(folder, 'edge');
const stage = join(folder, 'stage');
const installed = join(stage, 'opt/edge');
const make = (...args: string[]): Promise<Ended> =>
  run('make', [...args, 'CFLAGS=-O1', 'PREFIX=/opt/edge', `DESTDIR=${stage}`], library);

const PROGRAM = `#include <edge.h>
#include <stdio.h>
int main(void) {
  const float a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8};
  float c[4];
  const int status = edge_sgemm(EDGE_NO_TRANSPOSE, EDGE_TRANSPOSE, 2, 2, 2, 1, a, 2, b, 2, 0, c, 2, 1);
  printf("%d: %g %g %g %g, %s\\n", status, c[0], c[1], c[2], c[3], edge_sgemm_algorithm(500, 500, 500, 1));
}
`;
const PRINTED = { code: 0, text: '0: 17 23 39 53, <2,2,2;7>\n' };

let end: Ended;
beforeAll(async () => {
  const args = ['strassen', '--crossover', '96', '--name', 'edge', '--out', library];
  expect((await exportLibrary(...args)).code).toBe(0);
  writeFileSync(join(folder, 'program.c'), PROGRAM);
  end = await make('-j2', 'all', 'blas', `PYTHON=${python}`, 'wheel');
  if (end.code === 0) end = await make('install');
});

async function needsInstalled(context: TestContext, ...commands: string[]): Promise<void> {
  await needs(context, 'make', 'gcc', ...commands);
  context.skip(end.text.includes('No BLAS was found'), 'there is no BLAS to link with');
  expect(end.text).not.toContain('warning');
  expect(end.code).toBe(0);
}

/** All files below a folder. */
const filesBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();

describe('make install', () => {
  it('puts everything where programs look for it, and nothing elsewhere', async (context) => {
    await needsInstalled(context);
    expect(filesBelow(stage)).toEqual(
      [
        ...['include/edge/edge.h', 'include/edge/edge_config.h', 'share/man/man3/edge.3'],
        ...['libedge.a', 'libedge.so', 'libedge.so.0', `libedge.so.${AGENT_VERSION}`].map((file) => `lib/${file}`),
        ...['lib/libedge_blas.so', 'lib/pkgconfig/edge.pc'],
        ...['lib/cmake/edge/edgeConfig.cmake', 'lib/cmake/edge/edgeConfigVersion.cmake'],
      ]
        .map((file) => `opt/edge/${file}`)
        .sort(),
    );
    expect(readlinkSync(join(installed, 'lib/libedge.so'))).toBe('libedge.so.0');
    expect(readlinkSync(join(installed, 'lib/libedge.so.0'))).toBe(`libedge.so.${AGENT_VERSION}`);
    for (const file of ['lib/pkgconfig/edge.pc', 'lib/cmake/edge/edgeConfig.cmake', 'share/man/man3/edge.3']) {
      const text = readFileSync(join(installed, file), 'utf8');
      expect(text, file).not.toMatch(/fastmm|@[A-Z_]+@/i);
      // A staged installation is for the place without DESTDIR.
      expect(text, file).not.toContain(folder);
    }
  });

  it('lets a program be compiled with pkg-config, and run by the soname', async (context) => {
    await needsInstalled(context, 'pkg-config');
    const env = { PKG_CONFIG_PATH: join(installed, 'lib/pkgconfig'), PKG_CONFIG_SYSROOT_DIR: stage };
    const version = await run('pkg-config', ['--modversion', 'edge'], folder, env);
    expect(version).toEqual({ code: 0, text: `${AGENT_VERSION}\n` });
    const flags = (await run('pkg-config', ['--cflags', '--libs', 'edge'], folder, env)).text.trim().split(/\s+/);
    expect(await run('gcc', ['program.c', '-Wall', ...flags, '-o', 'shared'], folder)).toEqual({ code: 0, text: '' });
    expect(await run('./shared', [], folder, { LD_LIBRARY_PATH: join(installed, 'lib') })).toEqual(PRINTED);
    const needed = await run('readelf', ['-d', 'shared'], folder);
    expect(needed.text).toContain('[libedge.so.0]');
    const all = (await run('pkg-config', ['--static', '--libs', 'edge'], folder, env)).text.trim().split(/\s+/);
    const archive = all.map((flag) => (flag === '-ledge' ? '-l:libedge.a' : flag));
    const built = await run('gcc', ['program.c', ...flags.slice(0, 1), ...archive, '-o', 'static'], folder);
    expect(built).toEqual({ code: 0, text: '' });
    expect(await run('./static', [], folder)).toEqual(PRINTED);
  });

  it('lets a program be built with CMake, over both libraries, and of a fitting version only', async (context) => {
    await needsInstalled(context, 'cmake');
    const project = join(folder, 'project');
    mkdirSync(project);
    const lists = `cmake_minimum_required(VERSION 3.16)
project(program C)
find_package(edge \${WANTED} REQUIRED)
foreach(kind edge static)
  add_executable(with_\${kind} ../program.c)
  target_link_libraries(with_\${kind} PRIVATE edge::\${kind})
endforeach()
`;
    writeFileSync(join(project, 'CMakeLists.txt'), lists);
    const configure = (...args: string[]): Promise<Ended> =>
      run('cmake', ['-S', '.', '-B', 'build', `-DCMAKE_PREFIX_PATH=${installed}`, ...args], project);
    const configured = await configure();
    expect(configured.text).toContain('Build files have been written');
    expect((await run('cmake', ['--build', 'build'], project)).text).not.toContain('warning');
    expect(await run('build/with_edge', [], project)).toEqual(PRINTED);
    expect(await run('build/with_static', [], project)).toEqual(PRINTED);
    expect((await configure('-DWANTED=0.1')).code).toBe(0);
    const newer = await configure('-DWANTED=1.0');
    expect(newer.code).not.toBe(0);
    expect(newer.text).toMatch(/compatible\s+with\s+requested\s+version\s+"1\.0"/);
  });

  it('has a manual page that man shows without a complaint', async (context) => {
    await needsInstalled(context, 'man');
    const { code, text } = await run('man', ['--warnings', '-l', 'install/edge.3'], library, { MANWIDTH: '100' });
    expect(code).toBe(0);
    expect(text).not.toMatch(/warning|fastmm/i);
    expect(text).toMatch(/edge_sgemm, edge_dgemm - products of matrices/);
  });

  it('is undone by make uninstall', async (context) => {
    await needsInstalled(context);
    const { code, text } = await make('uninstall');
    expect(text).not.toMatch(/cannot|failed/);
    expect(code).toBe(0);
    expect(filesBelow(stage)).toEqual([]);
    expect(readdirSync(join(installed, 'include'))).toEqual([]);
  });
});

describe('make wheel', () => {
  const wheels = join(library, 'wheel');
  const site = join(folder, 'site');
  const sites = [site, process.env.PYTHONPATH ?? []].flat().join(':');
  const support = (name: string): string => fileURLToPath(new URL(`../../support/blas/${name}`, import.meta.url));
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    run(python, args, folder, { PYTHONPATH: sites, PYTHONDONTWRITEBYTECODE: '1', ...env });

  async function needsWheel(context: TestContext, ...modules: string[]): Promise<void> {
    await needsInstalled(context, python);
    for (const name of ['pip', ...modules]) {
      context.skip((await start(['-c', `import ${name}`])).code !== 0, `${name} of Python is not on this machine`);
    }
    if (existsSync(site)) return;
    const options = ['--no-index', '--disable-pip-version-check', '--root-user-action', 'ignore', '--target', site];
    const [wheel] = readdirSync(wheels);
    expect((await start(['-m', 'pip', 'install', '--quiet', ...options, join(wheels, wheel)])).text).toBe('');
  }

  it('gives what pip installs without network and finds complete', async (context) => {
    await needsWheel(context);
    const [wheel, ...others] = readdirSync(wheels);
    expect(others).toEqual([]);
    // It was compiled for this processor, which no tag of package indexes can say.
    const version = new RegExp(`^edge-${AGENT_VERSION}\\+[0-9a-f]{8}-py3-none-linux_${machine()}\\.whl$`);
    expect(wheel).toMatch(version);
    const checked = await start(['-m', 'pip', 'check', '--disable-pip-version-check']);
    expect(checked.text).not.toMatch(/edge/);
    const bytes = readFileSync(join(wheels, wheel));
    rmSync(join(wheels, wheel));
    expect((await make(`PYTHON=${python}`, 'wheel')).code).toBe(0);
    expect(readFileSync(join(wheels, wheel)).equals(bytes)).toBe(true);
  });

  it('has a tag with the oldest glibc where any processor will do', async (context) => {
    await needsWheel(context);
    const made = ['--version', '1', '--out', join(folder, 'portable'), '--macros', '/dev/null'];
    const blas = join(library, 'build-blas/libedge_blas.so');
    const { text } = await start([join(library, 'python/make_wheel.py'), '--library', blas, ...made]);
    expect(text).toMatch(new RegExp(`-py3-none-manylinux_2_\\d+_${machine()}\\.whl$`, 'm'));
  });

  it('is not made under a name that Python has for something else', async (context) => {
    await needsWheel(context);
    const script = join(folder, 'make_wheel.py');
    const text = readFileSync(join(library, 'python/make_wheel.py'), 'utf8');
    for (const name of ['class', 'random', 'numpy']) {
      writeFileSync(script, text.replace('NAME = "edge"', `NAME = "${name}"`));
      expect(await start([script, '--library', '', '--macros', '', '--version', '1', '--out', ''])).toEqual({
        code: 1,
        text: `A Python package cannot be called "${name}"; export the library with another --name.\n`,
      });
    }
  });

  it('runs a program as Python would, with the library before its BLAS', async (context) => {
    await needsWheel(context);
    const program = join(folder, 'said.py');
    writeFileSync(
      program,
      `import os, sys
print(sys.argv[1:], sys.flags.dev_mode, __name__, os.environ["LD_PRELOAD"].split(":"))
sys.stdout.flush()
if sys.argv[1] == "end": os.kill(os.getpid(), 15)
sys.exit(7)
`,
    );
    const before = `'${join(site, 'edge/libedge_blas.so')}'`;
    const run1 = await start(['-X', 'dev', '-m', 'edge', program, 'a', 'b c']);
    expect(run1).toEqual({ code: 7, text: `['a', 'b c'] True __main__ [${before}]\n` });
    // A shell says how a program ended: 128 and the signal.
    const shell = await run('sh', ['-c', `${python} -medge ${program} end; echo $?`], folder, { PYTHONPATH: site });
    expect(shell.text).toContain(`['end'] False __main__ [${before}]\n`);
    expect(shell.text).toMatch(/^143$/m);
    expect((await start(['-m', 'edge', '-c', 'import edge; print(edge.__version__)'])).text).toMatch(/^0\.1\.0\+/);
    expect(await start(['-m', 'edge'])).toMatchObject({
      code: 2,
      text: expect.stringMatching(/^usage: python -m edge /),
    });
    // A program that is not there is Python's to report.
    expect(await start(['-m', 'edge', 'nonesuch.py'])).toMatchObject({
      code: 2,
      text: expect.stringContaining("can't open file"),
    });
  });

  it('refuses a processor without what it was compiled for, and a path that LD_PRELOAD cannot hold', async (context) => {
    await needsWheel(context);
    const moved = join(folder, 'a folder');
    cpSync(site, moved, { recursive: true });
    const env = { PYTHONPATH: moved };
    expect(await start(['-m', 'edge', '-c', ''], env)).toEqual({
      code: 1,
      text: `edge: LD_PRELOAD cannot hold ${moved}/edge/libedge_blas.so, because of a space or colon in it; install the package in another folder.\n`,
    });
    const build = join(moved, 'edge/_build.py');
    writeFileSync(build, readFileSync(build, 'utf8').replace('FLAGS = (', "FLAGS = ('avx9000', "));
    const sentence = 'edge was built for a processor with avx9000; build the wheel on this machine with make wheel.';
    expect(await start(['-m', 'edge', '-c', ''], env)).toEqual({ code: 1, text: `edge: ${sentence}\n` });
    const { text } = await start(['-c', 'import edge._library; edge._library.load()'], env);
    expect(text).toContain(`ImportError: ${sentence}`);
  });

  it('multiplies arrays of NumPy in every layout', async (context) => {
    await needsWheel(context, 'numpy');
    const { code, text } = await start([support('wheel_products.py')], { EDGE_VERBOSE: '1' });
    expect(text).not.toMatch(/wrong|Traceback/);
    expect(text).toMatch(/^1260 products$/m);
    expect(Number(/products in [\d.]+ s: (\d+) taken/.exec(text)?.[1])).toBeGreaterThan(150);
    expect(code).toBe(0);
  });

  it('gives 8 threads at once, and processes forked meanwhile, what one gets alone, and no warning', async (context) => {
    await needsWheel(context, 'numpy');
    const { code, text } = await start(['-W', 'error', '-m', 'edge', support('wheel_callers.py')], {
      EDGE_VERBOSE: '1',
    });
    expect(text).toMatch(/^8 threads, 0 other\n8 tasks, 0 other$/m);
    const [, all, taken] = /(\d+) products in [\d.]+ s: (\d+) taken/.exec(text) ?? [];
    expect(Number(taken)).toBeGreaterThan(130);
    expect(taken).toBe(all);
    expect(code).toBe(0);
  });

  it('lets threadpoolctl see and limit its threads', async (context) => {
    await needsWheel(context, 'numpy', 'threadpoolctl');
    const { text } = await start(['-m', 'edge', support('wheel_threads.py')]);
    expect(text).toBe('True\n'.repeat(5));
  });
});
