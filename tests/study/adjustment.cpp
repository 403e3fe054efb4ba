// What is adjusted on each device: the columns that options ask for, what they gain, and what they cost.
#include "pnn/study/adjustment.hpp"

#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/study/comparison.hpp"
#include "pnn/study/merge.hpp"
#include "pnn/study/sweep.hpp"
#include "pnn/train/loop.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"
#include "tests/train/small.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using study::Adjustment;
using study::Trim;

std::vector<std::string> texts_of(std::vector<std::string> trim, std::vector<std::string> recalibrate = {},
                                  bool fine_tunes = false) {
  study::MapSettings settings;
  settings.trim = std::move(trim), settings.recalibrate = std::move(recalibrate);
  std::vector<std::string> texts;
  for (const Adjustment& one : settings.adjustments(fine_tunes)) texts.push_back(one.text());
  return texts;
}

std::string refusal(const std::vector<std::string>& trim, const std::vector<std::string>& recalibrate = {}) {
  return test::message_of<UsageError>([&] { texts_of(trim, recalibrate); });
}

constexpr std::size_t samples = 60;

/// Rings with a batch normalisation, and a gain behind the last, three devices, and parameters trained on
/// their model.
struct Case {
  network::Resolved net = network::resolve({"6", {"mrr:out=8", "batchnorm", "relu", "mrr:out=3"}}, {});
  network::Dataset data = test::clusters(6, samples, 40, 0.4F, 0.6F);
  model::Model model = model::nominal_model(net.plans(), {});
  device::DeviceSet set = device::fabricate(net.plans(), {}, 3, 7);
  train::Params params;
  Progress quiet;

  Case() {
    train::TrainSettings settings;
    settings.updates.batch = 20;
    settings.length.epochs = 60;
    settings.updates.lr = 1e-2;
    params = train::train({net, model, 0, data, settings}, quiet, [](const train::Params&) {});
  }
  [[nodiscard]] study::SweepInput input() const {
    study::SweepInput in{.tool = "test", .params = {&params}, .network = net, .data = data};
    in.target.devices = &set;
    in.target.indices = {0, 1, 2};
    return in;
  }
  [[nodiscard]] study::SweepInput on_model() const {
    study::SweepInput in = input();
    in.target = {.model = &model, .indices = {0}};
    return in;
  }
};

study::SweepOutcome run(const study::SweepInput& in) {
  Progress quiet;
  study::SweepOutcome outcome = study::sweep(in, quiet);
  REQUIRE(outcome.complete);
  return outcome;
}

double loss_of(const study::SweepInput& in) {
  return run(in).result.loss.data.at(0);
}

}  // namespace

TEST_CASE("options ask for columns: each --trim, at each time of --recalibrate") {
  using Texts = std::vector<std::string>;
  CHECK(texts_of({"none"}) == Texts{"none"});
  CHECK(texts_of({"none", "batchnorm,temperature", "gain"}) ==
        Texts{"none", "temperature,batchnorm", "gain"});
  CHECK(texts_of({"none", "gain"}, {"once", "always", "90s", "10min", "0.5h"}) ==
        Texts{"none", "gain", "gain always", "gain every 90s", "gain every 10min", "gain every 30min"});
  // a fine-tuning that no --trim names is everywhere, else where it is named
  CHECK(texts_of({"none", "gain"}, {}, true) == Texts{"finetune", "finetune,gain"});
  CHECK(texts_of({"none", "gain,finetune"}, {}, true) == Texts{"none", "finetune,gain"});
  CHECK_THAT(refusal({"temprature"}),
             Contains("expected none, finetune, temperature") && Contains("did you mean"));
  CHECK_THAT(refusal({"none,gain"}), Contains("none stands alone"));
  CHECK_THAT(refusal({"gain,gain"}), Contains("gain stands twice"));
  CHECK_THAT(refusal({"gain", "none", "gain"}), Contains("gain stands twice"));
  CHECK_THAT(refusal({"gain"}, {"10min", "600s"}), Contains("gain every 10min stands twice"));
  CHECK_THAT(refusal({"finetune"}), Contains("--finetune-steps"));
  for (const char* time : {"10", "often", "0min", "-1h", "min"}) {
    INFO(time);
    CHECK_THAT(refusal({"gain"}, {time}), Contains("--recalibrate"));
  }
}

TEST_CASE("an interval along a trace begins where it is due, and is counted") {
  CHECK(study::due_at(0, 0, 10).number == 1);
  CHECK(study::due_at(9.99, 0, 10).begin_s == 0);
  CHECK(study::due_at(10, 0, 10).number == 2);
  CHECK(study::due_at(37, 2, 10).begin_s == 32);
  CHECK(study::due_at(37, 2, 10).number == 4);
  CHECK(study::due_at(0.1 + 0.2, 0, 0.1).number == 4);  // sums are not exact
}

