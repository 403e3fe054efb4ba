// The record in every file of how it was made.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pnn {

/// One input of a file: its role on the command line, its filetype and the hash of its content.
struct Parent {
  std::string role;
  std::string filetype;
  std::string hash;  ///< 32 hexadecimal digits (XXH3, 128 bit, of the file's bytes)
};

/// The header of every file. It holds no wall-clock time, path or number of threads, so that the same work
/// gives the same bytes.
struct Provenance {
  std::string creator;  ///< "pnn-fit 0.1.0"
  std::string command;  ///< tool and effective settings in canonical form
  std::uint64_t seed = 1;
  std::vector<Parent> parents;
  std::vector<std::string> history;  ///< one line for each ancestor, oldest first
};

}  // namespace pnn
