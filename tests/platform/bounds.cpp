// Where controls may be, as --limits and --fix say it.
#include "pnn/platform/bounds.hpp"

#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/network/spec.hpp"
#include "tests/catch.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

struct Two {
  std::vector<platform::AnyPlan> plans =
      network::resolve({"3", {"mrr:out=2", "mzi:modes=2"}}, {}).plans();  // 2x3 currents, angles
  std::vector<platform::ControlBounds> bounds = platform::source_bounds(plans, {});
};

}  // namespace

TEST_CASE("bounds are the range of the source, of angles none, and limits narrow them inwards") {
  Two t;
  REQUIRE(t.bounds[0].lower.size() == 6);
  CHECK(t.bounds[0].upper[5] <= 5.2);
  CHECK(std::isinf(t.bounds[1].upper[0]));
  platform::apply_limits(t.bounds, t.plans, {"mrr1=0.1:4.8", "mzi1=0:1"});
  CHECK(double(t.bounds[0].lower[0]) >= 0.1);
  CHECK(double(t.bounds[0].upper[0]) <= 4.8);
  CHECK(t.bounds[1].upper[0] == 1.0F);
  CHECK_THROWS_WITH(platform::apply_limits(t.bounds, t.plans, {"mrr1=5:6"}), Contains("leaves nothing of"));
  for (const char* wrong : {"nan:1", "0:inf", "1:0", "mrr3=0:1", "0:1:2", "mrr1=:1"})
    CHECK_THROWS_AS(platform::apply_limits(t.bounds, t.plans, {wrong}), UsageError);
}

TEST_CASE("a control is held by its number or by row and column, by a layer's name or number") {
  Two t;
  platform::apply_fixed(t.bounds, t.plans, {"mrr1[1,2]=2.5", "1[0]=0", "mzi1[0]=3"});
  CHECK(t.bounds[0].held(5));
  CHECK(t.bounds[0].lower[5] == 2.5F);
  CHECK(t.bounds[0].held(0));
  CHECK_FALSE(t.bounds[0].held(1));
  CHECK(t.bounds[1].lower[0] == 3.0F);

  std::vector<float> controls(t.bounds[0].lower.size() + t.bounds[1].lower.size(), 7);
  CHECK(platform::project(controls, t.bounds, t.plans) > 0);
  CHECK(controls[5] == 2.5F);
  CHECK(controls[1] == t.bounds[0].upper[1]);
  CHECK(controls[6] == 3.0F);
  CHECK(controls[7] == 7.0F);  // an angle without bounds

  std::vector<float> gradient(controls.size(), 1);
  platform::release_held(t.bounds, gradient);
  CHECK(gradient[5] == 0);
  CHECK(gradient[1] == 1);
}

TEST_CASE("bounds of another range narrow bounds, or leave the nearer end") {
  std::vector<platform::ControlBounds> bounds = {{{0, 0, 0}, {5, 5, 5}}};
  platform::intersect(bounds, {{{1, 6, -3}, {4, 7, 9}}});
  CHECK(bounds[0].lower == std::vector<float>{1, 5, 0});
  CHECK(bounds[0].upper == std::vector<float>{4, 5, 5});
  platform::intersect(bounds, {});
  platform::intersect(bounds, {platform::ControlBounds{}});
  CHECK(bounds[0].upper[0] == 4);
}
