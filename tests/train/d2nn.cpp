// Training a diffractive network: gradients through network, light and masks, and every method at its cost.
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/train/estimator.hpp"
#include "pnn/train/loop.hpp"
#include "tests/catch.hpp"
#include "tests/taylor.hpp"
#include "tests/train/small.hpp"

using namespace pnn;
using train::Method;

namespace {

struct Diffraction : test::Learner {
  Diffraction()
      : Learner({"12", {"d2nn:out=3,pixels=24,gap=0.1,image=3x4,detectors=1x3,moving=all", "normalize"}},
                test::clusters(12, 300, 90, 0.3F, 1.0F), 30, 5e-2) {}
};

}  // namespace

TEST_CASE(
    "gradients through a network of masks predict the change of the loss, by phases and by the system") {
  Diffraction s;
  const model::Model model = s.model();
  train::Objective<double> objective(s.net, model::make_maps<double>(model, 0), network::Task::classify, 30);
  std::vector<double> controls(std::size_t(objective.control_count())), digital{3}, state;
  fill_symmetric({1, Purpose::test, 3}, controls);
  for (double& c : controls) c *= 3;
  const Matrix<double> x = s.data.train.x.topRows(30).cast<double>();
  const std::vector<std::int32_t> labels(s.data.train.y.begin(), s.data.train.y.begin() + 30);
  std::vector<platform::System> at(1);
  at[0].rotation_rad = 0.013;
  at[0].shift_x_px = 0.21;
  at[0].shift_y_px = -0.33;
  at[0].magnification = 0.017;
  at[0].axial_um = 4;
  std::vector<double> by_control(controls.size()), by_digital(digital.size());
  train::PointGradient<double> g{by_control, {}, {}, by_digital, {}};
  const train::Batch<double> batch{view(x), labels};
  objective.gradient(batch, {controls, {}, {}, at, digital}, network::Statistics::batch, state, g);
  const auto by_phase = [&](std::span<const double> values) {
    return objective.loss(batch, {values, {}, {}, at, digital}, network::Statistics::batch, state).mean;
  };
  CHECK(test::taylor_order(by_phase, controls, by_control, 0.02) > 1.8);
  for (const platform::SystemParameter& p : platform::system_parameters()) {
    INFO(p.name);
    const auto loss = [&](std::span<const double> values) {
      std::vector<platform::System> moved = at;
      p.at(moved[0]) = values[0];
      return objective.loss(batch, {controls, {}, {}, moved, digital}, network::Statistics::batch, state)
          .mean;
    };
    const std::vector<double> here{p.at(at[0])}, slope{p.at(g.system[0])};
    CHECK(test::taylor_order(loss, here, slope, p.shared == &platform::System::axial_um ? 0.05 : 1e-4) > 1.8);
    CHECK((slope[0] != 0) == platform::acts_on(p, s.net.plans().front()));
  }
}

TEST_CASE("every method trains phases, at equal cost") {
  for (const train::Method method : {Method::bp, Method::noise, Method::sam, Method::process, Method::sat}) {
    INFO(word_of(method));
    Diffraction s;
    s.settings.method = method;
    s.settings.length.budget = 90;
    if (s.settings.traits().ascends) s.settings.perturbation.rho = 0.005;
    if (s.settings.traits().adds_noise) s.settings.perturbation.sigma = 0.01;
    const train::Params p = s.train();
    CHECK(p.history.gradients.back() == Approx(90));
    CHECK(p.history.test_score.back() > 0.8);
  }
}

TEST_CASE("a misalignment of masks is chosen by gradient, by differences, among candidates or by chance") {
  for (const train::SystemChoice system : {train::SystemChoice::gradient, train::SystemChoice::differences,
                                           train::SystemChoice::worst, train::SystemChoice::random}) {
    INFO(word_of(system));
    Diffraction s;
    s.settings.method = Method::sat;
    s.settings.perturbation.rho = 0.001;
    s.settings.system.perturb = {"rotation=2,shift=0.4", "axial=10"};
    s.settings.system.choice = system;
    s.settings.length.epochs = 3;
    const train::Params whole = s.train();
    CHECK(whole.history.test_score.back() > 0.7);
    train::Params saved;
    test::StopAfter progress(13);
    CHECK_THROWS_AS(s.train(nullptr, &progress, &saved), Interrupted);
    const train::Params resumed = s.train(&saved);
    for (std::size_t k = 0; k < whole.controls.size(); ++k)
      CHECK(resumed.controls[k].values.data == whole.controls[k].values.data);
  }
}
