#include "pnn/io/source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <string_view>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/io/atomic_file.hpp"
#include "pnn/io/descriptor.hpp"

namespace pnn::io {
namespace {

// Format specification, "Disk Format: Level 0A - Format Signature and Superblock", versions 2 and 3:
// signature 0–7, version 8, sizes 9–10, flags 11, base 12, extension 20, end of file 28, root 36,
// checksum 44.
constexpr std::string_view signature("\x89HDF\r\n\x1a\n", 8);
constexpr const char* standard_input = "standard input";
constexpr std::size_t superblock_bytes = 48, end_of_file_at = 28;

/// Up to `count` bytes, fewer only at the end of the file.
std::string read_head(int fd, std::size_t count, const std::string& name) {
  std::string head(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    const std::size_t got = read_some(fd, head.data() + have, count - have, name);
    if (got == 0) break;
    have += got;
  }
  head.resize(have);
  return head;
}

/// What a file is that is no HDF5 file, in a few words.
std::string looks_like(std::string_view head) {
  if (head.starts_with("\x1f\x8b")) return "gzip data";
  if (head.starts_with("PK\x03\x04")) return "a zip archive";
  if (head.starts_with("\x89PNG")) return "a PNG picture";
  if (head.starts_with("CDF")) return "a NetCDF classic file";
  if (head.starts_with("\x93NUMPY")) return "a NumPy array";
  const std::string_view start = head.substr(0, 24);
  const bool text = std::all_of(start.begin(), start.end(), [](char c) {
    return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t';
  });
  if (text) {
    const std::string_view line = start.substr(0, start.find_first_of("\r\n"));
    return "text \"" + std::string(line) + (line.size() < head.size() ? "…\"" : "\"");
  }
  std::string bytes = "bytes";
  for (const char c : head.substr(0, 8)) {
    std::array<char, 4> hex{};
    std::snprintf(hex.data(), hex.size(), " %02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    bytes += hex.data();
  }
  return bytes;
}

void check_head(const std::string& head, const std::string& name) {
  if (head.empty()) {
    throw InputError(
        name + ": not an HDF5 file (found nothing, 0 bytes); " +
        (name == standard_input ? "see what the program before the pipe said" : "make it again"));
  }
  if (!std::string_view(head).starts_with(signature)) {
    if (signature.starts_with(head))
      throw InputError(name + ": truncated HDF5 file (" + std::to_string(head.size()) +
                       " bytes); copy it again");
    throw InputError(name + ": not an HDF5 file (found " + looks_like(head) + ")");
  }
}

/// Where a file with this head ends, as its superblock says; `bytes` there are of it.
std::uint64_t declared_end(const std::string& head, std::uint64_t bytes, const std::string& name) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(head[k]); };
  if (head.size() < superblock_bytes)
    throw InputError(name + ": truncated HDF5 file (" + std::to_string(bytes) + " bytes); copy it again");
  if (byte(8) < 2)
    throw InputError(name +
                     ": an HDF5 file of the older format, whose metadata has no checksums; rewrite it with "
                     "h5repack --low=2 --high=2, or in h5py with libver=\"v110\"");
  if (byte(9) != 8 || byte(10) != 8)
    throw InputError(name + ": an HDF5 file with offsets that are not 64-bit");
  std::uint64_t end = 0;
  for (std::size_t k = 8; k-- > 0;) end = end << 8 | byte(end_of_file_at + k);
  return end;
}

void check_superblock(const std::string& head, std::uint64_t bytes, const std::string& name) {
  const std::uint64_t end = declared_end(head, bytes, name);
  if (bytes < end) {
    throw InputError(name + ": truncated HDF5 file (" + std::to_string(bytes) + " of " + std::to_string(end) +
                     " bytes); copy it again");
  }
}

/// Nine tenths of what is free where `fd` lies: the rest is for others.
std::uint64_t room_at(int fd) {
  struct statvfs status {};
  if (fstatvfs(fd, &status) != 0) return ~std::uint64_t{0};
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize / 10 * 9;
}

/// Copies a stream of which `head` was read to `file`: as many bytes as its superblock declares and a few
/// more.
void copy_stream(int from, const std::string& head, const TemporaryFile& file, const std::string& name) {
  constexpr std::uint64_t most_behind_end = std::uint64_t{1} << 20;
  const std::uint64_t end = declared_end(head, head.size(), name), room = room_at(file.fd);
  if (end > room) {
    throw RunError(name + ": declares " + std::to_string(end) + " bytes, and where it is kept meanwhile (" +
                   file.path + ") there is room for " + std::to_string(room) +
                   "; set TMPDIR to a larger place, or name a file instead of a pipe");
  }
  write_all(file.fd, head.data(), head.size(), file.path);
  std::vector<char> buffer(std::size_t{1} << 20);
  std::uint64_t have = head.size();
  while (const std::size_t got = read_some(from, buffer.data(), buffer.size(), name)) {
    have += got;
    if (have - std::min(have, end) > most_behind_end)
      throw InputError(name + ": goes on behind the " + std::to_string(end) +
                       " bytes that it declares; it is damaged or hostile");
    write_all(file.fd, buffer.data(), got, file.path);
  }
}

/// Standard input can be read only once, so what was spooled is kept until the process ends. The file has no
/// name, so that not even a killed process leaves it behind; it is opened through its descriptor.
class Spools {
 public:
  Spools() = default;
  Spools(const Spools&) = delete;
  Spools& operator=(const Spools&) = delete;
  ~Spools() {
    for (const auto& [path, kept] : kept_) {
      if (!kept.named) continue;
      unlink(kept.path.c_str());
    }
  }
  /// What to open for all that `from` holds; `from` is read at the first call for a path alone.
  const std::string& spool(const std::string& path, const std::string& name, int from) {
    if (const auto found = kept_.find(path); found != kept_.end()) return found->second.path;
    const std::string head = read_head(from, superblock_bytes, name);
    check_head(head, name);
    const TemporaryFile file = make_temporary_file();
    Kept& kept = kept_[path];
    kept.path = "/proc/self/fd/" + std::to_string(file.fd);
    kept.named = access(kept.path.c_str(), R_OK) != 0;
    if (kept.named) kept.path = file.path;
    if (!kept.named) unlink(file.path.c_str());
    try {
      copy_stream(from, head, file, name);
    } catch (...) {
      if (kept.named) unlink(file.path.c_str());
      close(file.fd);
      kept_.erase(path);
      throw;
    }
    if (kept.named) close(file.fd);
    return kept.path;
  }

