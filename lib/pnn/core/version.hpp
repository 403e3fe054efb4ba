// The version of the toolchain, and the versions of its file formats.
#pragma once

namespace pnn {

const char* version();

/// Written into every file as format_version. Readers accept a newer minor version and refuse a newer major
/// one.
struct FormatVersion {
  int major = 1, minor = 0;
};
inline constexpr FormatVersion format_version{1, 3};

}  // namespace pnn
