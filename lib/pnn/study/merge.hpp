// Merges the parts of a sharded study.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "pnn/study/result.hpp"

namespace pnn::study {

/// The result of one shard, and the name of its file for messages.
struct Part {
  std::string name;
  Result result;
};

/// How many evaluations each shard of the result's run has not made, [shards]. Those whose numbers were not
/// finite were made.
std::vector<std::size_t> evaluations_left(const Result& result);

/// The result that the study would have given in one piece (shard 0 of 1): every cell comes from the shard
/// that evaluated it, and confusion counts are added. The parts may have any order. Throws InputError with
/// all complaints if a shard is missing or there twice, parts belong to different studies, or a cell was
/// evaluated by two parts or by none.
Result merge(std::vector<Part> parts);
/// The same of `count` parts that `part(k)` gives, each once and one after the other: two are in memory at a
/// time, however many there are.
Result merge(std::size_t count, const std::function<Part(std::size_t)>& part);

}  // namespace pnn::study
