#include "pnn/core/blocks.hpp"

#include <vector>

#include "tests/catch.hpp"

using namespace pnn;

TEST_CASE("rows of any length are copied and added, and nothing beside them") {
  for (Index count = 0; count <= 50; ++count) {
    std::vector<float> from(std::size_t(count) + 2), copied(from.size(), -1.0F), added(from.size(), 0.5F);
    for (std::size_t k = 0; k < from.size(); ++k) from[k] = float(k + 1);
    copy_row(from.data() + 1, count, copied.data() + 1);
    add_row(from.data() + 1, count, added.data() + 1);
    for (std::size_t k = 0; k < from.size(); ++k) {
      const bool inside = k > 0 && k <= std::size_t(count);
      CHECK(copied[k] == (inside ? from[k] : -1.0F));
      CHECK(added[k] == (inside ? 0.5F + from[k] : 0.5F));
    }
  }
}
