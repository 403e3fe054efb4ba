// Which part of a study this process does.
#pragma once

#include <cstddef>
#include <string>

namespace pnn::study {

struct Shard {
  std::size_t index = 0;  ///< from 0
  std::size_t count = 1;
};

/// "I/N" with I from 0 to N−1, or "slurm": from the array task that this process is, given as the texts of
/// SLURM_ARRAY_TASK_ID, _MIN and _COUNT (array with step 1). Throws UsageError.
Shard parse_shard(const std::string& text, const std::string& task_id, const std::string& task_min,
                  const std::string& task_count);

}  // namespace pnn::study
