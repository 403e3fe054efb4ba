// Whether the HDF5 library survives a file. HDF5 1.10 checks the sums of its metadata and trusts what they
// cover, so bytes that were made to deceive can crash it, and take the program along.
#pragma once

#include "pnn/io/source.hpp"

namespace pnn::io {

/// Walks through the file in a child process with limits on memory and time: every object, attribute, type,
/// shape and chunk that a reader would meet. Numbers that lie in the file as they are in memory are not read
/// if they are many: HDF5 only copies them. Once for each file, process and state of the file (size and time
/// of change). Throws InputError in one sentence where the child crashes, runs out of memory or does not come
/// to an end, or HDF5 itself refuses a part of the file; RunError where no child can be started, or where
/// descriptors, memory or time that this process has itself are too few to tell. What our own limits refuse
/// is left to the reader. Stops when asked to (core/stop).
void try_file(const Source& source);

/// Off is for processes that may crash themselves, such as fuzzers.
enum class Trials { on, off };
void set_trials(Trials trials);

}  // namespace pnn::io
