// Gradients through the tuning curve: of the loss by currents, detuning, temperature and digital parameters.
#include "pnn/train/objective.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"

#include "pnn/core/random.hpp"
#include "pnn/model/model.hpp"
#include "pnn/platform/platform.hpp"
#include "pnn/platform/transfer_map.hpp"
#include "tests/catch.hpp"
#include "tests/process.hpp"
#include "tests/taylor.hpp"

using namespace pnn;

namespace {

struct Bench {
  explicit Bench(bool full)
      : net(network::resolve(
            {"1x6x6", {"mrr-conv:out=3,kernel=3", "batchnorm", "tanh", "mrr:out=9", "tanh", "mrr:out=4"}},
            test::process_with<platforms::mrr::Process>([](auto& p) { p.chip_rows = 4; }))) {
    for (const auto& plan : net.plans()) {
      maps.push_back(platforms::mrr::make_bank<double>(
          *platforms::mrr::bank_of(plan), full ? full_physics(process) : ideal_physics(process),
          platforms::mrr::nominal_rings(process, platforms::mrr::bank_of(plan)->rings(), !full)));
    }
    objective = std::make_unique<train::Objective<double>>(net, std::move(maps), network::Task::classify, 6);
    controls.resize(std::size_t(objective->control_count()));
    fill_symmetric({3, Purpose::test, 1}, controls);
    for (double& c : controls) c = 3.9 + 0.5 * c;
    digital.assign(std::size_t(objective->digital_count()), 0.8);
    state.assign(std::size_t(objective->state_count()), 0.5);
    x.resize(6, 36);
    fill_symmetric({3, Purpose::test, 2}, std::span<double>(x.data(), std::size_t(x.size())));
    control_gradient.resize(controls.size());
    response_gradient.resize(controls.size());
    digital_gradient.resize(digital.size());
  }
  [[nodiscard]] train::Batch<double> batch() const { return {view(x), labels}; }
  double loss(const train::Point<double>& point) {
    return objective->loss(batch(), point, network::Statistics::batch, state).mean;
  }

  platforms::mrr::Process process;
  network::Resolved net;
  std::vector<std::unique_ptr<platform::TransferMap<double>>> maps;
  std::unique_ptr<train::Objective<double>> objective;
  std::vector<double> controls, digital, state, control_gradient, response_gradient, digital_gradient;
  std::vector<platform::System> system = {0.2, -0.1, 0.3};  // temperatures
  std::vector<std::int32_t> labels = {0, 1, 2, 3, 0, 1};
  Matrix<double> x;
};

}  // namespace

TEST_CASE("gradients of a network on rings predict the change of its loss") {
  for (const bool full : {false, true}) {
    INFO((full ? "full physics" : "design values"));
    Bench b(full);
    const train::Point<double> point{b.controls, {}, {}, b.system, b.digital};
    train::PointGradient<double> g{b.control_gradient, b.response_gradient, {}, b.digital_gradient, {}};
    b.objective->gradient(b.batch(), point, network::Statistics::batch, b.state, g);
    const auto with = [&](auto member) {
      return [&b, point, member](std::span<const double> values) {
        train::Point<double> moved = point;
        moved.*member = values;
        return b.loss(moved);
      };
    };
    CHECK(test::taylor_order(with(&train::Point<double>::controls), b.controls, b.control_gradient, 3e-3) >
          1.8);
    CHECK(test::taylor_order(with(&train::Point<double>::digital), b.digital, b.digital_gradient, 3e-3) >
          1.8);
    const std::vector<double> zero(b.controls.size(), 0);
    CHECK(test::taylor_order(with(&train::Point<double>::response_offset), zero, b.response_gradient, 1e-3) >
          1.8);
    const auto at_temperatures = [&](std::span<const double> values) {
      const std::vector<platform::System> system(values.begin(), values.end());
      train::Point<double> moved = point;
      moved.system = system;
      return b.loss(moved);
    };
    std::vector<double> temperatures, slopes;
    for (const platform::System& system : b.system) temperatures.push_back(system.temperature_k);
    for (const platform::System& system : g.system) slopes.push_back(system.temperature_k);
    CHECK(test::taylor_order(at_temperatures, temperatures, slopes, 1e-2) > 1.8);
  }
}

