#include <dirent.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>

#include "durasim/guard/intercept.hpp"

/// Threads, files and other machines. A shadow replay runs on a machine that has none of them.

DURASIM_INTERCEPTS(pthread_create)
DURASIM_INTERCEPTS(open)
DURASIM_INTERCEPTS(open64)
DURASIM_INTERCEPTS(openat)
DURASIM_INTERCEPTS(openat64)
DURASIM_INTERCEPTS(fopen)
DURASIM_INTERCEPTS(fopen64)
DURASIM_INTERCEPTS(opendir)
DURASIM_INTERCEPTS(access)
DURASIM_INTERCEPTS(connect)
DURASIM_INTERCEPTS(getaddrinfo)

// What _FORTIFY_SOURCE makes of them; declared only where it is on, which it is not here.
extern "C" int __open_2(const char* path, int flags);
extern "C" int __open64_2(const char* path, int flags);
DURASIM_INTERCEPTS(__open_2)
DURASIM_INTERCEPTS(__open64_2)

#if __GLIBC_PREREQ(2, 33)  // which made functions of them
// Not named by their types: as functions they hide the structs of the same names.
using StatFunction = int(const char*, struct stat*) noexcept;
using Stat64Function = int(const char*, struct stat64*) noexcept;
extern "C" [[gnu::weak]] StatFunction __interceptor_stat, __interceptor_lstat;
extern "C" [[gnu::weak]] Stat64Function __interceptor_stat64, __interceptor_lstat64;
#endif

namespace {

using durasim::guard::Caller;
namespace guarded = durasim::guarded;

#if __GLIBC_PREREQ(2, 33)
constinit durasim::guard::Next<StatFunction> next_stat{&__interceptor_stat, "stat"};
constinit durasim::guard::Next<StatFunction> next_lstat{&__interceptor_lstat, "lstat"};
constinit durasim::guard::Next<Stat64Function> next_stat64{&__interceptor_stat64, "stat64"};
constinit durasim::guard::Next<Stat64Function> next_lstat64{&__interceptor_lstat64, "lstat64"};
#endif

bool is_refused(Caller caller) { return caller == Caller::handler && guarded::in_shadow(); }

/// -1, or nullptr.
template <class Result>
Result missing(Result nothing) {
  errno = ENOENT;
  return nothing;
}

bool makes_files(int flags) { return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE; }

}  // namespace

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*code)(void*), void* argument) noexcept {
  if (is_refused(DURASIM_CALLER(thread, "pthread_create"))) return EAGAIN;
  return next_pthread_create()(thread, attributes, code, argument);
}

/// The third argument is there only if a file may be made.
#define DURASIM_MODE(flags)      \
  mode_t mode = 0;               \
  if (makes_files(flags)) {      \
    va_list rest;                \
    va_start(rest, flags);       \
    mode = va_arg(rest, mode_t); \
    va_end(rest);                \
  }

extern "C" int open(const char* path, int flags, ...) {
  DURASIM_MODE(flags)
  if (is_refused(DURASIM_CALLER(file, "open"))) return missing(-1);
  return next_open()(path, flags, mode);
}

extern "C" int open64(const char* path, int flags, ...) {
  DURASIM_MODE(flags)
  if (is_refused(DURASIM_CALLER(file, "open64"))) return missing(-1);
  return next_open64()(path, flags, mode);
}

extern "C" int __open_2(const char* path, int flags) {
  if (is_refused(DURASIM_CALLER(file, "open"))) return missing(-1);
  return next___open_2()(path, flags);
}

extern "C" int __open64_2(const char* path, int flags) {
  if (is_refused(DURASIM_CALLER(file, "open64"))) return missing(-1);
  return next___open64_2()(path, flags);
}

extern "C" int openat(int folder, const char* path, int flags, ...) {
  DURASIM_MODE(flags)
  if (is_refused(DURASIM_CALLER(file, "openat"))) return missing(-1);
  return next_openat()(folder, path, flags, mode);
}

extern "C" int openat64(int folder, const char* path, int flags, ...) {
  DURASIM_MODE(flags)
  if (is_refused(DURASIM_CALLER(file, "openat64"))) return missing(-1);
  return next_openat64()(folder, path, flags, mode);
}

extern "C" FILE* fopen(const char* path, const char* mode) {
  if (is_refused(DURASIM_CALLER(file, "fopen"))) return missing<FILE*>(nullptr);
  return next_fopen()(path, mode);
}

extern "C" FILE* fopen64(const char* path, const char* mode) {
  if (is_refused(DURASIM_CALLER(file, "fopen64"))) return missing<FILE*>(nullptr);
  return next_fopen64()(path, mode);
}

#if __GLIBC_PREREQ(2, 33)
extern "C" int stat(const char* path, struct stat* found) noexcept {
  if (is_refused(DURASIM_CALLER(file, "stat"))) return missing(-1);
  return next_stat()(path, found);
}

extern "C" int lstat(const char* path, struct stat* found) noexcept {
  if (is_refused(DURASIM_CALLER(file, "lstat"))) return missing(-1);
  return next_lstat()(path, found);
}

extern "C" int stat64(const char* path, struct stat64* found) noexcept {
  if (is_refused(DURASIM_CALLER(file, "stat64"))) return missing(-1);
  return next_stat64()(path, found);
}

extern "C" int lstat64(const char* path, struct stat64* found) noexcept {
  if (is_refused(DURASIM_CALLER(file, "lstat64"))) return missing(-1);
  return next_lstat64()(path, found);
}
#endif

extern "C" int access(const char* path, int mode) noexcept {
  if (is_refused(DURASIM_CALLER(file, "access"))) return missing(-1);
  return next_access()(path, mode);
}

extern "C" DIR* opendir(const char* path) {
  if (is_refused(DURASIM_CALLER(file, "opendir"))) return missing<DIR*>(nullptr);
  return next_opendir()(path);
}

extern "C" int connect(int socket, const sockaddr* address, socklen_t size) {
  if (!is_refused(DURASIM_CALLER(network, "connect"))) return next_connect()(socket, address, size);
  errno = ECONNREFUSED;
  return -1;
}

extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* wanted,
                           addrinfo** found) {
  if (is_refused(DURASIM_CALLER(network, "getaddrinfo"))) return EAI_AGAIN;
  return next_getaddrinfo()(name, service, wanted, found);
}
