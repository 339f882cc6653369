/*
 * Linked into the TensorFlow binding that `at-trainer backend setup` builds, with --wrap for the functions below.
 *
 * The matrix products that oneDNN compiles at run time (its AVX sgemm without copies) keep data below the stack pointer, where
 * the handler of a signal that arrives meanwhile overwrites it: the product then writes to wrong addresses, and the process
 * dies of a corrupted heap. Ctrl-C and V8's profiler send such signals. So they wait until TensorFlow returns; its own
 * threads, which inherit the mask they are created with, never see any.
 */
#include <pthread.h>
#include <signal.h>
#include <initializer_list>
#include "tensorflow/c/eager/c_api.h"

extern "C" {

void __real_TFE_Execute(TFE_Op *op, TFE_TensorHandle **results, int *count, TF_Status *status);
TFE_Context *__real_TFE_NewContext(const TFE_ContextOptions *options, TF_Status *status);

/* Returns the mask to restore. What reports a fault of the program itself is left alone. */
static sigset_t defer_signals() {
  sigset_t all, before;
  sigfillset(&all);
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) sigdelset(&all, fault);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  return before;
}

void __wrap_TFE_Execute(TFE_Op *op, TFE_TensorHandle **results, int *count, TF_Status *status) {
  sigset_t before = defer_signals();
  __real_TFE_Execute(op, results, count, status);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TFE_Context *__wrap_TFE_NewContext(const TFE_ContextOptions *options, TF_Status *status) {
  sigset_t before = defer_signals();
  TFE_Context *context = __real_TFE_NewContext(options, status);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return context;
}

}  // extern "C"
