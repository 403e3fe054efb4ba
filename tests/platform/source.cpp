// Levels of the source that drives controls.
#include "pnn/platform/source.hpp"

#include <vector>

#include "tests/catch.hpp"

using namespace pnn;

TEST_CASE("a source rounds to its levels and stays within its range", "[source]") {
  const platform::Source source{1, 4, 2};  // levels 1, 2, 3, 4
  std::vector<float> controls{0.2F, 1.4F, 1.5F, 2.5F, 2.6F, 3.9F, 9};
  platform::drive(source, controls, controls);
  CHECK(controls == std::vector<float>{1, 1, 1, 3, 3, 4, 4});  // 1.5 → level 0 of 3 (even), 2.5 → level 2
}

TEST_CASE("an exact source changes nothing within its range", "[source]") {
  const std::vector<float> asked{0, 1.2345678F, 5.3F};
  std::vector<float> driven(3);
  platform::drive({0, 5.2, 0}, asked, driven);
  CHECK(driven == std::vector<float>{0, 1.2345678F, 5.2F});
}
