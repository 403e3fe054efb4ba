#include "pnn/io/rehearsal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/io/atomic_file.hpp"

namespace pnn::io {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A file that is gone when its descriptor is closed.
class Nameless {
 public:
  explicit Nameless(const fs::path& folder) {
    fd_ = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd_ >= 0) return;  // a file system without nameless files: measure $TMPDIR instead
    const TemporaryFile file = make_temporary_file();
    unlink(file.path.c_str());
    fd_ = file.fd;
  }
  ~Nameless() { close(fd_); }
  Nameless(const Nameless&) = delete;
  Nameless& operator=(const Nameless&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

/// Time to write and flush `bytes` in `folder`.
double seconds_to_flush(const fs::path& folder, std::uint64_t bytes) {
  const Nameless file(folder);
  const std::vector<char> block(std::size_t{1} << 20);
  const auto start = Clock::now();
  for (std::uint64_t left = bytes; left > 0;) {
    const std::size_t count = std::size_t(std::min<std::uint64_t>(left, block.size()));
    write_all(file.fd(), block.data(), count, folder.string());
    left -= count;
  }
  fsync(file.fd());
  return seconds_since(start);
}

fs::path folder_of(const std::string& target) {
  const fs::path parent = fs::path(target).parent_path();
  return parent.empty() ? "." : parent;
}

bool on_one_disk(const fs::path& a, const fs::path& b) {
  struct stat first {
  }, second{};
  return stat(a.c_str(), &first) == 0 && stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev;
}

/// Where an output of that name comes to lie; `other` where it has no place of its own.
fs::path place_of(const std::string& target, const fs::path& other) {
  return target.empty() || target == "-" ? other : folder_of(target);
}

}  // namespace

Saving rehearse_saving(const std::string& target, std::uint64_t expected_bytes,
                       const std::function<void(const std::string& path)>& write) {
  constexpr std::uint64_t most_written = 256U << 20U;
  const TemporaryFile temporary = make_temporary_file();
  close(temporary.fd);
  struct Remover {
    const std::string& path;
    ~Remover() { unlink(path.c_str()); }
  } remover{temporary.path};
  if (expected_bytes > most_written) return {expected_bytes, seconds_to_save(target, expected_bytes)};
  const auto start = Clock::now();
  write(temporary.path);
  Saving saving{std::uint64_t(fs::file_size(temporary.path)), seconds_since(start)};
  const fs::path here = folder_of(temporary.path);
  if (const fs::path there = place_of(target, here); !on_one_disk(here, there)) {
    const double elsewhere = seconds_to_flush(there, saving.bytes) - seconds_to_flush(here, saving.bytes);
    saving.seconds = std::max(0.0, saving.seconds + elsewhere);
  }
  return saving;
}

double seconds_to_save(const std::string& target, std::uint64_t bytes) {
  constexpr std::uint64_t sample = 64U << 20U;
  const std::uint64_t written = std::min(bytes, sample);
  if (written == 0) return 0;
  return seconds_to_flush(place_of(target, fs::temp_directory_path()), written) * double(bytes) /
         double(written);
}

}  // namespace pnn::io
