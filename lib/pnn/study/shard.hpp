// Which part of a study this run computes.
#pragma once

#include <cstddef>
#include <string>

namespace pnn::study {

/// Part number `index` (from 0) of `count` parts.
struct Shard {
  std::size_t index = 0;  ///< from 0
  std::size_t count = 1;
};

/// Parses "I/N" with I from 0 to N−1, or "slurm": then the shard is that of the Slurm array task, given by
/// the texts of the environment variables SLURM_ARRAY_TASK_ID, _MIN and _COUNT (of an array with step 1).
/// Throws UsageError.
Shard parse_shard(const std::string& text, const std::string& task_id, const std::string& task_min,
                  const std::string& task_count);

}  // namespace pnn::study
