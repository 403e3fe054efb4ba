#include "pnn/io/atomic_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <set>
#include <string_view>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/system.hpp"
#include "pnn/io/descriptor.hpp"
#include "pnn/io/hash.hpp"

namespace pnn::io {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& target, int error_number) {
  throw RunError(target + ": " + explain_write_error(error_number));
}

/// How the temporary names of an output begin: what is longer than file systems take is cut, and told apart
/// by a hash.
std::string temporary_prefix(const std::string& name) {
  constexpr std::size_t longest = 200, kept = 160;
  if (name.size() <= longest) return "." + name + ".";
  std::size_t end = kept;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U)
    --end;  // does not cut a UTF-8 character
  return "." + name.substr(0, end) + "-" + text_hash(name).substr(0, 16) + ".";
}

/// Whether an entry of a folder is a temporary file of outputs with this prefix: digits, perhaps twice, and
/// .tmp.
bool is_temporary(const std::string& entry, const std::string& prefix) {
  constexpr std::string_view end = ".tmp";
  if (entry.size() <= prefix.size() + end.size() || !entry.starts_with(prefix) || !entry.ends_with(end))
    return false;
  const auto middle =
      std::string_view(entry).substr(prefix.size(), entry.size() - prefix.size() - end.size());
  return middle.find_first_not_of("0123456789-") == std::string_view::npos;
}

/// Removes a file that nobody has locked; one that is being written is.
void remove_stale(const std::string& path) {
  struct stat opened {
  }, named{};
  const Descriptor file(open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file.fd() < 0 || fstat(file.fd(), &opened) != 0 || !S_ISREG(opened.st_mode)) return;
  if (flock(file.fd(), LOCK_EX | LOCK_NB) != 0) return;
  // between opening and locking, its writer may have moved it to its place and another may have begun under
  // this name
  if (lstat(path.c_str(), &named) == 0 && named.st_dev == opened.st_dev && named.st_ino == opened.st_ino)
    unlink(path.c_str());
}

/// Removes what killed processes left of this output, once for each output of a process.
void remove_leftovers(const fs::path& folder, const std::string& prefix) {
  static std::mutex mutex;
  static std::set<std::string> done;
  {
    const std::scoped_lock lock(mutex);
    if (!done.insert((folder / prefix).string()).second) return;
  }
  std::error_code error;
  std::vector<std::string> left;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (is_temporary(entry->path().filename().string(), prefix)) left.push_back(entry->path().string());
  for (const std::string& path : left) remove_stale(path);
}

/// Makes a file at `path` and locks it: its descriptor, or -1 with errno EEXIST where the name is taken.
int make_locked(const std::string& path) {
  for (;;) {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) return fd;
    while (flock(fd, LOCK_EX) != 0 && errno == EINTR)
      continue;  // if the file system has no locks it is written without one
    struct stat status {};
    // another run locked it first and removed it as a leftover
    if (fstat(fd, &status) != 0 || status.st_nlink > 0) return fd;
    close(fd);
  }
}

}  // namespace

std::string explain_write_error(int error_number) {
  const std::string reason = std::strerror(error_number);
  switch (error_number) {
    case ENOSPC:
      return "disk full (" + reason + "); free some space and run again";
    case EDQUOT:
      return "your quota on this file system is used up (" + reason +
             "); remove files of yours or write somewhere else, and run again";
    case ENOLCK:
    case ENOSYS:  // nothing here asks for locks but HDF5, and it only where the environment tells it to
      return "this file system has no locks (" + reason +
             "), which HDF5_USE_FILE_LOCKING asks for; unset it (unset HDF5_USE_FILE_LOCKING) and run again";
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
  if (const int error = write_or_stop(fd, bytes, count); error != 0) fail(target, error);
}

AtomicFile::AtomicFile(const std::string& target) : target_(target), destination_(followed(target)) {
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
  const fs::path place(destination_), folder = place.parent_path();
  const std::string prefix = temporary_prefix(place.filename().string());
  remove_leftovers(folder.empty() ? "." : folder, prefix);
  const std::string process = std::to_string(getpid());
  constexpr int most_names =
      100;  // of one output at a time in one program, or with the same number on other machines
  for (int k = 0; k < most_names && fd_ < 0; ++k) {
    path_ = (folder / (prefix + process + (k > 0 ? "-" + std::to_string(k) : "") + ".tmp")).string();
    fd_ = make_locked(path_);
    if (fd_ < 0 && errno != EEXIST) break;
  }
  if (fd_ < 0) {
    path_.clear();
    fail(target, errno);
  }
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
    flock(fd_, LOCK_UN);  // the file is complete and has its final name
    // The new name is on the disk once the folder is flushed. Some file systems cannot flush a folder; the
    // file is complete nevertheless.
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
