#define _GNU_SOURCE
#include "next.h"
#include "kept.h"
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void function(void);

/* dlsym gives a function as a pointer to an object. */
static function *function_of(void *pointer) {
  function *f;
  memcpy(&f, &pointer, sizeof f);
  return f;
}

static void *base_of(const void *address) {
  Dl_info info;
  return address != NULL && dladdr(address, &info) != 0 ? info.dli_fbase : NULL;
}

static int is_own(const void *address) { return base_of(address) == base_of((const void *)&fastmm_next); }

/* The object that holds an address, and whether it is the program itself. */
typedef struct {
  const void *address;
  int number;
  int is_found, is_program;
  char path[4096];
} object;

static int holds(struct dl_phdr_info *info, size_t size, void *argument) {
  object *o = argument;
  (void)size;
  const int number = o->number++;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    if (header->p_type != PT_LOAD || (uintptr_t)o->address - (info->dlpi_addr + header->p_vaddr) >= header->p_memsz) continue;
    o->is_found = 1;
    o->is_program = number == 0;
    snprintf(o->path, sizeof o->path, "%s", info->dlpi_name == NULL ? "" : info->dlpi_name);
    return 1;
  }
  return 0;
}

/* A loaded object by its path, to look in it and in what it is linked with; NULL if it has gone. */
static void *open_loaded(const char *path) { return *path == '\0' ? NULL : dlopen(path, RTLD_LAZY | RTLD_NOLOAD); }

static void *look_in(const char *path, const char *name) {
  void *handle = open_loaded(path);
  if (handle == NULL) return NULL;
  void *found = dlsym(handle, name);
  /* Keeps the library that was found, not the one that led there. */
  dlclose(handle);
  return found != NULL && !is_own(found) ? found : NULL;
}

/* Any loaded object; the program comes first and is left out: what it exports may be its own way to this library. */
typedef struct {
  int number, wanted;
  char path[4096];
} position;

static int is_at(struct dl_phdr_info *info, size_t size, void *argument) {
  position *p = argument;
  (void)size;
  if (p->number++ != p->wanted) return 0;
  snprintf(p->path, sizeof p->path, "%s", info->dlpi_name == NULL ? "" : info->dlpi_name);
  return 1;
}

/* A library with the names of both NumPy's wheel and everyone else is another one of this kind, which may pass on to this one. */
static int is_of_this_kind(const char *path) {
  void *handle = open_loaded(path);
  if (handle == NULL) return 0;
  void *one = dlsym(handle, "cblas_sgemm"), *other = dlsym(handle, "scipy_cblas_sgemm64_");
  const int result = one != NULL && other != NULL && base_of(one) == base_of(other);
  dlclose(handle);
  return result;
}

static void *look_everywhere(const char *name) {
  /* Not inside dl_iterate_phdr, which holds a lock that dlopen takes. */
  for (int i = 1;; i++) {
    position p = {.wanted = i};
    if (!dl_iterate_phdr(is_at, &p)) return NULL;
    void *found = is_of_this_kind(p.path) ? NULL : look_in(p.path, name);
    if (found != NULL) return found;
  }
}

