// Training a free-space network: robust to a misalignment by every way of choosing it, at the cost that was
// told.
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/platforms/freespace/platform.hpp"
#include "pnn/platforms/freespace/process.hpp"
#include "pnn/train/estimator.hpp"
#include "pnn/train/loop.hpp"
#include "tests/catch.hpp"
#include "tests/process.hpp"
#include "tests/taylor.hpp"
#include "tests/train/small.hpp"

using namespace pnn;
using train::Method;

namespace {

struct Setting : test::Learner {
  Setting()
      : Learner({"12", {"freespace:out=8,grid=2x2,image=3x4,signed=exposures", "sigmoid", "freespace:out=3"}},
                test::clusters(12, 300, 90, 0.3F, 1.0F), 30, 2e-2) {}
};

}  // namespace

TEST_CASE("every method trains transmissions within their range, at equal cost") {
  for (const train::Method method : {Method::bp, Method::noise, Method::sam, Method::process, Method::sat}) {
    INFO(word_of(method));
    Setting s;
    s.settings.method = method;
    s.settings.length.budget = 90;
    test::edit<platforms::freespace::Process>(s.process)->shift_sigma_px =
        0.3;  // what the chips of method process differ in
    const train::Params p = s.train();
    CHECK(p.history.gradients.back() == Approx(90));
    CHECK(p.history.test_score.back() > 0.8);
    for (const auto& tensor : p.controls) {
      for (const float c : tensor.values.data) REQUIRE((c >= 0.0F && c <= 1.0F));
    }
  }
}

TEST_CASE("a misalignment is chosen by gradient, by differences, among candidates or by chance") {
  for (const train::SystemChoice system : {train::SystemChoice::gradient, train::SystemChoice::differences,
                                           train::SystemChoice::worst, train::SystemChoice::random}) {
    INFO(word_of(system));
    Setting s;
    s.settings.method = Method::sat;
    s.settings.perturbation.rho = 0.001;
    s.settings.system.perturb = {"rotation=2,shift=0.4", "scale=1.05"};
    s.settings.system.choice = system;
    s.settings.system.candidate_ends = system == train::SystemChoice::worst;
    s.settings.length.epochs = 3;
    // four axes: two losses each, or 1 + 2 candidates and two ends each
    const double extra = system == train::SystemChoice::differences ? 8 / 3.0
                         : system == train::SystemChoice::worst     ? 11 / 3.0
                                                                    : 0;
    CHECK(train::Estimator::cost_of_step(s.settings) == Approx(2 + extra));
    const train::Params whole = s.train();
    CHECK(whole.history.gradients.back() == Approx(30 * (2 + extra)));
    CHECK(whole.history.test_score.back() > 0.8);
    s.settings.perturbation.ascent.reuse = 4;
    const train::Params reused = s.train();
    train::Params saved;
    test::StopAfter progress(13);
    CHECK_THROWS_AS(s.train(nullptr, &progress, &saved), Interrupted);
    const train::Params resumed = s.train(&saved);
    for (std::size_t k = 0; k < reused.controls.size(); ++k)
      CHECK(resumed.controls[k].values.data == reused.controls[k].values.data);
  }
}

TEST_CASE("differences find the side to which the loss rises, as the gradient does") {
  Setting s;
  const model::Model model = s.model();
  train::Objective<double> objective(s.net, model::make_maps<double>(model, 0), network::Task::classify, 30);
  std::vector<double> controls(std::size_t(objective.control_count())), digital{1, 1}, state;
  fill_symmetric({1, Purpose::test, 3}, controls);
  for (double& c : controls) c = 0.5 + 0.4 * c;
  const Matrix<double> x = s.data.train.x.topRows(30).cast<double>();
  const std::vector<std::int32_t> labels(s.data.train.y.begin(), s.data.train.y.begin() + 30);
  std::vector<platform::System> at(2);
  for (platform::System& system : at) {
    system.rotation_rad = 0.013;
    system.shift_x_px = 0.21;
    system.shift_y_px = -0.33;
    system.magnification = 0.017;
  }
  std::vector<double> by_control(controls.size()), by_digital(digital.size());
  train::PointGradient<double> g{by_control, {}, {}, by_digital, {}};
  const train::Batch<double> batch{view(x), labels};
  objective.gradient(batch, {controls, {}, {}, at, digital}, network::Statistics::batch, state, g);
  for (const platform::SystemParameter& p : platform::system_parameters()) {
    INFO(p.name);
    const auto loss = [&](std::span<const double> values) {
      std::vector<platform::System> moved = at;
      for (std::size_t layer = 0; layer < 2; ++layer) p.at(moved[layer]) = values[layer];
      return objective.loss(batch, {controls, {}, {}, moved, digital}, network::Statistics::batch, state)
          .mean;
    };
    const std::vector<double> here{p.at(at[0]), p.at(at[1])}, slope{p.at(g.system[0]), p.at(g.system[1])};
    CHECK(test::taylor_order(loss, here, slope, 2e-4) > 1.8);
    CHECK((slope[0] != 0) == platform::acts_on(p, s.net.plans().front()));
  }
}

TEST_CASE("a system parameter that acts on nothing, or is none, is refused") {
  Setting s;
  s.settings.system.perturb = {"temperature=1"};
  CHECK_THROWS_WITH(s.train(), Catch::Contains("temperature acts on no layer") &&
                                   Catch::Contains("rotation, shift-x, shift-y, scale"));
  s.settings.system.perturb = {"rotatoin=1"};
  CHECK_THROWS_WITH(s.train(), Catch::Contains("did you mean \"rotation\""));
  s.net = network::resolve({"12", {"mrr:out=3"}}, {});
  s.settings.system.perturb = {"shift=1"};
  CHECK_THROWS_WITH(s.train(), Catch::Contains("shift-x acts on no layer"));
}
