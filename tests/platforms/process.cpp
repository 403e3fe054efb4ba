#include "pnn/platforms/d2nn/process.hpp"
#include "pnn/platform/process.hpp"
#include "pnn/platforms/d2nn/platform.hpp"
#include "pnn/platforms/freespace/platform.hpp"
#include "pnn/platforms/freespace/process.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/platforms/mzi/platform.hpp"
#include "pnn/platforms/mzi/process.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "tests/catch.hpp"
#include "tests/process.hpp"

using namespace pnn;
using platform::Process;
using platform::set_process_value;

TEST_CASE("a process value is set by its name, with or without its unit") {
  Process all;
  set_process_value(all, "mrr.delta.sigma=0.1");
  CHECK(all.as<platforms::mrr::Process>().delta_sigma_nm == 0.1);
  set_process_value(all, "mrr.delta.sigma=0.2nm");
  CHECK(all.as<platforms::mrr::Process>().delta_sigma_nm == 0.2);
  set_process_value(all, " mrr.kappa = 0.07 nm/K");
  CHECK(all.as<platforms::mrr::Process>().kappa_nm_per_k == 0.07);
  set_process_value(all, "mrr.polarity=thru-drop");
  CHECK(all.as<platforms::mrr::Process>().polarity() == platforms::mrr::Polarity::thru_drop);
  for (const char* name :
       {"mrr.r.sigma", "mrr.crosstalk", "mrr.dac.bits", "mrr.readout.noise", "mrr.jitter"}) {
    CHECK_NOTHROW(set_process_value(all, std::string(name) + "=0"));
  }
}

TEST_CASE("a wrong process value says where, what was expected and what was found") {
  CHECK(test::refusal_of("mrr.delta.sigm=0.1") ==
        "unknown process value \"mrr.delta.sigm\"; did you mean \"mrr.delta.sigma\"?");
  CHECK(test::refusal_of("mrr.delta.sigma=0.1mA") ==
        "mrr.delta.sigma: expected a number in [0, 100] nm, found \"0.1mA\"");
  CHECK(test::refusal_of("mrr.r=2") == "mrr.r: expected a number in [0.5, 0.9999], found \"2\"");
  CHECK(test::refusal_of("mrr.dac.bits=1.5").find("a whole number") != std::string::npos);
  CHECK(test::refusal_of("mrr.a=nan").find("expected") != std::string::npos);
  CHECK(test::refusal_of("mrr.a=").find("expected") != std::string::npos);
  CHECK(test::refusal_of("mrr.a").find("NAME=VALUE") != std::string::npos);
  CHECK(test::refusal_of("mrr.polarity=up").find("drop-thru or thru-drop") != std::string::npos);
}

TEST_CASE("numbers of a process that do not fit together are all reported") {
  platforms::mrr::Process process;
  process.current_min_ma = 6;
  process.chip_cols = 9;
  process.beta_per_ma2 = -0.05;
  const auto wrong = platform::check_process(process);
  REQUIRE(wrong.size() == 3);
  CHECK(wrong[0].find("mrr.current.min") != std::string::npos);
  CHECK(wrong[1].find("at most 8 channels") != std::string::npos);
  CHECK(wrong[2].find("mrr.beta") != std::string::npos);
}
