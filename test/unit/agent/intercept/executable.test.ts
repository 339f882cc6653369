import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { requireInterceptable } from '../../../../agent/src/intercept/executable.js';

const folder = mkdtempSync(join(tmpdir(), 'at-executable-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A dynamically linked program of this system. */
const SHELL = realpathSync('/bin/sh');

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, 0o755);
  return path;
}

/** Copies a program with some of its bytes changed. */
function changed(name: string, change: (bytes: Buffer) => void): string {
  const bytes = readFileSync(SHELL);
  change(bytes);
  return write(name, bytes);
}

/** Removes the segment that names the loader: PT_INTERP becomes PT_NULL. */
function withoutLoader(bytes: Buffer): void {
  const table = Number(bytes.readBigUInt64LE(32));
  for (let index = 0; index < bytes.readUInt16LE(56); index++) {
    const at = table + index * bytes.readUInt16LE(54);
    if (bytes.readUInt32LE(at) === 3) bytes.writeUInt32LE(0, at);
  }
}

function withLoader(loader: string) {
  return (bytes: Buffer): void => {
    const at = bytes.indexOf('/ld-linux');
    bytes.write(`${loader}\0`, at);
  };
}

describe('requireInterceptable', () => {
  it('finds programs by path, in PATH, and behind scripts', () => {
    expect(requireInterceptable(SHELL)).toBe(SHELL);
    expect(requireInterceptable('sh', { PATH: `/nowhere:${join(SHELL, '..')}` })).toBe(join(SHELL, '..', 'sh'));
    const plain = write('plain', '#! /bin/sh -e\necho\n');
    expect(requireInterceptable(plain)).toBe('/bin/sh');
    const through = write('through', `#!/usr/bin/env -S NAME=1 plain -x\n`);
    expect(requireInterceptable(through, { PATH: folder })).toBe('/bin/sh');
    expect(requireInterceptable(write('bare', 'echo\n'))).toBe('/bin/sh');
  });

  it('says why in others nothing can be intercepted', () => {
    const other = changed('other', (bytes) => bytes.writeUInt16LE(0xf3, 18));
    expect(() => requireInterceptable(other)).toThrow(/other cannot be seen, because it is for another architecture/);
    expect(() => requireInterceptable(changed('static', withoutLoader))).toThrow(/statically linked/);
    expect(() => requireInterceptable(changed('musl', withLoader('/ld-musl-x.so')))).toThrow(
      /uses musl and this agent glibc/,
    );
    const circular = join(folder, 'circular');
    expect(() => requireInterceptable(write('circular', `#!${circular}\n`))).toThrow(/scripts name each other/);
    mkdirSync(join(folder, 'directory'));
    expect(() => requireInterceptable(join(folder, 'directory'))).toThrow(/no program .* that can be run/);
    expect(() => requireInterceptable('at-no-such-program')).toThrow(/no program at-no-such-program in PATH/);
  });
});
