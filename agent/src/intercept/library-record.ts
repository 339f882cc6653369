import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AlphaTensorError, readBounded, whyNotOwn } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { cpuModel } from '../device/cpu.js';
import { deviceId, stateFolder } from '../device/device-id.js';
import { readElf } from './elf.js';

// The libraries that were built on this device, each in a folder of its own with a record beside it.

export const LIBRARY_FILE = 'libfastmm_blas.so';
const RECORD_FILE = 'library.json';

const schema = z.object({
  format: z.literal('alphatensor-blas-library'),
  version: z.literal(1),
  /** ISO 8601, UTC. */
  createdAt: z.string(),
  device: z.object({ id: z.string(), cpu: z.string() }),
  compiler: z.string(),
  /** What it was compared with, for example `OpenBLAS 0.3.21`. */
  against: z.array(z.string()),
  /** The table that it was made from. */
  dispatch: z.string(),
  /** Problems that were tuned, and how many of them have an algorithm. */
  problems: z.number(),
  taken: z.number(),
});
export type LibraryRecord = z.infer<typeof schema>;

/** A library that can be put before a program's BLAS. */
export interface BlasLibrary {
  readonly path: string;
  /** Undefined: it was not built by this command. */
  readonly record: LibraryRecord | undefined;
  /** What the names of its settings begin with, such as FASTMM. */
  readonly prefix: string;
}

/** Gives the folder of the libraries that were built on this device. */
export function librariesFolder(): string {
  return join(stateFolder(), 'libraries');
}

/** Gives the path of the record of a library. */
export function recordFile(library: string): string {
  return join(dirname(library), RECORD_FILE);
}

/**
 * Finds the newest library that was built on this device and for it.
 * @throws AlphaTensorError NOT_FOUND with what to do if there is none
 */
export function newestLibrary(): BlasLibrary {
  const folder = librariesFolder();
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const all = names.flatMap((name) => {
    const path = join(folder, name, LIBRARY_FILE);
    const record = existsSync(path) ? readRecord(path) : undefined;
    return record === undefined ? [] : [{ path, record }];
  });
  requireOwn(folder);
  const own = all
    .filter(({ record }) => isThisDevice(record))
    .sort((a, b) => (a.record.createdAt < b.record.createdAt ? 1 : -1));
  if (own.length > 0) return openLibrary(own[0].path);
  const why =
    all.length === 0
      ? `there is no library in ${folder}`
      : `the libraries in ${folder} are for another device (${all[0].record.device.cpu})`;
  throw new AlphaTensorError(
    'NOT_FOUND',
    `Nothing was tuned on this device: ${why}; run at-trainer tune --profile gemm-profile.json, or name a table with --dispatch or a library with --library.`,
  );
}

/** Refuses libraries that others could have put there: they run inside the programs of this user. @throws AlphaTensorError UNAVAILABLE */
function requireOwn(folder: string): void {
  const reason = whyNotOwn(folder);
  if (reason === undefined) return;
  throw new AlphaTensorError(
    'UNAVAILABLE',
    `The libraries in ${folder} are not used, because they would run in your programs and ${reason}; make the folder yours alone (chown, chmod go-w), or name another in ALPHATENSOR_STATE_DIR.`,
  );
}

/**
 * Opens a library that was named.
 * @throws AlphaTensorError NOT_FOUND, UNSUPPORTED_FORMAT if it is no BLAS of products; INVALID_ARGUMENT if it is another device's
 */
export function openLibrary(path: string): BlasLibrary {
  if (!existsSync(path)) {
    throw new AlphaTensorError(
      'NOT_FOUND',
      `There is no library ${path}; build one with "make blas" in an exported folder.`,
      {
        field: '--library',
      },
    );
  }
  const elf = readElf(path);
  const content = elf?.isDynamic ? readBounded(path).toString('latin1') : '';
  const prefix = /\0([A-Z][A-Z0-9_]*)_VERBOSE\0/.exec(content)?.[1];
  if (prefix === undefined || !content.includes('alphatensor-edge-gemm-profile')) {
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `${path} is no BLAS of products; give the ${LIBRARY_FILE} that "make blas" builds in an exported folder.`,
      { field: '--library' },
    );
  }
  const own = readElf(process.execPath);
  const record = readRecord(path);
  if (elf?.machine !== own?.machine || (record !== undefined && !isThisDevice(record))) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${path} is for another device${record === undefined ? '' : ` (${record.device.cpu})`}; tune on this one with at-trainer tune.`,
      { field: '--library' },
    );
  }
  return { path, record, prefix };
}

/** Tells whether a library was built here: what it is tuned for, and its instructions, are this processor's. */
function isThisDevice({ device }: LibraryRecord): boolean {
  return device.id === deviceId(stateFolder()) && device.cpu === cpuModel();
}

function readRecord(library: string): LibraryRecord | undefined {
  const file = recordFile(library);
  if (!existsSync(file)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `${file} is damaged; delete its folder and build the library anew.`,
      {
        cause,
      },
    );
  }
}
