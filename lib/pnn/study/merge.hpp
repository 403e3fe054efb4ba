// Merges the parts of a sharded study.
#pragma once

#include <string>
#include <vector>

#include "pnn/study/result.hpp"

namespace pnn::study {

/// The result of one shard, and the name of its file for messages.
struct Part {
  std::string name;
  Result result;
};

/// The result that the study would have given in one piece (shard 0 of 1): every cell comes from the shard
/// that evaluated it, and confusion counts are added. The parts may have any order. Throws InputError with
/// all complaints if a shard is missing or there twice, parts belong to different studies, or a cell was
/// evaluated by two parts or by none.
Result merge(std::vector<Part> parts);

}  // namespace pnn::study
