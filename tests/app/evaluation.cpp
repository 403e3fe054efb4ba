#include "pnn/app/evaluation.hpp"

#include "pnn/core/errors.hpp"
#include "tests/app/context.hpp"
#include "tests/app/small_chain.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

app::Evaluation load(const test::SmallChain& chain, const std::vector<std::string>& params,
                     const std::string& target, test::FakeContext& context, const std::string& models = "") {
  return app::load_evaluation(params, chain.samples, {}, target, {}, models, context);
}

}  // namespace

TEST_CASE("every input of an evaluation becomes a parent, in the order of the command line") {
  const test::SmallChain chain;
  test::FakeContext context;
  app::Evaluation e = load(chain, {chain.params, chain.params}, chain.chips, context, chain.model);
  app::load_features(e, "", context);
  CHECK(context.roles() == std::vector<std::string>{"params", "params", "data", "target", "models"});
  CHECK(e.numbers() == std::vector<std::size_t>{0, 1});
  CHECK(e.model == std::nullopt);
  const study::SweepInput in = app::sweep_input(e, "pnn-test", {1}, 9);
  CHECK(in.params.size() == 2);
  CHECK(in.target.has_devices());
  CHECK(in.device_models == &e.device_models->value.model);
  CHECK(in.seed == 9);
  CHECK(context.warnings.empty());
}

TEST_CASE("a model stands for a device where a device is asked for") {
  const test::SmallChain chain;
  test::FakeContext context;
  const app::Evaluation e = load(chain, {chain.params}, chain.model, context);
  CHECK(e.numbers() == std::vector<std::size_t>{0});
  CHECK_FALSE(app::sweep_input(e, "pnn-test", {0}, 1).target.has_devices());
}

TEST_CASE("parameters, devices and models of another network are refused by name") {
  const test::SmallChain chain;
  const network::Resolved other = network::resolve({"6", {"mrr:out=5", "mrr:out=3"}}, {});
  const std::string params = chain.folder / "other.h5", chips = chain.folder / "other-chips.h5",
                    model = chain.folder / "other-model.h5";
  chain.write_params(params, "other", other);
  io::write_device(chips, {other.spec, device::fabricate(other.plans(), {}, 1, 7)}, {});
  io::write_model(model, {other.spec, model::nominal_model(other.plans(), {})}, {});
  test::FakeContext context;
  const auto said = [&](const std::vector<std::string>& paths, const std::string& target) {
    return test::message_of<InputError>([&] { load(chain, paths, target, context); });
  };
  CHECK_THAT(said({chain.params, params}, chain.chips),
             Contains("other.h5: another network than that of") && Contains("params.h5"));
  CHECK_THAT(said({chain.params}, chips), Contains("other-chips.h5: made for another network"));
  CHECK_THAT(said({chain.params}, model), Contains("other-model.h5: made for another network"));
}

TEST_CASE("trainings that share a label and differ in their settings are warned of") {
  const test::SmallChain chain;
  const std::string second = chain.folder / "second.h5";
  chain.write_params(second, "bp", chain.net, "pnn-train method=bp lr=1");
  test::FakeContext context;
  load(chain, {chain.params, second}, chain.chips, context);
  REQUIRE(context.warnings.size() == 1);
  CHECK_THAT(context.warnings.front(), Contains("\"bp\"") && Contains("(lr=1)"));
}

TEST_CASE("a device that the target does not hold is refused with the numbers that there are") {
  const test::SmallChain chain;
  test::FakeContext context;
  const app::Evaluation e = load(chain, {chain.params}, chain.chips, context);
  CHECK(test::message_of<UsageError>([&] {
          app::sweep_input(e, "pnn-test", {0, 2}, 1);
        }) == "--index: there are 2 devices, numbered from 0; found 2");
}

TEST_CASE("conditions, mapping and samples of the command line reach the sweep") {
  const test::SmallChain chain;
  test::FakeContext context;
  const app::Evaluation e = load(chain, {chain.params}, chain.chips, context);
  study::SweepInput in = app::sweep_input(e, "pnn-test", {0}, 1);
  study::ConditionSettings conditions;
  conditions.set = {"drift=1.5"};
  study::MapSettings mapping;
  app::SampleSettings samples;
  samples.split = app::Samples::validation;
  samples.images = 7;
  samples.outputs = 3;
  app::configure(in, conditions, mapping, samples);
  CHECK(in.validation);
  CHECK(in.images == 7);
  CHECK(in.outputs == 3);
  CHECK(in.surroundings.device.drift_k == 1.5);
  mapping.map = study::Carried::weights;  // without models of the devices
  CHECK_THAT(test::message_of<UsageError>([&] { app::configure(in, conditions, mapping, samples); }),
             Contains("--map weights"));
}
