#include "pnn/app/device_source.hpp"

#include "pnn/core/errors.hpp"
#include "tests/app/context.hpp"
#include "tests/app/small_chain.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

TEST_CASE("a file of chips is a source of all of its devices, behind their guard") {
  const test::SmallChain chain;
  test::FakeContext context;
  const app::DeviceSource source(chain.chips, {}, "device", chain.net.spec, {}, context);
  CHECK(context.roles() == std::vector<std::string>{"device"});
  CHECK(source.numbers() == std::vector<std::size_t>{0, 1});
  REQUIRE(source.set() != nullptr);
  CHECK(source.reads_states());
  CHECK(source.takes_conditions());
  CHECK(source.network() == chain.net.spec);
  const auto chip = source.open(1);
  CHECK(chip->layers().size() == 1);
  source.account(context);
  CHECK(context.warnings.empty());
}

TEST_CASE("controls that the owner's limits held are told") {
  const test::SmallChain chain;
  device::DriverSettings settings;
  settings.guard.limits = {"mrr1=0:2"};
  test::FakeContext context;
  const app::DeviceSource source(chain.chips, settings, "device", {}, {}, context);
  const auto chip = source.open(0);
  const std::vector<float> controls(std::size_t(chip->layers().front().plan->controls()), 3.0F);
  chip->set_controls(0, controls);
  source.account(context);
  REQUIRE(context.warnings.size() == 1);
  CHECK_THAT(context.warnings.front(), Contains("--limits: 18 controls were held"));
}

TEST_CASE("chips of another network than is expected are refused, and without an expectation any are taken") {
  const test::SmallChain chain;
  test::FakeContext context;
  CHECK_NOTHROW(app::DeviceSource(chain.chips, {}, "device", {}, {}, context));
  const network::NetworkSpec other = network::resolve({"6", {"mrr:out=5", "mrr:out=3"}}, {}).spec;
  CHECK_THAT(
      test::message_of<InputError>([&] { app::DeviceSource(chain.chips, {}, "device", other, {}, context); }),
      Contains("chips.h5: made for another network"));
}
