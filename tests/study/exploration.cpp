// Landscapes of several methods as one result.
#include "pnn/study/exploration.hpp"

#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"
#include "tests/train/small.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

/// Two methods on a small network, its model and two devices.
struct Two {
  network::Resolved net = network::resolve({"6", {"mrr:out=3"}}, {});
  network::Dataset data = test::clusters(6, 60, 30, 0.2F, 0.8F);
  model::Model model = model::nominal_model(net.plans(), {});
  device::DeviceSet set = device::fabricate(net.plans(), {}, 2, 7);
  std::vector<train::Params> params;
  study::LandscapeSettings settings;
  Progress quiet;

  Two() {
    for (const int epochs : {1, 4}) {
      train::TrainSettings training;
      training.updates.batch = 20, training.length.epochs = epochs, training.updates.lr = 1e-2;
      params.push_back(test::run_training({net, model, 0, data, training}, nullptr, nullptr));
    }
    settings.points = 5;
  }
  [[nodiscard]] study::SweepInput input() const {
    study::SweepInput in{.tool = "pnn-test", .network = net, .data = data};
    for (const train::Params& p : params) in.params.push_back(&p);
    in.target.indices = {1};
    return in;
  }
};

}  // namespace

TEST_CASE("landscapes of several methods lie side by side, the middle of each being its own loss") {
  Two two;
  two.settings.trace = 3, two.settings.hessian = 2, two.settings.histogram = true;
  study::SweepInput in = two.input();
  in.target.model = &two.model;
  in.target.indices = {0};
  const study::Exploration e = study::explore(in, two.settings, "data.h5", two.quiet);
  REQUIRE(e.found.size() == 2);
  CHECK(e.result.loss.shape == std::vector<std::size_t>{2, 5, 1, 1});
  for (const std::size_t m : {std::size_t(0), std::size_t(1)})
    CHECK(e.result.loss.data[5 * m + 2] == Approx(e.found[m].centre.loss));
  CHECK(e.result.eigenvalues.shape == std::vector<std::size_t>{2, 2});
  CHECK(e.result.trace.shape == std::vector<std::size_t>{2, 3});
  CHECK(e.result.histograms.size() == 3);
  CHECK(e.result.devices == std::vector<std::string>{"model"});
  CHECK(e.gradients == e.found[0].gradients + e.found[1].gradients);
  CHECK(e.device_calls == 0);
}

TEST_CASE("on a device a landscape is made of calls alone, and of fewer samples where fewer are asked for") {
  Two two;
  two.settings.histogram = true;
  study::SweepInput in = two.input();
  in.target.devices = &two.set;
  in.images = 7;
  const study::Exploration e = study::explore(in, two.settings, "data.h5", two.quiet);
  CHECK(e.device_calls > 0);
  CHECK(e.gradients == 0);
  CHECK(e.result.devices == std::vector<std::string>{"1"});
  CHECK(e.result.images == 7);
  CHECK(e.result.histograms.size() == 1);  // sensitivities are of a model
  in.target.indices = {0};
  CHECK(study::explore(in, two.settings, "data.h5", two.quiet).result.loss.data != e.result.loss.data);
}

TEST_CASE("what has no landscape is refused in a sentence") {
  Two two;
  study::SweepInput in = two.input();
  in.target.model = &two.model;
  in.target.indices = {0};
  const auto explored = [&] { study::explore(in, two.settings, "data.h5", two.quiet); };
  in.validation = true;  // of which there are none
  CHECK(test::message_of<InputError>(explored) == "data.h5: its validation split holds no samples");
  in.validation = false;
  two.params[1].task = network::Task::generate;
  CHECK_THAT(test::message_of<UsageError>(explored), Contains("a generator"));
  two.params[1].task = network::Task::classify;
  in.target.model = nullptr;
  in.target.devices = &two.set;
  two.settings.hessian = 2;  // which takes gradients
  CHECK_THAT(test::message_of<UsageError>(explored), Contains("--hessian"));
}
