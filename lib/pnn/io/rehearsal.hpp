// Measures how long saving a file takes, without leaving one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "pnn/core/forecast.hpp"

namespace pnn::io {

/// The size and time of one output. `write` writes it to the path that it is given, a temporary file in
/// $TMPDIR, which is removed. If `target` lies on another disk, the time to flush as many bytes there
/// replaces that of $TMPDIR. An output of more than 256 MiB (`expected_bytes`) is not written; its time is
/// extrapolated from 64 MiB. Throws RunError if $TMPDIR is not writable.
Saving rehearse_saving(const std::string& target, std::uint64_t expected_bytes,
                       const std::function<void(const std::string& path)>& write);

/// The time in s to write and flush `bytes` in the folder of `target`. The file used for it has no name, so
/// that nothing is left even if the program is killed meanwhile.
double seconds_to_save(const std::string& target, std::uint64_t bytes);

}  // namespace pnn::io
