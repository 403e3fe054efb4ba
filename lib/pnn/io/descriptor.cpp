#include "pnn/io/descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "pnn/core/errors.hpp"

namespace pnn::io {

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

std::size_t read_some(int fd, char* buffer, std::size_t count, const std::string& name) {
  for (;;) {
    const ssize_t got = read(fd, buffer, count);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw InputError(name + ": cannot read (" + std::strerror(errno) + ")");
  }
}

std::string explain_open_error(const std::string& path, int error_number, const std::string& hint) {
  switch (error_number) {
    case ENOENT:
      return path + ": no such file; check the path" + (hint.empty() ? "" : " or " + hint);
    case EACCES:
      return path + ": permission denied; make it readable (chmod +r)";
    case ENOTDIR:
      return path + ": a part of the path is not a folder";
    default:
      return path + ": cannot open (" + std::strerror(error_number) + ")";
  }
}

int open_input(const std::string& path, const std::string& hint) {
  struct stat status {};
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw InputError(explain_open_error(path, errno, hint));
  if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    close(fd);
    throw InputError(path + ": is a folder; name a file in it");
  }
  return fd;
}

}  // namespace pnn::io
