// Named settings compiled into the tools from data/presets.
#pragma once

#include <string>
#include <vector>

namespace pnn::cli {

/// A preset: its name, and its text in the form of a configuration file.
struct Preset {
  std::string name;
  std::string toml;
};
std::vector<Preset> presets();

}  // namespace pnn::cli
