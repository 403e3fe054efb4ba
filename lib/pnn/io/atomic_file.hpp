// An output file that appears whole or not at all.
#pragma once

#include <string>

namespace pnn::io {

/// Gives a path to write to and moves what was written to its place: a temporary name in the same folder,
/// flushed and renamed; for "-" and for anything that is no ordinary file (a pipe, /dev/null) a temporary
/// file in $TMPDIR whose bytes are then copied. Without commit() nothing appears and nothing is left. A
/// target that is a symbolic link stays one: the file appears where it leads, whether there was one or not.
/// Throws UsageError if standard output is a terminal, RunError "path: reason; what to do" where the folder
/// or the disk does not allow it.
///
/// The temporary name is .NAME.PROCESS.tmp (NAME shortened where it is long), and its file is locked while it
/// is written. What a killed process left behind is no longer locked, and is removed when the same output is
/// next written; where a file system has no locks it stays.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Where to write; an empty file until then.
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Call once something has path() open: the name of a temporary file that will be copied is then removed,
  /// so that not even a killed process leaves it behind.
  void opened();
  /// Call once everything is written and closed.
  void commit();

 private:
  void copy_out();

  std::string target_;       ///< as the user named it
  std::string destination_;  ///< with symbolic links resolved
  std::string path_;         ///< what to write
  int fd_ = -1;
  bool stream_ = false, done_ = false;
};

/// A temporary file in $TMPDIR (or /tmp), open for reading and writing. HDF5 opens by name and does not
/// follow /dev/fd to a file without one, so it has a name for a while. Throws RunError.
struct TemporaryFile {
  int fd = -1;
  std::string path;
};
TemporaryFile make_temporary_file();
/// All bytes or RunError "target: reason; what to do"; Interrupted when asked to stop while a pipe takes
/// none.
void write_all(int fd, const char* bytes, std::size_t count, const std::string& target);
/// "disk full (No space left on device); free some space and run again" and its like.
std::string explain_write_error(int error_number);

}  // namespace pnn::io
