#include "fork.h"
#include "next.h"
#include "pool.h"
#include "record.h"
#include <pthread.h>

static void before(void) {
  fastmm_pool_before_fork();
  fastmm_next_lock();
  fastmm_record_lock();
}

static void after_in_parent(void) {
  fastmm_record_unlock();
  fastmm_next_unlock();
  fastmm_pool_after_fork_in_parent();
}

static void after_in_child(void) {
  fastmm_record_start_again();
  fastmm_record_unlock();
  fastmm_next_unlock();
  fastmm_pool_after_fork_in_child();
}

void fastmm_prepare_for_fork(void) { pthread_atfork(before, after_in_parent, after_in_child); }
