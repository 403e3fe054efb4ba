#include "pnn/study/shard.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::study {

Shard parse_shard(const std::string& text, const std::string& task_id, const std::string& task_min,
                  const std::string& task_count) {
  if (text.empty()) return {};
  std::int64_t index = 0, count = 1;
  if (text == "slurm") {
    if (task_id.empty() || task_count.empty()) {
      throw UsageError(
          "--shard slurm: this is no task of a job array (SLURM_ARRAY_TASK_ID is not set); submit with "
          "sbatch --array=0-N");
    }
    index = parse_integer(task_id, "SLURM_ARRAY_TASK_ID") -
            (task_min.empty() ? 0 : parse_integer(task_min, "SLURM_ARRAY_TASK_MIN"));
    count = parse_integer(task_count, "SLURM_ARRAY_TASK_COUNT");
  } else {
    const auto parts = split(text, '/');
    if (parts.size() != 2)
      throw UsageError("--shard: expected I/N as in 0/5, or slurm, found \"" + text + "\"");
    index = parse_integer(parts[0], "--shard");
    count = parse_integer(parts[1], "--shard");
  }
  if (count < 1 || count > 1'000'000 || index < 0 || index >= count) {
    throw UsageError("--shard: expected I/N with I from 0 to N-1, found " + std::to_string(index) + "/" +
                     std::to_string(count));
  }
  return {std::size_t(index), std::size_t(count)};
}

}  // namespace pnn::study
