import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { beyondFolders } from '../../../../agent/src/process/lock-folders.js';

const FIRST = 'pid:[4026531836]';
const HOST = ['24 1 8:1 / / rw - ext4 /dev/sda1 rw', '25 24 0:22 / /dev/shm rw - tmpfs tmpfs rw'].join('\n');
let folder: string;
let made = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'at-lock-folders-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A /proc with the process namespace, and the mounts of this process and of the first. */
function rootWith(namespace: string, self: string, first?: string): string {
  const root = join(folder, String(made++));
  mkdirSync(join(root, 'proc/self/ns'), { recursive: true });
  mkdirSync(join(root, 'proc/1'));
  symlinkSync(namespace, join(root, 'proc/self/ns/pid'));
  writeFileSync(join(root, 'proc/self/mountinfo'), self);
  if (first !== undefined) writeFileSync(join(root, 'proc/1/mountinfo'), first);
  return root;
}

const FOLDERS = ['/dev/shm', '/tmp'];

it('agents that see the folders of the first process meet, in whatever network namespace', () => {
  expect(beyondFolders(FOLDERS, {}, rootWith(FIRST, HOST, HOST))).toBeUndefined();
  // One common folder is enough: a service has a /tmp of its own, and may not look at the first process.
  const service = `${HOST}\n30 24 8:1 /tmp/systemd-private /tmp rw - ext4 /dev/sda1 rw`;
  expect(beyondFolders(FOLDERS, {}, rootWith(FIRST, service, HOST))).toBeUndefined();
  expect(beyondFolders(FOLDERS, {}, rootWith(FIRST, service))).toBeUndefined();
});

it('an agent in a container, or with other mounts, cannot know', () => {
  expect(beyondFolders(FOLDERS, {}, rootWith('pid:[4026532201]', HOST, HOST))).toBe('this agent runs in a container');
  const own = `${HOST}\n31 24 0:40 / /dev/shm rw - tmpfs t rw\n32 24 0:41 / /tmp rw - tmpfs t rw`;
  expect(beyondFolders(FOLDERS, {}, rootWith(FIRST, own, HOST))).toBe(
    '/dev/shm and /tmp of this agent are not those of the host',
  );
});

it('a folder that a person named is believed to be shared', () => {
  const env = { ALPHATENSOR_LOCK_DIR: '/shared' };
  expect(beyondFolders(['/shared'], env, rootWith('pid:[4026532201]', HOST))).toBeUndefined();
});
