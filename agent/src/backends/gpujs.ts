import { createRequire } from 'node:module';
import { z } from 'zod';
import { GPUJS_VARIANTS, gpujsProgram } from '../codegen/gpujs/program.js';
import { packageFile } from '../package-files.js';
import type { End } from '../process/end.js';
import type { InterpretedChild } from '../process/harness.js';
import type { Backend, ToolchainProbe } from './backend.js';
import { askToDescribe, inherited, keepSource } from './interpreted.js';

const HARNESS = packageFile('native/gpujs-harness.mjs');

const describedSchema = z.object({ accelerator: z.string() });
const refusedSchema = z.object({ message: z.string() });

const INSTALL = 'install it with "npm install --global gpu.js"';
const DRIVER =
  'install gpu.js and a Vulkan driver, for example with "npm install --global gpu.js webgpu" and "apt-get install mesa-vulkan-drivers", for software rendering of Mesa 25 or newer';

/**
 * Lists `gpujs-cpu`, `gpujs-webasm` and `gpujs-webgpu`: one family of programs on the engines of gpu.js, which run in a
 * separate Node process.
 */
export const GPUJS_BACKENDS: readonly Backend[] = [
  gpujsBackend('cpu', INSTALL),
  gpujsBackend('webasm', INSTALL),
  gpujsBackend('webgpu', DRIVER),
];

function gpujsBackend(mode: string, fix: string): Backend {
  let probe: Promise<ToolchainProbe> | undefined;
  return {
    name: `gpujs-${mode}`,
    variants: GPUJS_VARIANTS,
    dtypes: ['f32'],
    fixes: [fix],
    find: () => {
      probe ??= findEngine(mode, fix);
      return probe;
    },
    program: (_variant, levels) => gpujsProgram(levels),
  };
}

async function findEngine(mode: string, fix: string): Promise<ToolchainProbe> {
  const env = inherited('PATH', 'HOME', 'LD_LIBRARY_PATH', 'VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'XDG_RUNTIME_DIR');
  const harness: InterpretedChild = { command: process.execPath, args: [HARNESS, mode], env };
  const version = installedVersion();
  if (version === undefined) return { ok: false, reason: `gpu.js is not installed; ${fix}.` };
  let accelerator = '';
  if (mode === 'webgpu') {
    const end = await askToDescribe(harness);
    if (end.exitCode !== 0) return { ok: false, reason: `${whatIsMissing(end)}; ${fix}.` };
    accelerator = describedSchema.parse(JSON.parse(end.stdout)).accelerator;
  }
  const engine = accelerator === '' ? mode : `${mode} on ${accelerator}`;
  return {
    ok: true,
    toolchain: {
      compiler: { command: 'gpu.js', version: `gpu.js ${version}, ${engine}, Node ${process.version}`, flags: [] },
      harness,
      // The engine's own plain product is not a fair baseline, so no speed-up over it is claimed.
      blas: [
        {
          name: 'gpu.js product',
          version,
          library: `gpu.js ${mode}`,
          configuration: engine,
          thirdParty: false,
          environment: {},
        },
      ],
      controlSize: 128,
      compile: (source) => keepSource(source, 'json'),
    },
  };
}

function whatIsMissing({ reason, exitCode, stdout, stderr }: End): string {
  if (reason === 'deadline') return 'gpu.js hangs while starting';
  if (exitCode === 3) return refusedSchema.parse(JSON.parse(stdout)).message.replace(/\.$/, '');
  return `WebGPU does not work here (${/^\w*Error: .*$/m.exec(stderr)?.[0] ?? 'it ended without a message'})`;
}

/** Finds the installed version of gpu.js, which is an optional dependency. */
function installedVersion(): string | undefined {
  try {
    return z.object({ version: z.string() }).parse(createRequire(packageFile('package.json'))('gpu.js/package.json'))
      .version;
  } catch {
    return undefined;
  }
}
