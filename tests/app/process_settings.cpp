#include "pnn/app/process_settings.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"

#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

TEST_CASE("values of --set come first, and --variance multiplies the spreads that they leave") {
  app::ProcessSettings settings;
  settings.set = {"mrr.delta.sigma=0.1", "mrr.chip.rows=4"};
  settings.variance = 2;
  const platform::Process design, changed = settings.applied_to(design);
  CHECK(changed.as<platforms::mrr::Process>().delta_sigma_nm == Approx(0.2));
  CHECK(changed.as<platforms::mrr::Process>().eta_sigma ==
        Approx(2 * design.as<platforms::mrr::Process>().eta_sigma));
  CHECK(changed.as<platforms::mrr::Process>().chip_rows == 4);
  CHECK(changed.as<platforms::mrr::Process>().delta_nm ==
        design.as<platforms::mrr::Process>().delta_nm);  // a design value is no spread
  settings.variance = 0;
  CHECK(settings.applied_to(design).as<platforms::mrr::Process>().delta_sigma_nm == 0);
}

TEST_CASE("a process that makes no sense is refused with every complaint in one sentence") {
  app::ProcessSettings settings;
  settings.set = {"mrr.current.min=6"};
  const std::string said = test::message_of<UsageError>([&] { static_cast<void>(settings.applied_to({})); });
  CHECK_THAT(said, Contains("process: ") && Contains("mrr.current"));
  settings.set = {"mrr.dleta=1"};
  CHECK_THAT(test::message_of<UsageError>([&] { static_cast<void>(settings.applied_to({})); }),
             Contains("mrr.delta"));
}

TEST_CASE("a layer that names no chip takes the chip of the process") {
  app::ProcessSettings settings;
  settings.set = {"mrr.chip.rows=4", "mrr.chip.cols=3"};
  const network::NetworkSpec spec{"6", {"mrr:out=5"}};
  const network::Resolved net = network::resolve(spec, settings.applied_to({}));
  CHECK(platforms::mrr::bank_of(net.plans().front())->rings() == 12);
  CHECK(platforms::mrr::bank_of(network::resolve(spec, {}).plans().front())->rings() == 16 * 8);
}