TEST_CASE("the set point finds a known offset, also one beyond its coarse scan") {
  const Case c;
  study::SweepInput in = c.on_model();
  const double designed = loss_of(in);
  for (const double offset : {-3.4, -2.1, 1.3, 2.6}) {
    INFO(offset);
    in.surroundings.device.drift_k = offset;
    in.adjustments = {{}};
    const double moved = loss_of(in);
    CHECK(moved > designed + 0.3);
    in.adjustments = {{.trims = {Trim::temperature}}};
    const double trimmed = loss_of(in);
    CHECK(trimmed < designed + 0.1 * (moved - designed));
  }
}

TEST_CASE("an adjustment costs the samples that it shows and the calls that it makes") {
  const Case c;
  study::SweepInput in = c.input();
  in.surroundings.device.drift_k = 0.7;
  const std::uint64_t layers = 2, devices = 3;
  const std::uint64_t evaluation = run(in).device_calls;
  CHECK(evaluation == layers * devices);
  in.adjustments = {{},
                    {.trims = {Trim::gain}},
                    {.trims = {Trim::batchnorm}},
                    {.trims = {Trim::temperature}},
                    {.trims = {Trim::temperature, Trim::gain, Trim::batchnorm}}};
  const study::SweepOutcome outcome = run(in);
  const study::Result& r = outcome.result;
  CHECK(r.methods == std::vector<std::string>{c.params.label, c.params.label + " (gain)",
                                              c.params.label + " (batchnorm)",
                                              c.params.label + " (temperature)",
                                              c.params.label + " (temperature,gain,batchnorm)"});
  double calls = double(5 * evaluation);
  for (std::size_t d = 0; d < devices; ++d) {
    const auto at = [&](const Array<double>& cost, std::size_t method) {
      return cost.data[method * devices + d];
    };
    CHECK(at(r.spent_samples, 0) == 0);
    CHECK(at(r.spent_calls, 0) == 0);
    CHECK(at(r.adjusted, 0) == 0);
    for (const std::size_t method : {1, 2}) {
      CHECK(at(r.spent_samples, method) == double(samples));
      CHECK(at(r.spent_calls, method) == double(layers));
      CHECK(at(r.adjusted, method) == 1);
    }
    const double looks = at(r.spent_samples, 3) / double(samples);
    CHECK(looks == std::round(looks));
    CHECK(looks >= 13 + 3);
    CHECK(looks <= 13 + 34 + 6);
    CHECK(at(r.spent_calls, 3) == looks * double(layers));
    CHECK(at(r.spent_samples, 4) == at(r.spent_samples, 3) + 2 * double(samples));
    CHECK(at(r.spent_calls, 4) == at(r.spent_calls, 3) + 2 * double(layers));
    for (std::size_t method = 0; method < 5; ++method) calls += at(r.spent_calls, method);
  }
  CHECK(double(outcome.device_calls) == calls);
  in.mapping.trim_samples = 17;
  CHECK(run(in).result.spent_samples.data[devices] == 17);
}

TEST_CASE("each column is the sweep with its adjustment alone, whole or in shards, and foretold") {
  const Case c;
  train::Params other = c.params;
  other.label = "other";
  study::SweepInput in = c.input();
  in.params = {&c.params, &other};
  in.axes = {{"drift", "K", "", {0, 1}}};
  in.device_models = &c.model;
  in.finetuning.train.length.steps = 6;
  in.finetuning.train.updates.batch = 20;
  const std::vector<Adjustment> all{{},
                                    {.trims = {Trim::batchnorm}},
                                    {.trims = {Trim::finetune, Trim::gain}},
                                    {.trims = {Trim::batchnorm}, .when = Adjustment::When::always}};
  in.adjustments = all;
  Progress quiet;
  const study::SweepOutcome whole = run(in);
  CHECK(study::forecast(in, quiet).count("device calls") == whole.device_calls);
  const std::size_t cells = 2 * 3;  // of a method
  for (std::size_t k = 0; k < all.size(); ++k) {
    in.adjustments = {all[k]};
    in.finetuning.train.length.steps = all[k].finetunes() ? 6 : 0;
    const study::Result alone = run(in).result;
    CHECK(alone.methods == std::vector<std::string>{c.params.label, "other"});
    for (std::size_t p = 0; p < 2; ++p)
      for (std::size_t cell = 0; cell < cells; ++cell)
        CHECK(whole.result.loss.data[(p * all.size() + k) * cells + cell] ==
              alone.loss.data[p * cells + cell]);
  }
  // six steps of twenty samples each, and what the gain is measured on
  CHECK(whole.result.spent_samples.data[2 * cells] == 6 * 20 + double(samples));
  CHECK(whole.result.spent_calls.data[2 * cells] == 6 * 2 + 2);
  in.adjustments = all;
  in.finetuning.train.length.steps = 6;
  in.shards = 3;
  std::vector<study::Part> parts;
  std::uint64_t calls = 0;
  for (in.shard = 0; in.shard < 3; ++in.shard) {
    study::SweepOutcome part = run(in);
    calls = part.device_calls;
    CHECK(study::forecast(in, quiet).count("device calls") == calls);
    parts.push_back({std::to_string(in.shard), std::move(part.result)});
  }
  const study::Result merged = study::merge(std::move(parts));
  CHECK(merged.loss.data == whole.result.loss.data);
  CHECK(merged.deployments == whole.result.deployments);
  CHECK(merged.spent_samples.data == whole.result.spent_samples.data);
  CHECK(merged.spent_calls.data == whole.result.spent_calls.data);
  CHECK(merged.adjusted.data == whole.result.adjusted.data);
}

