#include "pnn/app/tuning_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/io/atomic_file.hpp"
#include "pnn/io/records.hpp"

namespace pnn::app {
namespace {

namespace fs = std::filesystem;

constexpr const char *mark = "search", *claims = "claims", *trial = "trial-";

/// What a search is recognised by. Throughout one, its header is the same.
std::string text_of(const Provenance& header) {
  std::string text = header.creator + "\n" + header.command + "\nseed " + std::to_string(header.seed) + "\n";
  for (const Parent& parent : header.parents)
    text += parent.role + " " + parent.filetype + " " + parent.hash + "\n";
  return text;
}

bool is_own(const std::string& name) {
  return name == mark || name == claims || name.starts_with(trial);
}

/// Whether something else is in the folder than a search, or a file that is being written, leaves there.
bool holds_others(const std::string& folder) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!is_own(name) && !name.starts_with(".")) return true;
  }
  return false;
}

void check_mark(const std::string& folder, const std::string& wanted) {
  constexpr std::size_t most = std::size_t{1} << 20;
  const std::string found = io::read_bytes(folder + "/" + mark, most);
  if (found == wanted) return;
  const std::size_t begin = found.find('\n') + 1;
  throw UsageError(folder +
                   ": holds the trainings of another search, or of one of other files or another version (" +
                   found.substr(begin, found.find('\n', begin) - begin) +
                   "); finish that one with its own command, name another -o, or remove the folder");
}

/// Byte `number` of the file of claims, locked for one open file, not for a process: forked readers of HDF5
/// files end sooner than their parent.
int lock(int fd, std::uint64_t number, short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = off_t(number);
  range.l_len = 1;
  return fcntl(fd, F_OFD_SETLK, &range) == 0 ? 0 : errno;
}

std::uint64_t number_of(const study::Task& task) {
  constexpr std::uint64_t most_rungs = 32, most_seeds = 1024;
  return (task.point * most_seeds + task.seed) * most_rungs + task.rung;
}

}  // namespace

TuningFolder::TuningFolder(const std::string& output, const Provenance& header)
    : path_(output + ".trials"), header_(header) {
  std::error_code error;
  fs::create_directory(path_, error);
  if (error || !fs::is_directory(path_, error))
    throw RunError(path_ + ": cannot make the folder in which a search keeps its trainings (" +
                   (error ? error.message() : std::string("it is no folder")) + ")");
  const std::string wanted = text_of(header);
  if (!fs::exists(path_ + "/" + mark, error)) {
    if (holds_others(path_))
      throw UsageError(path_ +
                       ": is no folder of a search, and holds other files; name another -o, or move it away");
    io::AtomicFile file(path_ + "/" + mark);
    const int fd = open(file.path().c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) throw RunError(path_ + ": " + io::explain_write_error(errno));
    const io::Descriptor owned(fd);
    io::write_all(fd, wanted.data(), wanted.size(), path_ + "/" + mark);
    file.commit();
  }
  check_mark(path_, wanted);  // also where another search began at the same moment
  const std::string place = path_ + "/" + claims;
  claims_ = std::make_unique<io::Descriptor>(open(place.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (claims_->fd() < 0) throw RunError(place + ": " + io::explain_write_error(errno));
}

std::string TuningFolder::file(const study::Task& task, const char* ending) const {
  return path_ + "/" + trial + std::to_string(task.rung) + "-" + std::to_string(task.point) + "-" +
         std::to_string(task.seed) + ending;
}

bool TuningFolder::has(const study::Task& task) const {
  std::error_code error;
  return fs::exists(file(task, ".h5"), error);
}

study::Tuning TuningFolder::read(const study::Task& task) const {
  const std::string path = file(task, ".h5");
  const io::Read<study::Tuning> read = io::read_tuning(path);
  if (text_of(read.header) != text_of(header_) || read.value.trials.size() != 1)
    throw InputError(path + ": is no training of this search; remove it, and it is made again");
  return read.value;
}

void TuningFolder::write(const study::Task& task, const study::Tuning& record,
                         const train::Params* kept) const {
  if (kept != nullptr) io::write_params(file(task, ".params.h5"), *kept, header_);
  io::write_tuning(file(task, ".h5"), record, header_);
  std::error_code absent;
  fs::remove(file(task, ".unfinished.h5"), absent);
}

std::optional<train::Params> TuningFolder::read_state(const std::string& path) const {
  std::error_code error;
  if (!fs::exists(path, error)) return std::nullopt;
  return io::read_params(path).value;
}

std::optional<train::Params> TuningFolder::kept(const study::Task& task) const {
  return read_state(file(task, ".params.h5"));
}

std::optional<train::Params> TuningFolder::unfinished(const study::Task& task) const {
  return read_state(file(task, ".unfinished.h5"));
}

void TuningFolder::save(const study::Task& task, const train::Params& state) const {
  io::write_params(file(task, ".unfinished.h5"), state, header_);
}

std::string TuningFolder::without_locks() const {
  constexpr std::uint64_t nobodys = std::uint64_t{1} << 60;
  const int error = lock(claims_->fd(), nobodys, F_RDLCK);
  if (error == 0 || error == EAGAIN || error == EACCES) return "";
  return path_ + ": no locks on this file system (" + std::strerror(error) +
         "), by which processes share the trainings of a search, so that this one makes all of them alone; "
         "start no "
         "other, or name an -o where there are locks (NFS with its lock daemon, Lustre mounted with flock)";
}

bool TuningFolder::claim(const study::Task& task) const {
  const int error = lock(claims_->fd(), number_of(task), F_WRLCK);
  return error != EAGAIN && error != EACCES;
}

void TuningFolder::release(const study::Task& task) const {
  lock(claims_->fd(), number_of(task), F_UNLCK);  // where there are no locks there is nothing to release
}

void TuningFolder::remove() const {
  std::error_code error;
  std::vector<fs::path> own;
  for (fs::directory_iterator entry(path_, error), end; !error && entry != end; entry.increment(error)) {
    if (is_own(entry->path().filename().string())) own.push_back(entry->path());
  }
  for (const fs::path& each : own) fs::remove(each, error);
  fs::remove(path_, error);  // only an empty one
}

}  // namespace pnn::app
