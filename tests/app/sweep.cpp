#include "pnn/app/sweep.hpp"

#include <cstdlib>

#include "pnn/core/errors.hpp"
#include "tests/app/context.hpp"
#include "tests/app/small_chain.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

app::SweepSettings settings_of(const test::SmallChain& chain) {
  app::SweepSettings settings;
  settings.params = {chain.params};
  settings.data = chain.samples;
  settings.devices = chain.chips;
  settings.vary = {"drift=0,1"};
  settings.output = chain.folder / "out.h5";
  return settings;
}

/// Loads, sets up and runs a sweep as a tool does.
void run(const app::SweepSettings& settings, test::FakeContext& context) {
  const app::Evaluation e = app::load_evaluation(settings, context);
  study::SweepInput in = app::sweep_input(e, "pnn-test", settings, context);
  app::run_sweep(in, e, settings, context);
}

/// A variable of the environment, for as long as this lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

}  // namespace

TEST_CASE("devices are all of the target, or those of a list or a range") {
  const std::vector<std::size_t> all{0, 1, 2, 3};
  using Numbers = std::vector<std::size_t>;
  CHECK(app::device_indices(all, "") == all);
  CHECK(app::device_indices(all, "3,0") == Numbers{3, 0});
  CHECK(app::device_indices(all, "0:3:1") == Numbers{0, 1, 2, 3});
  CHECK(app::device_indices(all, "1:3") == Numbers{1, 2, 3});
  CHECK(app::device_indices(all, "0:3:2") == Numbers{0, 2});
  for (const char* text : {"-1", "0.5", "1e30"})
    CHECK_THAT(test::message_of<UsageError>([&] { app::device_indices(all, text); }),
               Contains("--index: expected device numbers from 0, found "));
}

TEST_CASE("a shard is named by its number, or by the task of a job array") {
  CHECK(app::this_shard("").count == 1);
  CHECK(app::this_shard("2/5").index == 2);
  const Variable id("SLURM_ARRAY_TASK_ID", "4"), first("SLURM_ARRAY_TASK_MIN", "1"),
      count("SLURM_ARRAY_TASK_COUNT", "8");
  const study::Shard shard = app::this_shard("slurm");
  CHECK(shard.index == 3);
  CHECK(shard.count == 8);
}

TEST_CASE("the settings of a command line become the sweep that they mean") {
  const test::SmallChain chain;
  app::SweepSettings settings = settings_of(chain);
  settings.index = "1";
  settings.vary = {"drift=0,1", "mrr.delta.sigma=0,0.05,0.1"};
  settings.repeat = 3;
  settings.shard = "1/2";
  test::FakeContext context;
  context.number = 11;
  const app::Evaluation e = app::load_evaluation(settings, context);
  const study::SweepInput in = app::sweep_input(e, "pnn-test", settings, context);
  CHECK(in.target.indices == std::vector<std::size_t>{1});
  REQUIRE(in.axes.size() == 2);
  CHECK(in.axes[1].name == "mrr.delta.sigma");
  CHECK(in.repeats == 3);
  CHECK(in.shard == 1);
  CHECK(in.shards == 2);
  CHECK(in.seed == 11);
}

TEST_CASE("fine-tuning needs devices, and models of their network") {
  const test::SmallChain chain;
  app::SweepSettings settings = settings_of(chain);
  settings.finetuning.train.length.steps = 5;
  test::FakeContext context;
  const auto said = [&](auto error) {
    return test::message_of<decltype(error)>([&] {
      const app::Evaluation e = app::load_evaluation(settings, context);
      app::sweep_input(e, "pnn-test", settings, context);
    });
  };
  CHECK_THAT(said(UsageError("")), Contains("--models"));
  settings.models = chain.model;
  CHECK(said(UsageError("")).empty());
  settings.devices = chain.model;
  CHECK_THAT(said(UsageError("")), Contains("--finetune-steps: ") && Contains("is a model"));
  settings.devices = chain.chips;
  const network::Resolved other = network::resolve({"6", {"mrr:out=5", "mrr:out=3"}}, {});
  settings.models = chain.folder / "other.h5";
  io::write_model(settings.models, {other.spec, model::nominal_model(other.plans(), {})}, {});
  CHECK_THAT(said(InputError("")), Contains("other.h5: made for another network than the parameters"));
}

TEST_CASE(
    "a shard that is resumed by its own command keeps what it has, and another sweep does not take it") {
  const test::SmallChain chain;
  app::SweepSettings settings = settings_of(chain);
  test::FakeContext context;
  context.header.command = "pnn-test vary=drift=0,1";
  run(settings, context);
  const std::string bytes = chain.folder.read("out.h5");
  CHECK(context.accounts.at("device calls") > 0);

  settings.unfinished.resume = settings.output;
  test::FakeContext again;
  again.header.command = context.header.command;
  run(settings, again);
  CHECK(again.accounts.at("device calls") == 0);  // nothing was left to do
  CHECK(chain.folder.read("out.h5") == bytes);

  test::FakeContext other;
  other.header.command = "pnn-test vary=drift=0,2";
  settings.vary = {"drift=0,2"};
  CHECK_THAT(test::message_of<UsageError>([&] { run(settings, other); }),
             Contains("begun with other options"));
  CHECK(chain.folder.read("out.h5") == bytes);
}

TEST_CASE("a dry run counts the evaluations of the sweep and leaves no file") {
  const test::SmallChain chain;
  app::SweepSettings settings = settings_of(chain);
  settings.dry_run = true;
  settings.repeat = 3;
  test::FakeContext context;
  const std::size_t files = chain.folder.size();
  run(settings, context);
  CHECK_THAT(context.told.json_object(),
             Contains("\"evaluations\": 12"));  // 2 conditions, 2 devices, 3 repeats
  CHECK(chain.folder.size() == files);
}
