// Free-space multipliers of every kind, for tests that hold for all of them.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/random.hpp"
#include "pnn/platforms/freespace/freespace.hpp"
#include "pnn/platforms/freespace/plan.hpp"
#include "pnn/platforms/freespace/process.hpp"
#include "tests/misalignment.hpp"

namespace pnn::test {

struct FreespaceCase {
  std::string name;
  platforms::freespace::Plan plan;
  platforms::freespace::Physics physics;
  platforms::freespace::Errors errors;
  platform::System system;  ///< what moves it

  /// Transmissions away from 0 and 1.
  [[nodiscard]] std::vector<double> controls() const {
    std::vector<double> s(std::size_t(plan.control_count()));
    fill_symmetric({1, Purpose::test, 110}, s);
    for (double& x : s) x = 0.5 + 0.4 * x;
    return s;
  }
};

/// Layouts × signs, each aligned and moved; with and without everything that a device adds.
inline std::vector<FreespaceCase> freespace_cases() {
  using platforms::freespace::Signs;
  struct Layout {
    const char* name;
    platforms::freespace::Plan plan;
  };
  const Layout layouts[] = {
      {"strip", {"freespace1", 3, 1, 7, 1, 1, 0, 0, 3, 1}},
      {"grid", {"freespace1", 5, 3, 4, 1, 2, 1, 1, 2, 2}},  // a last picture of one cell
      {"one picture", {"freespace1", 3, 2, 3, 3, 2, 0, 1, 2, 3}},
      {"many pictures", {"freespace1", 19, 2, 2, 2, 2, 1, 0, 1, 1}},
  };
  std::vector<FreespaceCase> cases;
  for (const Layout& layout : layouts) {
    for (const auto& [signs_name, signs] :
         {std::pair("halves", Signs::halves), std::pair("exposures", Signs::exposures),
          std::pair("offset", Signs::offset)}) {
      for (const bool per_pixel : {false, true}) {
        for (const bool full : {false, true}) {
          FreespaceCase c;
          c.name = std::string(layout.name) + ", " + signs_name + (per_pixel ? ", per pixel" : "") +
                   (full ? ", full physics" : "");
          c.plan = layout.plan;
          c.plan.signs = signs;
          c.plan.per_pixel = per_pixel;
          platforms::freespace::Process process;
          process.contrast = 20;
          process.conserve = per_pixel ? 1 : 0;
          process.shift_sigma_px = 0.4;
          process.gain_sigma = 0.1;
          c.physics = full ? full_physics(process) : ideal_physics(process);
          c.errors = full ? draw_errors(process, 5, int(Purpose::test), 0, 0, std::uint32_t(cases.size()))
                          : no_errors(process);
          c.system = misalignment(0.037, 0.043, 0.61, -0.37);
          cases.push_back(std::move(c));
        }
      }
    }
  }
  return cases;
}

}  // namespace pnn::test
