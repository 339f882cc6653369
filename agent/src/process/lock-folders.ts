import { readFileSync, readlinkSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/**
 * Lists the folders of the lock files. Every user can write to both of the usual ones; a service has a /tmp of its own,
 * and what a user left in /dev/shm may go when the user logs out.
 */
export function lockFolders(env: NodeJS.ProcessEnv = process.env): string[] {
  return env.ALPHATENSOR_LOCK_DIR ? [resolve(env.ALPHATENSOR_LOCK_DIR)] : ['/dev/shm', '/tmp'];
}

/** Names the process namespace that the kernel starts with (PROC_PID_INIT_INO of include/linux/proc_ns.h). */
const FIRST_PROCESSES = 'pid:[4026531836]';

/**
 * Says why agents of this host may lie beyond these folders, one clause. Undefined: they are those that the host's
 * first process sees, or a person named them.
 * @param root the root of the file system; another one in tests
 */
export function beyondFolders(
  folders: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  root = '/',
): string | undefined {
  if (env.ALPHATENSOR_LOCK_DIR) return undefined;
  if (link(join(root, 'proc/self/ns/pid')) !== FIRST_PROCESSES) return 'this agent runs in a container';
  const [ours, theirs] = ['self', '1'].map((process) => read(join(root, 'proc', process, 'mountinfo')));
  // A service may not look at the first process. It has a namespace for its mounts, in which /dev/shm is the host's.
  if (ours === undefined || theirs === undefined) return undefined;
  const isShared = folders.some((folder) => place(folder, ours) === place(folder, theirs));
  return isShared ? undefined : `${folders.join(' and ')} of this agent are not those of the host`;
}

/** Finds what a folder is in: device, root of the mount, and the path below (proc_pid_mountinfo(5)). */
function place(folder: string, mountinfo: string): string | undefined {
  const mounts = mountinfo
    .split('\n')
    .map((line) => line.split(' '))
    .map(([, , device, root, point]) => ({ device, root, point }))
    .filter(({ point }) => point !== undefined && (folder === point || folder.startsWith(join(point, '/'))));
  // The longest hides the others, and of equal ones the last does.
  const mount = mounts.reduce<(typeof mounts)[number] | undefined>(
    (best, each) => (each.point.length >= (best?.point.length ?? 0) ? each : best),
    undefined,
  );
  return mount && `${mount.device} ${join(mount.root, relative(mount.point, folder))}`;
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
