// Ownership of a file descriptor, and reads that end only at the end of the file or with an error.
#pragma once

#include <cstddef>
#include <string>

namespace pnn::io {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

/// Up to `count` bytes, 0 at the end. Of a pipe that has none it waits for them, and stops when asked to
/// (core/stop). Throws InputError "name: cannot read (reason)", or RunError where no file is to blame.
std::size_t read_some(int fd, char* buffer, std::size_t count, const std::string& name);
/// Opens an ordinary file or a pipe for reading. Throws what raise_open_error throws. `hint` ends the message
/// about a missing file and may be empty.
int open_input(const std::string& path, const std::string& hint);
/// Why `path` could not be opened and what to do: InputError, or RunError where descriptors or memory ran out
/// or a disk failed.
[[noreturn]] void raise_open_error(const std::string& path, int error_number, const std::string& hint);

}  // namespace pnn::io
