// Every condition and system parameter has one meaning and one range, wherever it is written.
#include "pnn/study/conditions.hpp"

#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/device/condition.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/network/spec.hpp"
#include "pnn/study/sweep.hpp"
#include "pnn/train/estimator.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;

std::string set_message(const std::string& name, double value) {
  study::Surroundings s;
  return test::message_of<UsageError>([&] { study::set_condition(s, name, value, "--set"); });
}

std::string perturb_message(const std::string& text) {
  train::TrainSettings settings;
  settings.system.perturb = {text};
  return test::message_of<UsageError>([&] { static_cast<void>(train::system_axes(settings)); });
}

std::vector<platform::AnyPlan> optics() {
  return network::resolve({"1x4x4", {"freespace:out=3,grid=2x2"}}, {}).plans();
}

}  // namespace

TEST_CASE("every condition is taken to the ends of its range, and refused beyond them by name and range") {
  for (const study::ConditionName& c : study::condition_names()) {
    INFO(c.name);
    REQUIRE(std::isfinite(c.min));
    REQUIRE(std::isfinite(c.max));
    REQUIRE(c.min < c.max);
    CHECK((std::isnan(c.undisturbed) || (c.undisturbed >= c.min && c.undisturbed <= c.max)));
    CHECK(set_message(c.name, c.min).empty());
    CHECK(set_message(c.name, c.max).empty());
    for (const double beyond : {c.min - 1, c.max + 1, -1e300, 1e300, 1e38, double(NAN), double(INFINITY)}) {
      CHECK_THAT(set_message(c.name, beyond),
                 Contains("--set: " + c.name + " is ") && Contains("expected a number in ["));
    }
    CHECK_THROWS_AS(study::parse_axis(c.name + "=" + std::to_string(c.max + 1)), UsageError);
  }
}

TEST_CASE("a device takes what --set takes, and refuses the same however it is asked") {
  // without layers that a shift could leave, as a condition reaches a device through the protocol
  const auto set = device::fabricate(network::resolve({"4", {"mrr:out=2"}}, {}).plans(), {}, 1, 1);
  const auto chip = device::make_virtual_device(set, 0);
  for (const device::Condition& c : device::condition_table()) {
    INFO(c.name);
    for (const double value : {c.min, c.max}) {
      device::Conditions conditions;
      c.set(conditions, value);
      CHECK_NOTHROW(chip->impose(conditions));
      if (c.name != "dac-bits") CHECK(c.of(conditions).value() == Approx(value).margin(1e-12));
    }
    for (const double value : {c.min - 1, c.max + 1}) {
      device::Conditions conditions;
      c.set(conditions, value);
      CHECK_THROWS_AS(chip->impose(conditions), UsageError);
    }
  }
  device::Conditions late;
  late.dt_s = 1e-300, late.start_s = 1;
  CHECK_THROWS_WITH(chip->impose(late), Contains("more calls"));
}

TEST_CASE("a scale is a factor wherever it is written, and a difference is refused with what to write") {
  const char* help = "a factor: 1.05 is 5 % larger";
  CHECK_THAT(set_message("scale", 0.05), Contains(help));
  CHECK_THAT(perturb_message("scale=0.1"), Contains("--perturb: scale is 0.1") && Contains(help));
  study::Surroundings s;
  study::set_condition(s, "scale", 1.1, "--set");
  CHECK(s.device.system.magnification == Approx(0.1));
  train::TrainSettings settings;
  for (const std::string text : {"scale=1.1", "scale=0.9"}) {
    settings.system.perturb = {text};
    const auto axes = train::system_axes(settings);
    REQUIRE(axes.size() == 1);
    CHECK(axes[0].radius == Approx(0.1));
  }
  settings.system.perturb = {"temperature=1.5,rotation=2,shift-x=3"};
  const auto axes = train::system_axes(settings);
  REQUIRE(axes.size() == 3);
  CHECK(axes[0].radius == 1.5);
  CHECK(axes[1].radius == Approx(2 * 3.14159265358979 / 180));
  CHECK(axes[2].radius == 3);
}

TEST_CASE("every system parameter refuses in --perturb what it refuses in --vary") {
  for (const platform::SystemParameter& p : platform::system_parameters()) {
    INFO(p.name);
    CHECK_FALSE(perturb_message(p.name + "=1e300").empty());
    CHECK(perturb_message(p.name + "=" + std::to_string(p.max)).empty());
    CHECK_FALSE(perturb_message(p.name + "=" + std::to_string(p.max + 1)).empty());
    CHECK(p.to_system(p.nominal) == 0);
  }
}

TEST_CASE("phases in degrees and temperatures in kelvin are told from radians and degrees Celsius") {
  CHECK_THAT(set_message("phase", 180), Contains("in rad") && Contains("180 degrees are 3.1416"));
  CHECK_THAT(set_message("temperature", 296), Contains("in °C"));
}

TEST_CASE("a shift that takes the picture off its plane is refused before anything is evaluated") {
  device::Conditions conditions;
  conditions.system.shift_x_px = 7;
  CHECK_NOTHROW(device::check_conditions(conditions, optics()));
  conditions.system.shift_x_px = -8;
  CHECK_THROWS_WITH(device::check_conditions(conditions, optics()),
                    Contains("freespace1: shift-x is -8 px, beyond a plane that is 8 px wide"));
  // where it reaches no such layer, it takes nothing off
  conditions.reaches = {false};
  CHECK_NOTHROW(device::check_conditions(conditions, optics()));
}
