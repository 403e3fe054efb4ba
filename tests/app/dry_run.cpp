#include "pnn/app/dry_run.hpp"

#include <cmath>

#include "pnn/core/errors.hpp"
#include "tests/app/context.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_folder.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

/// The number of a member of a JSON object that holds it on no second place.
double member(const std::string& object, const std::string& name) {
  const std::size_t at = object.find("\"" + name + "\":");
  REQUIRE(at != std::string::npos);
  return std::stod(object.substr(at + name.size() + 3));
}

}  // namespace

TEST_CASE("a cost is told in counts, in time with that of reading the inputs, and in memory") {
  test::FakeContext context;  // whose inputs were read in 2 s
  app::report_forecast(context, [] {
    Forecast f;
    f.counts = {{"device calls", 1200}, {"evaluations", 30}};
    f.seconds = 40;
    f.rehearsed = 7;
    f.unit = "evaluations";
    f.held_bytes = std::uint64_t(1) << 33;
    return f;
  });
  const std::string object = context.told.json_object(), table = context.told.text();
  CHECK(member(object, "dry_run") == 1);
  CHECK(member(object, "device_calls") == 1200);
  CHECK(member(object, "evaluations") == 30);
  CHECK(member(object, "seconds") == 42);
  CHECK(member(object, "memory_bytes") > std::pow(2.0, 33));  // with what this process holds itself
  CHECK(member(object, "memory_bytes") < std::pow(2.0, 33) + 16e9);
  CHECK_THAT(object, Contains("\"7 evaluations\""));
  CHECK_THAT(table, Contains("nothing written") && Contains("device calls") && Contains("1200"));
}

TEST_CASE("saving is counted once at the end, and between as often as the time holds it") {
  const test::TemporaryFolder folder;
  const std::string output = folder / "out.h5";
  Forecast once, often;
  once.seconds = 1, often.seconds = 1e6;
  app::add_saving(once, output, 1 << 20, 1e9);
  CHECK(once.seconds > 1);
  app::add_saving(often, output, 1 << 20, 1e-9);
  // every twenty times what saving takes: a twentieth of the time, to the rounding of one saving
  CHECK(often.seconds == Approx(1.05e6).epsilon(1e-3));
  CHECK(folder.size() == 0);
}

TEST_CASE("the option --dry-run is no setting that a file records") {
  Options options;
  bool dry_run = true;
  app::describe_dry_run(options, dry_run);
  CHECK(options.canonical().empty());
}
