/* What a program calls to end at once, which only the recorder has: workers of Python's multiprocessing end like this. */
#include "record.h"

#ifdef FASTMM_RECORDER

#include <sys/syscall.h>
#include <unistd.h>

static __attribute__((noreturn)) void leave(int status) {
  fastmm_record_finish();
  for (;;) syscall(SYS_exit_group, status);
}

__attribute__((visibility("default"), noreturn)) void _exit(int status) { leave(status); }
__attribute__((visibility("default"), noreturn)) void _Exit(int status) { leave(status); }

#else

/* A file of C declares something. */
typedef int fastmm_leaves_nothing;

#endif
