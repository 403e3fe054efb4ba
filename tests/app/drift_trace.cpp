#include "pnn/app/drift_trace.hpp"

#include "pnn/core/errors.hpp"
#include "tests/app/context.hpp"
#include "tests/app/small_chain.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

study::SweepInput with_trace(const test::SmallChain& chain, const app::TraceSettings& settings,
                             test::FakeContext& context) {
  study::SweepInput in{.tool = "pnn-test", .network = chain.net, .data = chain.data};
  app::add_trace(in, settings, {}, context);
  return in;
}

}  // namespace

TEST_CASE("a trace becomes an axis of times from its first to its last sample, and a drift along it") {
  const test::SmallChain chain;
  app::TraceSettings settings;
  settings.path = chain.folder.write("trace.csv", "time,temperature\n10,22\n20,22.5\n40,21\n");
  settings.points = 4;
  test::FakeContext context;
  const study::SweepInput in = with_trace(chain, settings, context);
  CHECK(context.roles() == std::vector<std::string>{"trace"});
  REQUIRE(in.axes.size() == 1);
  CHECK(in.axes.front().name == "time");
  CHECK(in.axes.front().values == std::vector<double>{10, 20, 30, 40});
  CHECK(in.trace_time_s == std::vector<double>{10, 20, 40});
  CHECK(in.trace_drift_k == std::vector<double>{0, 0.5, -1});
  CHECK(context.warnings.empty());
}

TEST_CASE("a weight that no ring shows is held at its limit and told, in either name of its column") {
  const test::SmallChain chain;
  for (const char* name : {"weight", "response"}) {
    app::TraceSettings settings;
    settings.path = chain.folder.write("trace.csv", std::string("time,") + name + "\n0,0.5\n1,0.9\n2,7\n");
    settings.column = app::Recorded::weight;
    settings.scale = 1;
    test::FakeContext context;
    CHECK(with_trace(chain, settings, context).trace_drift_k.size() == 3);
    REQUIRE(context.warnings.size() == 1);
    CHECK_THAT(context.warnings.front(), Contains("1 of 3 samples are outside what an element can show"));
  }
}

TEST_CASE("a table without the column of the trace is refused") {
  const test::SmallChain chain;
  app::TraceSettings settings;
  settings.path = chain.folder.write("trace.csv", "time,power\n0,1\n1,2\n");
  test::FakeContext context;
  CHECK_THAT(test::message_of<InputError>([&] { with_trace(chain, settings, context); }),
             Contains("temperature"));
}
