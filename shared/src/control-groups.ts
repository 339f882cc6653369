import { dirname, join } from 'node:path';
import { readText } from './system-files.js';

/** Names what is limited. */
type Controller = 'memory' | 'cpu';

/** Holds a control group around this process. */
export interface ControlGroup {
  readonly version: 1 | 2;
  readonly folder: string;
}

/**
 * Lists the control groups that may limit this process, the innermost first, of both versions (cgroups(7)).
 * @param root the root of the file system; another one in tests
 */
export function controlGroups(controller: Controller, root = '/'): ControlGroup[] {
  const memberships = readText(join(root, 'proc/self/cgroup'));
  const second = /^0::(.*)$/m.exec(memberships)?.[1];
  const first = new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.*)$`, 'm').exec(memberships)?.[1];
  return [
    ...(second === undefined ? [] : upwards(2, join(root, 'sys/fs/cgroup'), second)),
    ...(first === undefined ? [] : upwards(1, join(root, 'sys/fs/cgroup', controller), first)),
  ];
}

/**
 * Lists a group and those around it. In a container the path may be the host's. Then only the top folder that is
 * visible here is the container's own group.
 */
function upwards(version: 1 | 2, top: string, group: string): ControlGroup[] {
  const groups: ControlGroup[] = [];
  for (let folder = join(top, group); folder.startsWith(top); folder = dirname(folder))
    groups.push({ version, folder });
  return groups;
}
