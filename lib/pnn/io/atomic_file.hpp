// An output file that appears complete or not at all.
#pragma once

#include <string>

namespace pnn::io {

/// Provides a temporary path to write to, and moves the finished file to its target. The temporary file lies
/// in the target's folder and is flushed and renamed; for "-" and for a target that is no ordinary file (a
/// pipe, /dev/null) it lies in $TMPDIR, and its bytes are copied. Without commit() nothing appears and
/// nothing is left. If the target is a symbolic link it stays one, and the file appears where the link leads,
/// whether a file was there or not. Throws UsageError if standard output is a terminal, and RunError "path:
/// reason; what to do" if the folder or the disk does not allow writing.
///
/// The temporary name is .NAME.PID.tmp (a long NAME is shortened, PID is the number of this program), and the
/// file is locked while it is written. A file that a killed program left behind is no longer locked, and is
/// removed when the same output is next written; on a file system without locks it stays.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// The path to write to; an empty file exists there.
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Call it when path() has been opened. The name of a temporary file that will be copied is then removed,
  /// so that it vanishes even if this program is killed.
  void opened();
  /// Moves the file to its target. Call it when everything is written and closed.
  void commit();

 private:
  void copy_out();

  std::string target_;       ///< as the user wrote it
  std::string destination_;  ///< with symbolic links resolved
  std::string path_;         ///< of the temporary file
  int fd_ = -1;
  bool stream_ = false, done_ = false;
};

/// A temporary file in $TMPDIR (or /tmp), open for reading and writing. It has a name until HDF5 has opened
/// it, since HDF5 opens files by name and cannot open /dev/fd of a file that has none.
struct TemporaryFile {
  int fd = -1;
  std::string path;
};
/// Makes one. Throws RunError.
TemporaryFile make_temporary_file();
/// Writes all bytes to a descriptor. Throws RunError "target: reason; what to do", or Interrupted when asked
/// to stop while a pipe accepts nothing.
void write_all(int fd, const char* bytes, std::size_t count, const std::string& target);
/// A sentence for an errno of a write, such as "disk full (No space left on device); free some space and run
/// again".
std::string explain_write_error(int error_number);

}  // namespace pnn::io
