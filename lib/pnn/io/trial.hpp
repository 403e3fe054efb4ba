// Tries out in a child program whether the HDF5 library survives a file. HDF5 1.10 verifies the checksums of
// its metadata and then trusts the contents, so that a forged file can crash it, and the program with it.
#pragma once

#include "pnn/io/source.hpp"

namespace pnn::io {

/// Visits every object, attribute, type, shape and chunk that a reader would read, in a forked child with
/// limits on memory and time. Large datasets whose numbers are stored as they are in memory are not read,
/// since HDF5 only copies them. A file of exactly the form that this library writes (own_form) needs no
/// child, unless this program's memory is limited. Repeated only if the file has changed (size and time of
/// change). Throws InputError in one sentence if the child crashes, runs out of memory or does not end, or if
/// HDF5 refuses a part of the file; RunError if no child can be started, or if this program's own file
/// descriptors, memory or time are too few to tell. What this library's own limits refuse is left to the
/// reader. Stops when asked to (core/stop).
void try_file(const Source& source);

/// Switches try_file off for programs that may crash themselves, such as fuzzers.
enum class Trials { on, off };
void set_trials(Trials trials);

}  // namespace pnn::io
