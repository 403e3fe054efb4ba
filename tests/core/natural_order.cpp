#include "pnn/core/natural_order.hpp"

#include <string>
#include <vector>

#include "tests/catch.hpp"

TEST_CASE("names with numbers in them have the order of people") {
  const std::vector<std::string> sorted = {
      "", "a", "r", "r2", "r3", "r10", "r10 b", "row 1 col 11", "row 2 col 3", "row 10 col 0"};
  for (std::size_t l = 0; l < sorted.size(); ++l) {
    for (std::size_t r = 0; r < sorted.size(); ++r) {
      INFO(sorted[l] << " and " << sorted[r]);
      CHECK(pnn::natural_less(sorted[l], sorted[r]) == (l < r));
    }
  }
  CHECK(pnn::natural_less("r02", "r2") != pnn::natural_less("r2", "r02"));
  CHECK(pnn::natural_less("r02", "r3"));
}
