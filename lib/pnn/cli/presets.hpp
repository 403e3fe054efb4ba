// Named settings compiled into the tools from data/presets.
#pragma once

#include <string>
#include <vector>

namespace pnn::cli {

struct Preset {
  std::string name;
  std::string toml;
};
std::vector<Preset> presets();

}  // namespace pnn::cli
