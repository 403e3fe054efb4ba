// What the heaters of a network take: at a moment, on average, and for a sample.
#include <cmath>
#include <numbers>

#include "pnn/platform/layer_plan.hpp"
#include "pnn/platforms/freespace/plan.hpp"
#include "pnn/platforms/freespace/platform.hpp"
#include "pnn/platforms/freespace/process.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/platforms/mzi/mesh_layer.hpp"
#include "pnn/platforms/mzi/platform.hpp"
#include "pnn/platforms/mzi/process.hpp"
#include "tests/catch.hpp"

using namespace pnn;
using platform::HeaterUse;
using platforms::mrr::BankPlan;
using platforms::mrr::Reuse;

namespace {

/// mW of a ring at 2 mA, by the formula of the process: 1e-3 · 500 · (1 + 0.004 · 4) · 4.
constexpr double two_ma = 1e-3 * 500 * (1 + 0.004 * 4) * 4;

HeaterUse use_of(const std::vector<platform::AnyPlan>& plans, const std::vector<std::vector<float>>& currents,
                 std::vector<int> slots = {}) {
  slots.resize(plans.size(), 1);
  return platform::heater_use(plans, {}, {currents.begin(), currents.end()}, slots);
}

}  // namespace

TEST_CASE("a ring that carries many weights in turn heats for one of them at a time") {
  const BankPlan plan{"mrr1", 3, 5, 2, 2, Reuse::time};  // 2 × 3 tiles, of 4, 4, 2 and 2, 2, 1 rings
  const HeaterUse use = use_of({plan}, {std::vector<float>(15, 2.0F)});
  CHECK(use.largest_mw == Approx(4 * two_ma).epsilon(1e-9));
  CHECK(use.mean_mw == Approx(15 * two_ma / 6).epsilon(1e-9));
  // six slots of 10 µs: mW µs are nJ
  CHECK(use.energy_uj == Approx(1e-3 * 15 * two_ma * 10).epsilon(1e-9));

  // inputs of both signs are sent twice: as much power, twice the energy
  const HeaterUse both = use_of({plan}, {std::vector<float>(15, 2.0F)}, {2});
  CHECK(both.mean_mw == Approx(use.mean_mw).epsilon(1e-9));
  CHECK(both.energy_uj == Approx(2 * use.energy_uj).epsilon(1e-9));
}

TEST_CASE("chips side by side are all on at once, also while another layer computes") {
  const BankPlan spatial{"mrr1", 3, 5, 2, 2, Reuse::space}, shared{"mrr2", 2, 4, 2, 2, Reuse::time};
  const std::vector<float> on(15, 2.0F);
  std::vector<float> first_tile(8, 0.0F);
  first_tile[0] = first_tile[1] = 2;
  const HeaterUse alone = use_of({spatial}, {on});
  CHECK(alone.mean_mw == Approx(15 * two_ma).epsilon(1e-9));
  CHECK(alone.largest_mw == Approx(alone.mean_mw).epsilon(1e-9));
  CHECK(alone.energy_uj == Approx(1e-3 * 15 * two_ma * 10).epsilon(1e-9));
  // three slots: the spatial bank computes in one, the shared chip in two
  const HeaterUse both = use_of({spatial, shared}, {on, first_tile});
  CHECK(both.largest_mw == Approx(17 * two_ma).epsilon(1e-9));
  CHECK(both.mean_mw == Approx(15 * two_ma + 2 * two_ma / 3).epsilon(1e-9));
  CHECK(both.energy_uj == Approx(1e-3 * 30 * both.mean_mw).epsilon(1e-9));
}

TEST_CASE("a mesh heats for its phases within a turn, and light that needs no heaters takes none") {
  const platforms::mzi::MeshLayer mesh{{"mzi1", 2, 2}};
  const float pi = std::numbers::pi_v<float>;
  const HeaterUse use = use_of({mesh}, {{pi, -pi / 2, 0, 5 * pi}});
  // 25 mW a π; −π/2 is 3π/2 and 5π is π within a turn, known to a float's rounding
  CHECK(use.mean_mw == Approx(25 * (1 + 1.5 + 0 + 1)).epsilon(1e-6));
  CHECK(use.largest_mw == use.mean_mw);
  const platforms::freespace::Plan plan{"freespace1", 1, 1, 2};
  CHECK(use_of({plan}, {std::vector<float>(std::size_t(plan.control_count()), 1.0F)}).energy_uj == 0);
}
