// What would saving a file take, without leaving one?
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "pnn/core/forecast.hpp"

namespace pnn::io {

/// Bytes and time of one output. `write` writes it, as it would to `target`, to the path that it is given: a
/// temporary file in $TMPDIR, which is removed. Where `target` lies on another disk, its time to flush as
/// many bytes is taken instead of that of $TMPDIR. Outputs of more than 256 MiB (`expected_bytes`) are not
/// written: their time is that of 64 MiB, as often as they hold them. Throws RunError where $TMPDIR cannot be
/// written to.
Saving rehearse_saving(const std::string& target, std::uint64_t expected_bytes,
                       const std::function<void(const std::string& path)>& write);

/// Time to write and flush so many bytes beside `target`, from a file without a name: nothing is left even by
/// a process that is killed meanwhile.
double seconds_to_save(const std::string& target, std::uint64_t bytes);

}  // namespace pnn::io
