// The parts of one sharded study put together.
#pragma once

#include <string>
#include <vector>

#include "pnn/study/result.hpp"

namespace pnn::study {

/// One shard, with the name of its file for messages.
struct Part {
  std::string name;
  Result result;
};

/// The result of the same study run in one piece: every cell from the shard that evaluated it, confusion
/// counts added, shard 0 of 1. Any order of parts. Throws InputError with every complaint: a shard missing or
/// there twice, parts of different studies, a cell that two parts evaluated or none did (an unfinished part).
Result merge(std::vector<Part> parts);

}  // namespace pnn::study