static void *look(const char *name, const void *return_address) {
  object o = {.address = return_address};
  dl_iterate_phdr(holds, &o);
  /* Of the program itself, all that is in the global scope is looked through, which this library is in. */
  void *found = o.is_found && !o.is_program ? look_in(o.path, name) : NULL;
  if (found == NULL) found = dlsym(RTLD_NEXT, name);
  if (found != NULL && is_own(found)) found = NULL;
  return found != NULL ? found : look_everywhere(name);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
void fastmm_next_lock(void) { pthread_mutex_lock(&lock); }
void fastmm_next_unlock(void) { pthread_mutex_unlock(&lock); }

enum { MOST_LIBRARIES = 32 };
static fastmm_library libraries[MOST_LIBRARIES];
static int library_count;

int fastmm_library_count(void) { return __atomic_load_n(&library_count, __ATOMIC_ACQUIRE); }
fastmm_library fastmm_get_library(int number) { return libraries[number]; }

/* The number of a library; the list keeps the first ones. Takes what is malloc'd in config. */
static int number_of_library(const char *path, char *config) {
  pthread_mutex_lock(&lock);
  int number = -1;
  for (int i = 0; i < library_count && number < 0; i++)
    if (strcmp(libraries[i].path, path) == 0) number = i;
  char *copy = number < 0 && library_count < MOST_LIBRARIES ? strdup(path) : NULL;
  if (copy != NULL) {
    number = library_count;
    libraries[number] = (fastmm_library){copy, config};
    config = NULL;
    __atomic_store_n(&library_count, number + 1, __ATOMIC_RELEASE);
  }
  pthread_mutex_unlock(&lock);
  free(config);
  return number;
}

static void *first_of(void *handle, const char *const *names) {
  for (; *names != NULL; names++) {
    void *found = dlsym(handle, *names);
    if (found != NULL) return found;
  }
  return NULL;
}

/* What a library says about itself, malloc'd. */
static char *config_of(void *handle) {
  static const char *const openblas[] = {"openblas_get_config", "scipy_openblas_get_config64_", "scipy_openblas_get_config",
                                         "openblas_get_config64_", NULL};
  static const char *const mkl[] = {"mkl_get_version_string", "MKL_Get_Version_String", NULL};
  void *found = first_of(handle, openblas);
  if (found != NULL) {
    char *(*get)(void);
    memcpy(&get, &found, sizeof get);
    const char *text = get();
    return text == NULL ? NULL : strdup(text);
  }
  found = first_of(handle, mkl);
  if (found != NULL) {
    void (*get)(char *, int);
    memcpy(&get, &found, sizeof get);
    char *text = calloc(1, 256);
    if (text != NULL) {
      get(text, 255);
      for (size_t end = strlen(text); end > 0 && text[end - 1] == ' '; end--) text[end - 1] = '\0';
    }
    return text;
  }
  return NULL;
}

static int contains(const char *text, const char *part) { return text != NULL && strstr(text, part) != NULL; }

/* Whether a library that has the names of the 32-bit functions takes 64-bit integers all the same. */
static int is_wide(const char *path, const char *config) {
  const char *slash = strrchr(path, '/'), *file = slash == NULL ? path : slash + 1;
  const char *layer = getenv("MKL_INTERFACE_LAYER");
  return contains(config, "USE64BITINT") || contains(file, "ilp64") || contains(file, "blas64") || contains(file, "64.so") ||
         (contains(file, "mkl_rt") && (contains(layer, "ILP64") || contains(layer, "ilp64")));
}

static fastmm_target target_of(void *found, int width) {
  static const char *const thread_counts[] = {
      "openblas_get_num_threads", "scipy_openblas_get_num_threads64_", "scipy_openblas_get_num_threads", "openblas_get_num_threads64_",
      "MKL_Get_Max_Threads",      "mkl_get_max_threads",               "bli_thread_get_num_threads",
      /* A BLAS that is part of a larger library (PyTorch's) may show only the threads that it runs on. */
      "omp_get_max_threads",      NULL};
  fastmm_target target = {.function = function_of(found), .library = -1};
  Dl_info info;
  if (found == NULL || dladdr(found, &info) == 0 || info.dli_fname == NULL) return target;
  /* Never closed: the library stays as long as its function may be called. The program itself is not found by its path. */
  void *handle = open_loaded(info.dli_fname);
  if (handle == NULL) handle = dlopen(NULL, RTLD_LAZY);
  if (handle == NULL) return target;
  char *config = config_of(handle);
  target.is_wide = width == 32 && is_wide(info.dli_fname, config);
  void *threads = first_of(handle, thread_counts);
  memcpy(&target.threads, &threads, sizeof threads);
  void *is_in_parallel = dlsym(handle, "omp_in_parallel");
  memcpy(&target.is_in_parallel, &is_in_parallel, sizeof is_in_parallel);
  target.library = number_of_library(info.dli_fname, config);
  return target;
}

/*
 * A caller whose library has gone and one that came to the same place would share a target, which is still a function of the same name.
 */
fastmm_entry fastmm_entries[FASTMM_ENTRIES];

fastmm_target fastmm_find(const char *name, int width, const void *return_address) { return target_of(look(name, return_address), width); }

fastmm_target fastmm_next(int symbol, const char *name, int width, const void *return_address) {
  const uintptr_t place = (uintptr_t)return_address;
  for (size_t i = 0; i < FASTMM_TRIES; i++) {
    const fastmm_target *kept = fastmm_target_in(fastmm_entry_of(symbol, place, i), symbol, return_address);
    if (kept != NULL) return *kept;
  }
  const fastmm_target target = fastmm_find(name, width, return_address);
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < FASTMM_TRIES; i++) {
    fastmm_entry *e = fastmm_entry_of(symbol, place, i);
    if (e->place != 0) continue;
    e->symbol = symbol;
    e->target = target;
    __atomic_store_n(&e->place, place, __ATOMIC_RELEASE);
    break;
  }
  pthread_mutex_unlock(&lock);
  return target;
}
