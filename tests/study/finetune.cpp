// Training in situ on the device that parameters have been moved to.
#include "pnn/study/finetune.hpp"
#include "pnn/platforms/mzi/platform.hpp"
#include "pnn/platforms/mzi/process.hpp"
#include "tests/process.hpp"

#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"
#include "pnn/study/sweep.hpp"
#include "tests/catch.hpp"
#include "tests/train/small.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using train::Method;

/// Two meshes with errors, whose parameters were trained on the model without.
struct Case {
  network::Resolved net = network::resolve({"6", {"mzi:modes=6,detect=modulus", "mzi:modes=6,keep=3"}}, {});
  network::Dataset data = test::clusters(6, 120, 60, 0.4F, 0.6F);
  platform::Process process;
  model::Model model;
  device::DeviceSet set;
  train::Params params;
  Progress quiet;

  Case() {
    test::edit<platforms::mzi::Process>(process)->phase_sigma_rad = 0.4;
    model = model::nominal_model(net.plans(), process);
    set = device::fabricate(net.plans(), process, 3, 7);
    train::TrainSettings settings;
    settings.updates.batch = 20;
    settings.length.epochs = 20;
    settings.updates.lr = 1e-2;
    params = train::train({net, model, 0, data, settings}, quiet, [](const train::Params&) {});
  }
  [[nodiscard]] study::SweepInput input(std::uint64_t steps) const {
    study::SweepInput in{.tool = "test", .params = {&params}, .network = net, .data = data};
    in.target.devices = &set;
    in.target.indices = {0, 1, 2};
    in.device_models = &model;
    if (steps > 0) in.adjustments = {{{study::Trim::finetune}}};
    in.finetuning.train.length.steps = steps;
    in.finetuning.train.updates.batch = 20;
    in.finetuning.train.updates.lr = 1e-2;
    return in;
  }
};

}  // namespace

TEST_CASE("every device is better after some steps of pat, dat or spsa on it, at the calls of these steps") {
  const Case c;
  Progress quiet;
  const study::SweepOutcome before = study::sweep(c.input(0), quiet);
  CHECK(before.finetune_calls == 0);
  for (const train::Method method : {Method::pat, Method::dat, Method::spsa}) {
    study::SweepInput in = c.input(60);
    in.finetuning.train.method = method;
    const study::SweepOutcome after = study::sweep(in, quiet);
    for (std::size_t device = 0; device < 3; ++device) {
      INFO(word_of(method) << " on device " << device);
      CHECK(after.result.loss.data[device] < before.result.loss.data[device]);
    }
    // two layers, three devices; spsa takes two losses a step
    const std::uint64_t passes = method == Method::spsa ? 2 : 1;
    CHECK(after.finetune_calls == 60 * 2 * 3 * passes);
    CHECK(after.device_calls == before.device_calls + after.finetune_calls);
    CHECK(study::forecast(in, quiet).count("device calls") == after.device_calls);
  }
}

TEST_CASE("a device learns from as many samples as its steps show, over and over where there are fewer") {
  const Case c;
  Progress quiet;
  // 4 steps of 20 show the first 80 of 120: those alone are the data of the same training
  study::SweepInput some = c.input(4);
  network::Dataset first = c.data;
  first.train = {c.data.train.x.topRows(80), {c.data.train.y.begin(), c.data.train.y.begin() + 80}};
  study::SweepInput same{.tool = "test", .params = {&c.params}, .network = c.net, .data = first};
  same.target = some.target;
  same.device_models = &c.model;
  same.finetuning = some.finetuning;
  same.adjustments = some.adjustments;
  const auto loss = [&](const study::SweepInput& in) { return study::sweep(in, quiet).result.loss.data; };
  CHECK(loss(some) == loss(same));
  same.finetuning.train.length.steps = 9;
  CHECK(loss(same) != loss(some));
}

TEST_CASE("a fine-tuning that is asked to stop leaves the deployment as it was") {
  const Case c;
  study::SweepInput in = c.input(50);
  study::Deployed d = study::deploy(c.params, c.net);
  const std::vector<float> controls = d.controls;
  const auto device = device::make_virtual_device(c.set, 0);
  train::TrainInput lesson{c.net, c.model, 0, c.data, in.finetuning.train};
  lesson.device = device.get();
  CHECK_THROWS_AS(study::finetune(d, c.params, lesson, test::StopAfter(20)), Interrupted);
  CHECK(d.controls == controls);
  CHECK(study::finetune(d, c.params, lesson, c.quiet).calls > 0);
  CHECK(d.controls != controls);
}

TEST_CASE("an evaluation that is not finite is noted, resumed over and told, and the others go on") {
  const Case c;
  Progress quiet;
  study::SweepInput in = c.input(0);
  train::Params mad = c.params;
  in.params = {&c.params, &mad};
  for (float& control : mad.controls[0].values.data) control = std::numeric_limits<float>::infinity();
  const study::SweepOutcome outcome = study::sweep(in, quiet);
  CHECK(outcome.complete);
  CHECK_FALSE(outcome.failure);
  CHECK_THAT(outcome.overflow, Contains("not a finite number"));
  CHECK(outcome.result.overflowed.data == std::vector<double>{0, 0, 0, 1, 1, 1});
  for (std::size_t k = 0; k < 6; ++k) CHECK(std::isfinite(outcome.result.loss.data[k]) == (k < 3));
  in.previous = &outcome.result;
  const study::SweepOutcome again = study::sweep(in, quiet);
  CHECK(again.device_calls == 0);
  CHECK(again.result.overflowed.data == outcome.result.overflowed.data);
}

TEST_CASE("a fine-tuning that diverges is undone, counted and told, and the other devices go on") {
  const Case c;
  Progress quiet;
  const study::SweepOutcome before = study::sweep(c.input(0), quiet);
  CHECK(before.result.diverged.data.empty());
  study::SweepInput in = c.input(60);
  CHECK(study::sweep(in, quiet).result.diverged.data == std::vector<double>{0, 0, 0});
  in.finetuning.train.method = Method::dat;
  in.finetuning.train.in_situ.dat_lr = 1e30;
  const study::SweepOutcome after = study::sweep(in, quiet);
  CHECK(after.complete);
  CHECK(after.result.diverged.data == std::vector<double>{1, 1, 1});
  CHECK(after.result.loss.data == before.result.loss.data);
  CHECK(after.finetune_calls > 0);
  CHECK(after.device_calls == before.device_calls + after.finetune_calls);
}

TEST_CASE("what says nothing, or what cannot be, is refused before any device is touched") {
  const auto complaint = [](const study::FinetuneSettings& settings, bool has_models) -> std::string {
    try {
      settings.check(has_models);
    } catch (const UsageError& error) {
      return error.what();
    }
    return {};
  };
  study::FinetuneSettings s;
  CHECK(complaint(s, false).empty());
  Options options;
  s.describe(options);
  options.find("lr")->asked = true;
  CHECK(options.idle() == std::vector<std::string>{"--lr: acts on nothing here; it says how devices are "
                                                   "fine-tuned, and --finetune-steps is 0"});
  s.train.length.steps = 5;
  CHECK(options.idle().empty());
  CHECK_THAT(complaint(s, false), Contains("needs --models"));
  CHECK(complaint(s, true).empty());
  s.train.method = Method::noise;
  CHECK_THAT(complaint(s, true), Contains("--method noise trains on a model"));
  s.train.in_situ.enabled = true;
  CHECK(complaint(s, true).empty());
}
