// What a registration predicts of its targets is what the multiplier does with them.
#include "pnn/platforms/freespace/targets.hpp"
#include "pnn/platforms/freespace/freespace.hpp"
#include "pnn/platforms/freespace/plan.hpp"
#include "pnn/platforms/freespace/process.hpp"

#include "pnn/core/random.hpp"
#include "tests/catch.hpp"

using namespace pnn;

namespace {

struct Layout {
  const char* name;
  platforms::freespace::Plan plan;
};
const Layout layouts[] = {
    {"digits", {"freespace1", 14, 16, 20, 1, 2, 2, 1, 2, 3}},
    {"small", {"freespace1", 5, 4, 6, 2, 3, 0, 1, 2, 2}},
    {"strip", {"freespace1", 3, 1, 24, 3, 1, 1, 0, 3, 1}},
};

}  // namespace

TEST_CASE("the readings predicted of targets are those of the whole multiplier") {
  for (const Layout& layout : layouts) {
    for (const auto signs : {platforms::freespace::Signs::halves, platforms::freespace::Signs::exposures,
                             platforms::freespace::Signs::offset}) {
      for (const bool conserve : {false, true}) {
        platforms::freespace::Plan plan = layout.plan;
        plan.signs = signs;
        plan.per_pixel = conserve;  // the other way in half of the cases
        platforms::freespace::Process process;
        process.contrast = 50;
        process.conserve = conserve ? 1 : 0;
        process.gain_sigma = 0.05;
        process.rotation_sigma_rad = 0.02;
        process.shift_sigma_px = 0.7;
        process.magnification_sigma = 0.03;
        const platforms::freespace::Errors errors = draw_errors(process, 3, int(Purpose::test), 0, 0, 0);
        platforms::freespace::Freespace<double> multiplier(plan, full_physics(process), errors);
        platforms::freespace::TargetReadings registration(plan, process);
        std::vector<double> y(std::size_t(registration.readings()));
        registration.predict({errors.misalignment, process.blur_px, errors.gain}, y);

        INFO(layout.name << ", signs " << int(signs) << (conserve ? ", conserving, per pixel" : ""));
        std::vector<float> passed(std::size_t(plan.control_count()));
        Matrix<double> w(plan.out, plan.in());
        double largest = 0, most = 0;
        for (std::size_t t = 0; t < registration.targets().size(); ++t) {
          const platforms::freespace::Target& target = registration.targets()[t];
          show_target(plan, target, passed);
          const std::vector<double> controls(passed.begin(), passed.end());
          multiplier.evaluate({controls, {}, {}}, view(w));
          const Vector<double> read =
              w * Eigen::Map<const Vector<float>>(target.shown.data(), plan.in()).cast<double>();
          for (Index output = 0; output < plan.out; ++output) {
            const double predicted = y[t * std::size_t(plan.cells()) + std::size_t(output % plan.cells())];
            largest = std::max(largest, std::abs(read[output] - predicted));
            most = std::max(most, std::abs(predicted));
          }
        }
        CHECK(largest < 1e-9 * most);
        CHECK(most > 1);
      }
    }
  }
}

TEST_CASE("the derivative of a reading by the knots of the gain is the change that they make") {
  const platforms::freespace::Plan& plan = layouts[1].plan;
  platforms::freespace::Process process;
  platforms::freespace::TargetReadings registration(plan, process);
  platforms::freespace::Standing standing;
  standing.misalignment.rotation_rad = 0.02;
  standing.blur_px = 0.5;
  standing.gain.assign(std::size_t(platforms::freespace::gain_knots), 0.0);
  fill_symmetric({3, Purpose::test}, standing.gain);
  for (double& z : standing.gain) z *= 0.05;
  std::vector<double> y(std::size_t(registration.readings())), moved(y.size()), step(standing.gain.size());
  Matrix<double> slopes;
  registration.predict(standing, y, &slopes);
  fill_symmetric({3, Purpose::test, 1}, step);
  for (std::size_t k = 0; k < step.size(); ++k) standing.gain[k] += 1e-3 * step[k];
  registration.predict(standing, moved);
  double largest = 0;
  for (std::size_t k = 0; k < y.size(); ++k) {
    const double slope =
        slopes.row(Index(k)).dot(Eigen::Map<const Eigen::RowVectorXd>(step.data(), Index(step.size())));
    largest = std::max(largest, std::abs(moved[k] - y[k] - 1e-3 * slope));
  }
  CHECK(largest < 1e-10);  // the readings are linear in them
}

TEST_CASE("every target lights part of the image and lets part of it pass") {
  for (const Layout& layout : layouts) {
    const auto targets = platforms::freespace::all_targets(layout.plan);
    CHECK(targets.size() >= 6);
    for (const platforms::freespace::Target& target : targets) {
      INFO(layout.name << ": " << target.name);
      for (const std::vector<float>* picture : {&target.shown, &target.passed}) {
        REQUIRE(Index(picture->size()) == layout.plan.in());
        const auto lit = std::count(picture->begin(), picture->end(), 1.0F);
        CHECK(lit + std::count(picture->begin(), picture->end(), 0.0F) == layout.plan.in());
        CHECK(lit > 0);
        CHECK((lit < layout.plan.in()) == (target.name != "all"));
      }
    }
  }
}
