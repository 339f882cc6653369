/* How much of the processors a control group leaves to a process. */
#ifndef FASTMM_CGROUP_H
#define FASTMM_CGROUP_H

/*
 * The processors of the smallest quota, rounded up; 0 for none. `membership` is /proc/self/cgroup, `root` where the groups are mounted.
 * Both versions of control groups.
 */
int fastmm_cgroup_processors(const char *membership, const char *root);

#endif