TEST_CASE("light through the columns of a mesh and through its matrix give one loss and one gradient") {
  const auto resolved = network::resolve({"6",
                                          {"mzi:modes=6,detect=field", "electro-optic",
                                           "mzi:modes=6,layout=svd,detect=modulus", "mzi:modes=6,keep=4"}},
                                         {});
  const platform::Process process;  // crosstalk, loss and errors as they come
  std::vector<std::unique_ptr<platform::TransferMap<double>>> maps;
  std::uint16_t chip = 0;
  for (const auto& plan : resolved.plans()) {
    maps.push_back(platform::make_device_map<double>(
        plan, process, plan->draw_truth(process, {1, int(Purpose::test), chip++})));
  }
  const Index few = maps.front()->largest_direct_batch();
  REQUIRE(few > 0);
  train::Objective<double> objective(resolved, std::move(maps), network::Task::classify, few);
  const auto count = std::size_t(objective.control_count());
  std::vector<double> controls(count), digital(std::size_t(objective.digital_count()), 0.8), state;
  fill_symmetric({3, Purpose::test, 1}, controls);
  for (double& c : controls) c = 3 + 2.5 * c;
  Matrix<double> x(few, 6);
  fill_symmetric({3, Purpose::test, 2}, std::span<double>(x.data(), std::size_t(x.size())));
  std::vector<std::int32_t> labels(std::size_t(few), 0);
  for (std::size_t n = 0; n < labels.size(); ++n) labels[n] = std::int32_t(n % 4);
  const std::vector<platform::System> system = {0.3, -0.2, 0.1};
  const train::Batch<double> batch{view(std::as_const(x)), labels};
  const train::Point<double> point{controls, {}, {}, system, digital};

  std::vector<double> by_column(count), by_matrix(count), offset_by_column(count), offset_by_matrix(count);
  std::vector<double> digital_gradient(digital.size()), weights(std::size_t(objective.weight_count()));
  train::PointGradient<double> column{by_column, offset_by_column, {}, digital_gradient, {}};
  train::PointGradient<double> matrix{
      by_matrix, offset_by_matrix, weights, digital_gradient, {}};  // asks for W
  const auto loss_by_column =
      objective.gradient(batch, point, network::Statistics::batch, state, column).mean;
  const auto loss_by_matrix =
      objective.gradient(batch, point, network::Statistics::batch, state, matrix).mean;
  CHECK(loss_by_column == Approx(loss_by_matrix).epsilon(1e-12));
  const auto distance = [](const std::vector<double>& a, const std::vector<double>& b) {
    double largest = 0;
    for (std::size_t k = 0; k < a.size(); ++k) largest = std::max(largest, std::abs(a[k] - b[k]));
    return largest;
  };
  CHECK(distance(by_column, by_matrix) < 1e-12);
  CHECK(distance(by_column, by_matrix) > 0);  // two ways round differently
  CHECK(distance(offset_by_column, offset_by_matrix) < 1e-12);
  for (std::size_t k = 0; k < system.size(); ++k)
    CHECK(column.system[k].temperature_k == Approx(matrix.system[k].temperature_k).margin(1e-12));

  const auto value = [&](std::span<const double> moved) {
    return objective.loss(batch, {moved, {}, {}, system, digital}, network::Statistics::batch, state).mean;
  };
  CHECK(test::taylor_order(value, controls, by_column, 3e-3) > 1.8);
}

TEST_CASE("the slope penalty's gradient predicts its change") {
  Bench b(false);
  b.objective->set_slope_penalty(0.1);
  const auto value = [&](std::span<const double> controls) {
    std::vector<double> scratch(controls.size()), digital(b.digital.size());
    train::PointGradient<double> g{scratch, {}, {}, digital, {}};
    return b.objective
        ->gradient(b.batch(), {controls, {}, {}, {}, b.digital}, network::Statistics::batch, b.state, g)
        .mean;
  };
  train::PointGradient<double> g{b.control_gradient, {}, {}, b.digital_gradient, {}};
  b.objective->gradient(b.batch(), {b.controls, {}, {}, {}, b.digital}, network::Statistics::batch, b.state,
                        g);
  CHECK(test::taylor_order(value, b.controls, b.control_gradient, 3e-3) > 1.8);
}
