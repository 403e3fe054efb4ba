// Handed cases of a laboratory's files, where they are at hand (they are not part of this repository).
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/catch.hpp"

namespace pnn::test {

/// The folder of the case whose name ends like this, in $PNN_SHARED_CASES or ../shared/cases beside the
/// sources; nothing where it is absent.
inline std::optional<std::string> shared_case(const std::string& name) {
  namespace fs = std::filesystem;
  const char* given = std::getenv("PNN_SHARED_CASES");
  const std::string cases =
      given != nullptr ? std::string(given) : std::string(PNN_SOURCE_DIR) + "/../shared/cases";
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(cases, error))
    if (entry.path().filename().string().ends_with(name)) return fs::canonical(entry.path()).string();
  WARN("skipped: no case " << name << " in " << cases
                           << "; set PNN_SHARED_CASES to the folder that holds it");
  return std::nullopt;
}

}  // namespace pnn::test
