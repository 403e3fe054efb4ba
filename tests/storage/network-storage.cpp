// A library for LD_PRELOAD that makes local files behave as some network file systems do: with PNN_NO_LOCKS
// every lock fails as on NFS without a lock daemon (ENOLCK) or on Lustre mounted without `flock` (ENOSYS),
// whichever word the variable holds; with PNN_QUOTA=BYTES writes beyond that many bytes of a file fail as
// those beyond a user's quota do (EDQUOT). tests/tools/storage.cpp.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>

namespace {

template <typename Function>
Function next(const char* name) {
  void* const found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) std::abort();
  Function function = nullptr;
  std::memcpy(&function, &found, sizeof function);
  return function;
}

bool refuses_lock() {
  const char* const wanted = std::getenv("PNN_NO_LOCKS");
  if (wanted == nullptr) return false;
  errno = std::strcmp(wanted, "ENOSYS") == 0 ? ENOSYS : ENOLCK;
  return true;
}

bool over_quota(int fd, off_t end) {
  const char* const quota = std::getenv("PNN_QUOTA");
  struct stat status {};
  if (quota == nullptr || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  if (end <= std::strtol(quota, nullptr, 10)) return false;
  errno = EDQUOT;
  return true;
}

int control(const char* name, int fd, int command, void* argument) {
  const bool locks =
      command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
  if (locks && refuses_lock()) return -1;
  return next<int (*)(int, int, ...)>(name)(fd, command, argument);
}

}  // namespace

extern "C" {

int flock(int fd, int operation) {
  return refuses_lock() ? -1 : next<int (*)(int, int)>("flock")(fd, operation);
}

int fcntl(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  void* const argument = va_arg(list, void*);
  va_end(list);
  return control("fcntl", fd, command, argument);
}

int fcntl64(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  void* const argument = va_arg(list, void*);
  va_end(list);
  return control("fcntl64", fd, command, argument);
}

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset) {
  if (over_quota(fd, offset + off_t(count))) return -1;
  return next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite")(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t offset) {
  if (over_quota(fd, offset + off_t(count))) return -1;
  return next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64")(fd, bytes, count, offset);
}
}
