#include "pnn/app/measurement.hpp"

#include <cstring>

#include "pnn/core/errors.hpp"
#include "tests/app/context.hpp"
#include "tests/app/small_chain.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

/// Asks to stop at the `left`-th question.
class StopSoon final : public cli::Context {
 public:
  explicit StopSoon(int left) : stop_(left) {}
  [[nodiscard]] bool asked(const std::string&) const override { return false; }
  [[nodiscard]] bool decided(const std::string&) const override { return false; }
  [[nodiscard]] std::uint64_t seed() const override { return own_.seed(); }
  [[nodiscard]] Progress& progress() override { return stop_; }
  [[nodiscard]] Provenance provenance() const override { return own_.provenance(); }
  void parent(const std::string& role, const std::string& filetype, const std::string& hash,
              const Provenance& header) override {
    own_.parent(role, filetype, hash, header);
  }
  [[nodiscard]] cli::Report& report() override { return own_.report(); }
  void warn(const std::string& message) override { own_.warn(message); }
  void account(const std::string& what, std::uint64_t count) override { own_.account(what, count); }
  void check_output(const std::string& path) override { own_.check_output(path); }
  [[nodiscard]] double elapsed_seconds() const override { return own_.elapsed_seconds(); }

 private:
  test::StopAfter stop_;
  test::FakeContext own_;
};

struct Lab {
  test::SmallChain chain;
  study::CharacterizeSettings sweeps;
  std::string output = chain.folder / "curves.h5";

  Lab() { sweeps.points = 8; }
  io::CurvesFile measure(cli::Context& context, const std::string& resume = "") const {
    app::UnfinishedFile unfinished({resume, ""}, output, context);
    const app::DeviceSource source(chain.chips, {}, "device", {}, {}, context);
    return app::measure({source, source.numbers(), sweeps, output}, unfinished, context);
  }
};

}  // namespace

TEST_CASE("a measurement that ended early goes on from its output and ends in the same curves") {
  const Lab lab;
  test::FakeContext whole;
  const io::CurvesFile expected = lab.measure(whole);
  CHECK(expected.curves.chips.front().response.dim(0) == 2);
  CHECK(whole.accounts.at("device calls") > 0);
  CHECK_FALSE(lab.chain.folder.holds("curves.h5"));  // its caller writes what is whole

  StopSoon stopped(4);
  const std::string said = test::message_of<Interrupted>([&] { lab.measure(stopped); });
  CHECK_THAT(said, Contains("what is done is in") && Contains("--resume"));
  REQUIRE(lab.chain.folder.holds("curves.h5.partial"));
  CHECK_FALSE(lab.chain.folder.holds("curves.h5"));
  test::FakeContext again;
  const io::CurvesFile resumed = lab.measure(again, lab.output);
  const std::vector<double>&a = resumed.curves.chips.front().response.data,
        &b = expected.curves.chips.front().response.data;
  REQUIRE(a.size() == b.size());
  CHECK(std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);  // rings that no layer uses are NaN

  test::FakeContext other;
  other.header.command = "pnn-characterize points=7";
  CHECK_THAT(test::message_of<UsageError>([&] { lab.measure(other, lab.output); }),
             Contains("begun with other options"));
}

TEST_CASE("what a measurement would cost is told without measuring it") {
  const Lab lab;
  test::FakeContext context;
  const app::DeviceSource source(lab.chain.chips, {}, "device", {}, {}, context);
  app::report_cost({source, source.numbers(), lab.sweeps, lab.output}, context);
  CHECK_THAT(context.told.json_object(), Contains("\"device_calls\"") && Contains("\"dry_run\": 1"));
  CHECK_FALSE(lab.chain.folder.holds("curves.h5"));
}
