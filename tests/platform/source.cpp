// Levels of the source that drives controls.
#include "pnn/platform/source.hpp"

#include <cmath>
#include <utility>
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

TEST_CASE("the ends of a range are the floats within it, not the nearest ones", "[source]") {
  // 4.8 → 4.80000019, 0.1 → 0.100000001, 0.7 → 0.699999988, 2π → 6.28318548
  for (const auto& [lower, upper] : {std::pair{0.7, 4.8}, std::pair{0.1, 5.2}, std::pair{-4.8, -0.7},
                                     std::pair{0.0, 2 * 3.14159265358979323846}, std::pair{0.0, 1.0}}) {
    INFO(lower << " to " << upper);
    const platform::FloatRange range = platform::inwards(lower, upper);
    CHECK(double(range.lower) >= lower);
    CHECK(double(range.upper) <= upper);
    CHECK(double(std::nextafter(range.lower, -9.0F)) < lower);
    CHECK(double(std::nextafter(range.upper, 9.0F)) > upper);
    std::vector<float> controls{-99, 99, float(lower), float(upper)};
    CHECK(platform::project(controls, lower, upper, false) == 2);
    CHECK(controls == std::vector<float>{range.lower, range.upper, range.lower, range.upper});
    platform::drive({lower, upper, 3}, std::vector<float>{-99, 99}, std::span(controls).first(2));
    CHECK(controls[0] == range.lower);
    CHECK(controls[1] == range.upper);
  }
  CHECK_THROWS_WITH(platform::within(4.7, 4.7000000001, "--limits"),
                    Catch::Matchers::Contains("no number of 32 bits"));
}
