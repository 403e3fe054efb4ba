// The version of the toolchain, of its file formats, and of the processor that it was compiled for.
#pragma once

namespace pnn {

const char* version();

/// The level of x86-64 that the arithmetic which runs was compiled for ("x86-64-v3"): what the build names,
/// or, of a build for several levels, the one that the dynamic loader took. No result depends on it.
const char* code_level();
/// The highest level that this processor has.
const char* processor_level();

/// Written into every file as format_version. Readers accept a newer minor version and refuse a newer major
/// one.
struct FormatVersion {
  int major = 1, minor = 0;
};
inline constexpr FormatVersion format_version{1, 3};

}  // namespace pnn
