// Crossbars of both kinds of sign, for tests that hold for all of them.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/random.hpp"
#include "pnn/platforms/pcm/crossbar.hpp"
#include "pnn/platforms/pcm/platform.hpp"

namespace pnn::test {

struct CrossbarCase {
  std::string name;
  platforms::pcm::Plan plan;
  platforms::pcm::Process process;
  platforms::pcm::Cells cells;

  [[nodiscard]] platforms::pcm::Table table() const {
    return platforms::pcm::device_table(process, plan, cells);
  }
  /// Levels away from 0 and 1.
  [[nodiscard]] std::vector<double> controls() const {
    std::vector<double> levels(std::size_t(plan.control_count()));
    fill_symmetric({1, Purpose::test, 120}, levels);
    for (double& level : levels) level = 0.5 + 0.4 * level;
    return levels;
  }
};

/// A plan of `cells` cells, an even number, in pairs on one input.
inline platforms::pcm::Plan pairs_of_cells(Index cells) {
  return {"pcm1", cells / 2, 1, 16, 16, platforms::pcm::Signs::differential};
}

/// One array, and several of which the last are smaller; signs; as designed, and with everything that a
/// device adds.
inline std::vector<CrossbarCase> crossbar_cases() {
  using platforms::pcm::Signs;
  std::vector<CrossbarCase> cases;
  for (const Signs signs : {Signs::differential, Signs::reference}) {
    for (const bool several : {false, true}) {
      for (const bool drawn : {false, true}) {
        CrossbarCase c;
        c.name = std::string(signs == Signs::differential ? "differential" : "reference") +
                 (several ? ", several arrays" : ", one array") + (drawn ? ", drawn" : ", as designed");
        c.plan = {"pcm1", 5, 7, several ? 3 : 16, several ? 4 : 16, signs};
        c.cells = drawn ? platforms::pcm::draw_cells(c.process, c.plan, {3, int(Purpose::test), 2, 1, 0})
                        : platforms::pcm::nominal_cells(c.process, c.plan.cells());
        cases.push_back(std::move(c));
      }
    }
  }
  return cases;
}

}  // namespace pnn::test
