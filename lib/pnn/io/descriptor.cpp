#include "pnn/io/descriptor.hpp"

#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/system.hpp"

namespace pnn::io {

namespace {

/// Waits until a pipe has bytes or its end has come, for as long as nobody asks to stop.
void wait_for_bytes(int fd) {
  constexpr int look_every_ms = 100;
  struct stat status {};
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) return;
  struct pollfd waiting {
    fd, POLLIN, 0
  };
  for (;;) {
    const int ready = poll(&waiting, 1, look_every_ms);
    if (ready > 0 || (ready < 0 && errno != EINTR)) return;
    stop_waiting_if_asked();
  }
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

std::size_t read_some(int fd, char* buffer, std::size_t count, const std::string& name) {
  stop_if_asked();
  wait_for_bytes(fd);
  for (;;) {
    const ssize_t got = read(fd, buffer, count);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EINTR) continue;
    if (const std::string shortage = explain_shortage(errno); !shortage.empty())
      throw RunError(name + ": " + shortage);
    throw InputError(name + ": cannot read (" + std::strerror(errno) + ")");
  }
}

void raise_open_error(const std::string& path, int error_number, const std::string& hint) {
  if (const std::string shortage = explain_shortage(error_number); !shortage.empty())
    throw RunError(path + ": cannot open: " + shortage);
  switch (error_number) {
    case ENOENT:
      throw InputError(path + ": no such file; check the path" + (hint.empty() ? "" : " or " + hint));
    case EACCES:
      throw InputError(path + ": permission denied; make it readable (chmod +r)");
    case ENOTDIR:
      throw InputError(path + ": a part of the path is not a folder");
    default:
      throw InputError(path + ": cannot open (" + std::strerror(error_number) + ")");
  }
}

int open_input(const std::string& path, const std::string& hint) {
  struct stat status {};
  const bool known = stat(path.c_str(), &status) == 0;
  // opening a pipe that nobody writes to would block and not notice signals
  const int waiting = known && S_ISFIFO(status.st_mode) ? O_NONBLOCK : 0;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | waiting);
  if (fd < 0) raise_open_error(path, errno, hint);
  if (waiting != 0) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    close(fd);
    throw InputError(path + ": is a folder; name a file in it");
  }
  return fd;
}

std::string read_bytes(const std::string& path, std::size_t most) {
  const bool standard = path == "-";
  const Descriptor file(standard ? -1 : open_input(path, ""));
  std::string bytes;
  std::vector<char> buffer(std::size_t{1} << 16);
  while (const std::size_t got = read_some(standard ? 0 : file.fd(), buffer.data(), buffer.size(),
                                           standard ? "standard input" : path)) {
    bytes.append(buffer.data(), got);
    if (bytes.size() > most) break;
  }
  return bytes;
}

}  // namespace pnn::io
