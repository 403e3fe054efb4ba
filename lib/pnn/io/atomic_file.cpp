#include "pnn/io/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "pnn/core/errors.hpp"

namespace pnn::io {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& target, int error_number) {
  throw RunError(target + ": " + explain_write_error(error_number));
}

/// Where a name leads: an output named by a symbolic link replaces what the link points to, not the link.
std::string resolved(const std::string& target) {
  std::error_code error;
  if (!fs::is_symlink(target, error)) return target;
  const fs::path path = fs::weakly_canonical(target, error);
  return error ? target : path.string();
}

}  // namespace

std::string explain_write_error(int error_number) {
  const std::string reason = std::strerror(error_number);
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "disk full (" + reason + "); free some space and run again";
    case EFBIG:
      return "the file may not grow any further (" + reason + "); raise the limit (ulimit -f) and run again";
    case EIO:
      return "the disk failed (" + reason + "); write somewhere else";
    case ENOENT:
      return "its folder does not exist, or takes no new files; make it first, or choose another";
    case ENOTDIR:
      return "a part of its path is not a folder";
    case EACCES:
    case EPERM:
    case EROFS:
      return "cannot write there (" + reason + "); choose a folder that you may write to";
    case EISDIR:
      return "is a folder; name a file in it";
    case EPIPE:
      return "the reader of standard output went away (" + reason + ")";
    default:
      return "cannot write (" + reason + ")";
  }
}

TemporaryFile make_temporary_file() {
  const char* folder = std::getenv("TMPDIR");
  std::string name = std::string(folder != nullptr && *folder != '\0' ? folder : "/tmp") + "/pnn-XXXXXX";
  const int fd = mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) fail(name, errno);
  return {fd, name};
}

void write_all(int fd, const char* bytes, std::size_t count, const std::string& target) {
  while (count > 0) {
    const ssize_t written = write(fd, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(target, errno);
    bytes += written;
    count -= static_cast<std::size_t>(written);
  }
}

AtomicFile::AtomicFile(const std::string& target) : target_(target), destination_(resolved(target)) {
  if (target == "-") {
    if (isatty(STDOUT_FILENO) != 0)
      throw UsageError("-o -: standard output is a terminal; name a file, or pipe it into the next tool");
    stream_ = true;
  } else {
    struct stat status {};
    const bool present = stat(destination_.c_str(), &status) == 0;
    if (present && S_ISDIR(status.st_mode)) fail(target, EISDIR);
    stream_ = present && !S_ISREG(status.st_mode);
  }
  if (stream_) {
    TemporaryFile file = make_temporary_file();
    fd_ = file.fd;
    path_ = std::move(file.path);
    return;
  }
  const fs::path place(destination_);
  path_ = (place.parent_path() /
           (std::string(".") + place.filename().string() + "." + std::to_string(getpid()) + ".tmp"))
              .string();
  // left behind by an earlier process of the same number that was killed
  unlink(path_.c_str());
  fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd_ < 0) fail(target, errno);
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) close(fd_);
  if (!done_ && !path_.empty()) unlink(path_.c_str());
}

void AtomicFile::opened() {
  if (!stream_) return;
  unlink(path_.c_str());
  path_.clear();
}

void AtomicFile::copy_out() {
  const bool standard = target_ == "-";
  const std::string name = standard ? "standard output" : target_;
  const int out = standard ? STDOUT_FILENO : open(destination_.c_str(), O_WRONLY | O_CLOEXEC);
  if (out < 0) fail(name, errno);
  struct Closer {
    int fd;
    bool owned;
    ~Closer() {
      if (owned) close(fd);
    }
  } closer{out, !standard};
  std::vector<char> buffer(std::size_t{1} << 20);
  off_t offset = 0;
  for (;;) {
    const ssize_t count = pread(fd_, buffer.data(), buffer.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(name, errno);
    if (count == 0) return;
    write_all(out, buffer.data(), static_cast<std::size_t>(count), name);
    offset += count;
  }
}

void AtomicFile::commit() {
  if (stream_) {
    copy_out();
  } else {
    if (fsync(fd_) != 0) fail(target_, errno);
    if (rename(path_.c_str(), destination_.c_str()) != 0) fail(target_, errno);
    // The new name reaches the disk with its folder. Some file systems cannot flush a folder; the file is
    // whole all the same.
    const fs::path parent = fs::path(destination_).parent_path();
    const int folder = open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
      fsync(folder);
      close(folder);
    }
  }
  done_ = true;
}

}  // namespace pnn::io
