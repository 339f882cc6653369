/* Prints the processors that a control group leaves: cgroup MEMBERSHIP ROOT. */
#include "cgroup.h"
#include <stdio.h>

int main(int count, char **arguments) {
  if (count != 3) return 2;
  printf("%d\n", fastmm_cgroup_processors(arguments[1], arguments[2]));
  return 0;
}
