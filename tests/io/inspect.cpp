#include "pnn/io/inspect.hpp"

#include <algorithm>

#include "edit.hpp"
#include "pnn/core/errors.hpp"
#include "samples.hpp"
#include "tests/catch.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using pnn::test::TemporaryFolder;

const io::Entry& entry(const io::Summary& summary, const std::string& path) {
  const auto found = std::find_if(summary.entries.begin(), summary.entries.end(),
                                  [&](const io::Entry& e) { return e.path == path; });
  REQUIRE(found != summary.entries.end());
  return *found;
}

}  // namespace

TEST_CASE("a summary tells maker, ancestors, datasets and their numbers") {
  const TemporaryFolder folder;
  io::write_params(folder / "p.h5", samples::params(), samples::header());
  const io::Summary summary = io::inspect(folder / "p.h5", io::Truth::hidden);
  CHECK(summary.filetype == "params");
  CHECK(summary.header.history == samples::header().history);
  CHECK(summary.hash == io::read_params(folder / "p.h5").hash);
  const io::Entry& controls = entry(summary, "/controls/mrr1");
  CHECK(controls.shape == std::vector<std::size_t>{5, 6});
  CHECK(controls.axes == std::vector<std::string>{"out", "in"});
  CHECK(controls.units == "mA");
  CHECK(controls.min == 0);
  CHECK(controls.max == Approx(2.9));
  CHECK(controls.mean == Approx(1.45));
  CHECK(controls.count == 30);
  const auto power = std::find_if(summary.facts.begin(), summary.facts.end(),
                                  [](const io::Fact& f) { return f.name == "heater power, mean"; });
  REQUIRE(power != summary.facts.end());
  CHECK_THAT(power->value, Contains(" mW"));
  CHECK_THAT(io::summary_json(summary),
             Contains("\"filetype\":\"params\"") && Contains("\"/controls/mrr1\""));
}

TEST_CASE("missing numbers are counted apart") {
  const TemporaryFolder folder;
  io::write_curves(folder / "c.h5", samples::curves(), {});
  const io::Summary summary = io::inspect(folder / "c.h5", io::Truth::hidden);
  CHECK(entry(summary, "/curves/mrr1/control").missing == 1);
  CHECK(entry(summary, "/curves/mrr1/control").count == 29);
}

TEST_CASE("the truth of a device is shown only to who asks for it") {
  const TemporaryFolder folder;
  const std::string path = folder / "d.h5";
  io::write_device(path, samples::device(), {});
  const io::Entry hidden = entry(io::inspect(path, io::Truth::hidden), "/truth/mrr1/delta");
  CHECK(hidden.hidden);
  CHECK(hidden.count == 0);
  CHECK(hidden.max == 0);
  CHECK(hidden.shape == std::vector<std::size_t>{2, 12});
  CHECK(entry(io::inspect(path, io::Truth::shown), "/truth/mrr1/delta").count == 24);
  CHECK_THROWS_AS(io::dataset_csv(path, "/truth/mrr1/delta", io::Truth::hidden), UsageError);
  CHECK_THROWS_AS(io::dataset_csv(path, "truth/mrr2/delta", io::Truth::hidden), UsageError);
  CHECK_THAT(io::dataset_csv(path, "/truth/mrr2/delta", io::Truth::shown),
             Contains("device,ring,value\n0,0,0.5\n0,1,0.51\n"));
}

TEST_CASE("a dataset as CSV has its indices along named axes, and as many digits as it stores") {
  const TemporaryFolder folder;
  io::write_params(folder / "p.h5", samples::params(), {});
  const std::string csv = io::dataset_csv(folder / "p.h5", "controls/mrr2", io::Truth::hidden);
  CHECK_THAT(csv, Catch::Matchers::StartsWith("out,in,value\n0,0,0\n0,1,0.2\n"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 16);
  CHECK(io::dataset_csv(folder / "p.h5", "/network/layers", io::Truth::hidden) ==
        "layer,value\n0,mrr:out=5\n1,relu\n2,mrr:out=3\n");
  CHECK_THROWS_WITH(io::dataset_csv(folder / "p.h5", "/controls/mrr3", io::Truth::hidden),
                    Contains("did you mean \"/controls/mrr"));
}

TEST_CASE("whole files of every filetype pass the whole check") {
  const TemporaryFolder folder;
  const Provenance header = samples::header();
  io::write_dataset(folder / "1", samples::dataset(), header);
  io::write_device(folder / "2", samples::device(), header);
  io::write_curves(folder / "3", samples::curves(), header);
  io::write_model(folder / "4", samples::model(), header);
  io::write_params(folder / "5", samples::params(), header);
  io::write_result(folder / "6", samples::result(), header);
  io::write_tuning(folder / "7", samples::tuning(), header);
  for (const char* name : {"1", "2", "3", "4", "5", "6", "7"}) CHECK(io::validate(folder / name).empty());
}

TEST_CASE("the whole check finds what the reader need not: strangers, missing words and names") {
  const TemporaryFolder folder;
  const std::string path = folder / "r.h5";
  io::write_result(path, samples::result(), {});
  {
    const edit::File file(path);
    file.replace("/stranger", {2}, {1, 2}, "1");
    file.replace("/power_mean", {2}, {1, 2}, "mW");
    file.remove("/tool");
  }
  const std::vector<std::string> complaints = io::validate(path);
  const auto said = [&](const std::string& part) {
    return std::any_of(complaints.begin(), complaints.end(),
                       [&](const std::string& c) { return c.find(part) != std::string::npos; });
  };
  CHECK(said("/tool is missing"));
  CHECK(said("/stranger: has no place in a result file"));
  CHECK(said("/power_mean: expected an attribute description, found none"));
  CHECK(said("/power_mean: axis 0 has no name"));
  CHECK(said("/power_mean: no dimension labels"));
  CHECK(complaints.size() == 5);
  CHECK(io::inspect(path, io::Truth::hidden).facts.at(0).name == "damage");
}
