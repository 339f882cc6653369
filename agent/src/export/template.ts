import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { packageFile } from '../package-files.js';
import type { DType } from '../plan/plan.js';
import { archFlag, type IsaName } from './kernel-table.js';

/** The name in the template's files and declarations that is replaced by the library's. */
const TEMPLATE_NAME = 'fastmm';

/**
 * Names the folder of the engine's headers, then those of the parts that are the same in every library. A library of
 * several algorithms also has the parts in `dispatch/`.
 */
const ENGINE = packageFile('native');
const TEMPLATE = packageFile('library');
const DISPATCH_TEMPLATE = packageFile('library/dispatch');
/** Names the folders that stay folders in a library: the BLAS that it can be built as, how it is installed, and its Python package. */
const PARTS = ['blas', 'install', 'python', `python/${TEMPLATE_NAME}`];
/**
 * Lists the headers of the packed engine, by their paths in native/. Those in packed/ are listed where they are needed.
 */
const ENGINE_HEADERS = ['arithmetic.h', 'grid.h', 'packed.h', 'runtime.h', 'vector.h', 'wait.h'];

const LICENSE_LINE = '/* SPDX-License-Identifier: Apache-2.0 */';

/** Holds the generated part of a library. */
interface GeneratedFiles {
  /** A C identifier in lower case. */
  readonly name: string;
  readonly isa: IsaName;
  readonly dtypes: readonly DType[];
  readonly isDispatch: boolean;
  /** The version of the library: that of the program that writes it. */
  readonly version: string;
  /** C files and headers with the template's names: content by name. */
  readonly generated: ReadonlyMap<string, string>;
  /** The names in `generated` that every build compiles. `fastmm_*_plain.c` is compiled only without a BLAS. */
  readonly sources: readonly string[];
}

/**
 * Makes all C files of a library and its Makefile: content by name.
 * @throws AlphaTensorError INVALID_ARGUMENT for a name that is not allowed
 */
export function fillTemplate({
  name,
  isa,
  dtypes,
  isDispatch,
  version,
  generated,
  sources,
}: GeneratedFiles): Map<string, string> {
  requireName(name);
  const files = new Map<string, string>();
  const addC = (file: string, text: string): void => void files.set(file, `${LICENSE_LINE}\n${text}`);
  for (const file of engineHeaders()) addC(file, read(ENGINE, file));
  for (const folder of isDispatch ? [TEMPLATE, DISPATCH_TEMPLATE] : [TEMPLATE]) {
    for (const file of filesIn(folder)) {
      const named = renamed(read(folder, file), name);
      if (file !== 'Makefile') addC(renamed(file, name), named);
      else {
        const filled = {
          ...{ '@ARCH@': archFlag(isa), '@VERSION@': version },
          ...{ '@TYPES@': dtypes.join(' '), '@SOURCES@': sources.join(' ') },
        };
        const text = Object.entries(filled).reduce((sum, [mark, value]) => sum.replace(mark, value), named);
        files.set(file, renamed(text, name));
      }
    }
  }
  for (const path of PARTS.flatMap((part) => filesIn(join(TEMPLATE, part)).map((file) => `${part}/${file}`))) {
    const text = renamed(read(TEMPLATE, path), name);
    if (/\.[ch]$/.test(path)) addC(path, text);
    else files.set(renamed(path, name), text);
  }
  for (const [file, text] of generated) addC(renamed(file, name), renamed(text, name));
  return files;
}

function engineHeaders(): string[] {
  return [...ENGINE_HEADERS, ...filesIn(join(ENGINE, 'packed')).map((file) => `packed/${file}`)];
}

/** Puts the library's name into the template's text. */
function renamed(text: string, name: string): string {
  const forms = [
    (word: string) => word,
    (word: string) => word.toUpperCase(),
    (word: string) => `${word[0].toUpperCase()}${word.slice(1)}`,
  ];
  return forms.reduce((sum, form) => sum.replaceAll(form(TEMPLATE_NAME), form(name)), text);
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();
}

function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

/** Lists the names whose header would overwrite another file of the library. */
function takenNames(): string[] {
  const files = [...engineHeaders(), ...filesIn(TEMPLATE), ...filesIn(DISPATCH_TEMPLATE), 'test_cases.h'];
  return files.map((file) => file.replace(/\..*$/, '')).filter((file) => file !== TEMPLATE_NAME);
}

function requireName(name: string): void {
  // `at` is the prefix of the engine's names, `cblas` that of the BLAS.
  const isTaken = [...takenNames(), 'at', 'cblas'].includes(name) || name.startsWith('at_');
  if (/^[a-z][a-z0-9_]{0,39}$/.test(name) && !isTaken) return;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `The library cannot be called "${name}"; choose a C identifier in lower case that is none of its other files' names, such as fastmm.`,
    { field: '--name' },
  );
}
