// Input files before HDF5 sees them: present, readable, of the right kind, whole.
#pragma once

#include <cstdint>
#include <string>

namespace pnn::io {

/// A file that HDF5 may open.
struct Source {
  std::string name;  ///< as the user said it; "standard input" for "-"
  std::string path;  ///< what to open
  std::uint64_t bytes = 0;
};

/// Checks a path. "-" and pipes are first spooled to a temporary file without a name in $TMPDIR, once for
/// each name and process, so that they can be read again; it goes when the process ends. No more is kept than
/// the file says it has, and no more than nine tenths of what is free there (RunError). Throws InputError
/// "path: expected, found; what to do": missing, a folder, unreadable, no HDF5 file, an older HDF5 format
/// without checksums, truncated. `hint` ends the message about a missing file ("make one with pnn-fit"), and
/// may be empty.
Source open_source(const std::string& path, const std::string& hint);

}  // namespace pnn::io