TEST_CASE("trimmed anew is trimmed under the condition that is evaluated, or under that when it was due") {
  const Case c;
  study::SweepInput in = c.input();
  in.trace_time_s = {0, 10, 20, 30};
  in.trace_drift_k = {0, 1, -1, 0.5};
  in.axes = {{"time", "s", "", {0, 5, 10, 15, 25}}};
  const std::vector<Trim> trims{Trim::temperature, Trim::batchnorm};
  in.adjustments = {{.trims = trims},
                    {.trims = trims, .when = Adjustment::When::always},
                    {.trims = trims, .when = Adjustment::When::periodically, .every_s = 10}};
  const study::Result along = run(in).result;
  const auto drift_at = [&](double t) {
    const auto k = std::size_t(t / 10);
    return in.trace_drift_k[k] + (in.trace_drift_k[k + 1] - in.trace_drift_k[k]) * (t - 10 * double(k)) / 10;
  };
  for (std::size_t t = 0; t < 5; ++t) {
    const double now = in.axes[0].values[t], due = 10 * std::floor(now / 10);
    const double trimmed_at[] = {0, drift_at(now), drift_at(due)};
    const double times[] = {1, 1, 1 + std::floor(now / 10)};
    for (std::size_t method = 0; method < 3; ++method) {
      INFO("at " << now << " s, column " << method);
      study::SweepInput one = c.input();
      one.surroundings.device.drift_k = trimmed_at[method];
      one.axes = {{"drift", "K", "", {drift_at(now)}}};
      one.adjustments = {{.trims = trims}};
      const study::Result expected = run(one).result;
      for (std::size_t d = 0; d < 3; ++d) {
        const std::size_t cell = (method * 5 + t) * 3 + d;
        CHECK(along.loss.data[cell] == Approx(expected.loss.data[d]).epsilon(1e-6));
        CHECK(along.spent_calls.data[cell] == expected.spent_calls.data[d]);
        CHECK(along.adjusted.data[cell] == times[method]);
      }
    }
  }
}

TEST_CASE("adjustments that act on nothing here are refused") {
  const Case c;
  Progress quiet;
  const auto refused = [&](study::SweepInput in, const Adjustment& adjustment) {
    in.adjustments = {adjustment};
    return test::message_of<UsageError>([&] { study::sweep(in, quiet); });
  };
  const Adjustment always{.trims = {Trim::gain}, .when = Adjustment::When::always};
  CHECK_THAT(refused(c.input(), always), Contains("no condition changes"));
  CHECK_THAT(
      refused(c.input(), {.trims = {Trim::gain}, .when = Adjustment::When::periodically, .every_s = 60}),
      Contains("--trace"));
  const network::Resolved rings = network::resolve({"6", {"mrr:out=3", "batchnorm"}}, {});
  study::SweepInput without_gain{.tool = "test", .params = {&c.params}, .network = rings, .data = c.data};
  without_gain.target = {.model = &c.model, .indices = {0}};
  CHECK_THAT(refused(without_gain, {.trims = {Trim::gain, Trim::batchnorm}}), Contains("take one"));
  train::Params named = c.params;
  named.label += " (gain)";
  study::SweepInput in = c.input();
  in.params = {&c.params, &named};
  in.adjustments = {{}, {.trims = {Trim::gain}}};
  CHECK_THAT(test::message_of<UsageError>([&] { study::sweep(in, quiet); }), Contains("give other labels"));
}

TEST_CASE(
    "methods are told apart by label and deployment, and compared with the first of the same deployment") {
  study::Result r;
  r.methods = {"bp", "bp (gain)", "bp", "bp (gain)", "sat", "sat (gain)"};
  r.deployments = {"none", "gain", "none", "gain", "none", "gain"};
  const std::vector<study::Method> methods = study::methods_of(r);
  REQUIRE(methods.size() == 4);
  CHECK(methods[1].label == "bp (gain)");
  CHECK(methods[1].trained == "bp");
  CHECK(methods[1].deployment == "gain");
  CHECK(methods[1].trainings == std::vector<std::size_t>{1, 3});
  CHECK(methods[3].trained == "sat");
  CHECK(study::reference_of(methods, 3) == 1);
  CHECK(study::reference_of(methods, 2) == 0);
  r.deployments.assign(6, "gain");  // one deployment is no part of the labels
  CHECK(study::methods_of(r)[1].trained == "bp (gain)");
  CHECK(study::methods_of(r)[1].deployment.empty());
}
