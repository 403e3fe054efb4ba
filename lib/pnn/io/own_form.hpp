// Recognises files of exactly the form that this library writes, without HDF5.
#pragma once

#include "pnn/io/source.hpp"

namespace pnn::io {

/// Whether a file has in all its metadata the form of what io/hdf5 writes: checksums that hold, groups and
/// contiguous datasets alone, no message, type or layout of another kind, every size as the shape and the
/// type say, every address within the file, and no two blocks that overlap. HDF5 then meets nothing that it
/// does not meet in sound files of this library, whoever made the file, so that it can be read without a
/// trial. False for every other file, sound ones of other programs among them, and where the file cannot be
/// read. Reads metadata alone, never the numbers.
bool has_own_form(const Source& source);

}  // namespace pnn::io
