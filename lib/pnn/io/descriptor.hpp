// Opens files and reads their bytes: ownership of file descriptors, errors in words.
#pragma once

#include <cstddef>
#include <string>

namespace pnn::io {

/// Owns a file descriptor and closes it.
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

/// Reads up to `count` bytes and returns their number, 0 at the end of the file. It waits for an empty pipe,
/// and stops when asked to (core/stop). Throws InputError "name: cannot read (reason)", or RunError if the
/// file is not at fault.
std::size_t read_some(int fd, char* buffer, std::size_t count, const std::string& name);
/// Opens an ordinary file or a pipe for reading and returns its descriptor. Throws like raise_open_error.
/// `hint` is appended to the message about a missing file and may be empty.
int open_input(const std::string& path, const std::string& hint);
/// All bytes of a file, a pipe or, for "-", standard input; of more than `most` the first of them, and a few
/// more. Throws as open_input() and read_some() do.
std::string read_bytes(const std::string& path, std::size_t most);
/// Throws an error that says why `path` could not be opened and what to do: InputError, or RunError if file
/// descriptors or memory ran out or a disk failed.
[[noreturn]] void raise_open_error(const std::string& path, int error_number, const std::string& hint);

}  // namespace pnn::io