 private:
  struct Kept {
    std::string path;
    bool named = false;  ///< where there is no /proc
  };
  std::map<std::string, Kept> kept_;
};

Spools& spools() {
  static Spools all;
  return all;
}

}  // namespace

Source open_source(const std::string& path, const std::string& hint) {
  const bool standard = path == "-";
  Source source{standard ? standard_input : path, path, 0};
  if (path.empty()) throw InputError("an empty path, where a file is expected");
  if (standard && isatty(STDIN_FILENO) != 0)
    throw InputError(
        "standard input: a terminal, where an HDF5 file is expected; pipe one in or name a file");
  struct stat status {};
  if ((standard ? fstat(STDIN_FILENO, &status) : stat(path.c_str(), &status)) != 0)
    raise_open_error(source.name, errno, hint);
  if (S_ISDIR(status.st_mode)) throw InputError(path + ": is a folder; name a file in it");
  if (standard || !S_ISREG(status.st_mode)) {
    const Descriptor opened(standard ? -1 : open_input(path, hint));
    source.path = spools().spool(path, source.name, standard ? STDIN_FILENO : opened.fd());
    if (stat(source.path.c_str(), &status) != 0) raise_open_error(source.name, errno, hint);
  }
  const Descriptor file(open(source.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd() < 0) raise_open_error(source.name, errno, hint);
  source.bytes = static_cast<std::uint64_t>(status.st_size);
  const std::string head = read_head(file.fd(), superblock_bytes, source.name);
  check_head(head, source.name);
  check_superblock(head, source.bytes, source.name);
  return source;
}

}  // namespace pnn::io
