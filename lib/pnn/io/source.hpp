// Checks input files before HDF5 opens them: whether they exist, are readable, are HDF5 files, and are not
// truncated.
#pragma once

#include <cstdint>
#include <string>

namespace pnn::io {

/// A file that HDF5 may open.
struct Source {
  std::string name;  ///< as the user wrote it; "standard input" for "-"
  std::string path;  ///< the path to open
  std::uint64_t bytes = 0;
};

/// Checks a path. The bytes of "-" and of pipes are first stored in a temporary file without a name in
/// $TMPDIR, once in each program, so that they can be read again; it vanishes when the program ends. At most
/// as many bytes are stored as the file's header declares, and at most nine tenths of the space that is free
/// there (otherwise RunError). Throws InputError "path: expected, found; what to do" for a path that is
/// missing, a folder, unreadable, no HDF5 file, in an older HDF5 format without checksums, or truncated.
/// `hint` is appended to the message about a missing file ("make one with pnn-fit") and may be empty.
Source open_source(const std::string& path, const std::string& hint);

}  // namespace pnn::io
