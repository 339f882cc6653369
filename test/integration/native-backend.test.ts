import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { nativeFolder, readInstallation } from '../../trainer/src/network/native/folder.js';
import { largestDifference } from '../../trainer/src/training/backend-trials.js';
import { onnxRuntime } from '../support/onnx-runtime.js';
import { AT_TRAINER, temporaryFolder } from '../support/trainer-process.js';

const folder = temporaryFolder();
afterAll(folder.remove);

const installation = readInstallation(nativeFolder());
const absent = installation === undefined ? ': skipped, at-trainer backend setup --yes installs it' : '';

/** Where nothing is set up. */
const EMPTY = { ALPHATENSOR_DATA_DIR: join(folder.path, 'data') };

function backend(options: string[], { node = [] as string[], env = {} } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, AT_TRAINER, 'backend', ...options], {
    cwd: folder.path,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stderr, document: stdout === '' ? undefined : JSON.parse(stdout) };
}

it.skipIf(installation === undefined)(
  `computes natively what WebAssembly does, to 1e-3, while signals arrive, on a Node without old utilities${absent}`,
  () => {
    const wasm = backend(['trial', 'wasm', '--json']);
    const native = backend(['trial', 'node', '--json'], {
      node: [
        ...[
          '--import',
          'data:text/javascript,import util from "util"; delete util.isNullOrUndefined; delete util.isArray',
        ],
        // The profiler's signals overwrite what oneDNN keeps below the stack pointer, unless they are deferred.
        ...['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', folder.path],
      ],
    });
    expect({ ...native, document: undefined }).toEqual({ status: 0, stderr: '', document: undefined });
    expect(native.document.description).toMatch(/^TensorFlow 2\..* on the CPU$/);
    expect(largestDifference(native.document.losses, wasm.document.losses)).toBeLessThan(1e-3);
    expect(native.document.losses).toHaveLength(wasm.document.losses.length);
  },
);

it('says how to set native TensorFlow up where it is not', () => {
  const { status, document } = backend(['trial', 'node', '--json'], { env: EMPTY });
  expect(status).toBe(6);
  expect(document.error.message).toMatch(/not set up; at-trainer backend setup does it/);
});

it.skipIf(typeof onnxRuntime === 'string')('tries ONNX Runtime, which plays what TensorFlow.js plays', () => {
  const { status, document } = backend(['trial', 'onnx', '--json']);
  expect(status).toBe(0);
  expect(document).toMatchObject({ description: expect.stringContaining('onnxruntime-node'), sameActions: 1 });
  expect(document.difference).toBeLessThan(1e-5);
});

it('installs nothing unless it is told to', () => {
  const { status, document } = backend(['setup', '--json'], { env: EMPTY });
  expect(status).toBe(130);
  expect(document.error.message).toMatch(/Nothing was installed; --yes/);
});

it.skipIf(process.platform !== 'linux')('refuses a folder that is no TensorFlow and leaves what was there', () => {
  const data = temporaryFolder();
  const native = nativeFolder({ ALPHATENSOR_DATA_DIR: data.path });
  const wrong = backend(['setup', '--yes', '--json', '--tensorflow', folder.path], {
    env: { ALPHATENSOR_DATA_DIR: data.path },
  });
  expect(wrong.status).toBe(2);
  expect(wrong.document.error).toMatchObject({
    field: '--tensorflow',
    message: expect.stringContaining('libtensorflow_cc.so.2'),
  });
  expect(readInstallation(native)).toBeUndefined();
  data.remove();
});

it('takes an installation for absent until its last file is whole', () => {
  writeFileSync(join(folder.path, 'install.json'), '{"device":"cpu"');
  expect(readInstallation(folder.path)).toBeUndefined();
  writeFileSync(join(folder.path, 'install.json'), '{"device":"cpu","packageVersion":"4.22.0","libraries":"/x"}');
  expect(readInstallation(folder.path)).toMatchObject({ device: 'cpu' });
});
