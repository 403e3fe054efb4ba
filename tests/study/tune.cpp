#include "pnn/study/tune.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/message.hpp"
#include "tests/train/small.hpp"

using namespace pnn;
using namespace pnn::study;
using Catch::Contains;

namespace {

struct Small {
  network::Resolved net = network::resolve({"6", {"mrr:out=3"}}, {});
  model::Model model = model::nominal_model(net.plans(), {});
  network::Dataset data = test::clusters(6, 60, 20, 0.4F, 0.6F);
  train::TrainSettings settings;
  Small() {
    data.validation = data.test;
    settings.updates.batch = 10;
    settings.length.epochs = 9;
  }
  [[nodiscard]] train::TrainInput input() const { return {net, model, 0, data, settings}; }
};

}  // namespace

TEST_CASE("a shorter training has its part of everything that is told in its length") {
  Small small;
  small.settings.perturbation.rho_warmup = 3;
  small.settings.schedule.kind = train::Schedule::Kind::step;
  small.settings.schedule.step_every = 4;
  const train::TrainInput input = small.input();
  const train::TrainSettings third = shortened(small.settings, 1.0 / 3, input);
  CHECK(third.length.steps == 18);  // of 9 epochs of 6 batches
  CHECK(third.perturbation.rho_warmup == Approx(1));
  CHECK(third.schedule.step_every == 1);
  CHECK(planned_gradients(third, input) == 18);
  CHECK(planned_gradients(shortened(small.settings, 1, input), input) == 54);
  CHECK(shortened(small.settings, 1, input).length.steps == 0);
  small.settings.length.budget = 90;
  small.settings.method = train::Method::sat;  // two gradients a step
  CHECK(shortened(small.settings, 1.0 / 9, input).length.budget == Approx(10));
  CHECK(planned_gradients(shortened(small.settings, 1.0 / 9, input), input) == 10);
  small.settings.length.budget = 0, small.settings.length.budget_epochs = 3;
  CHECK(planned_gradients(shortened(small.settings, 1.0 / 3, input), input) == 6);
  small.settings.length.budget_epochs = 0, small.settings.length.budget = 3;
  CHECK_THAT(test::message_of<UsageError>([&] { shortened(small.settings, 1.0 / 3, input); }),
             Contains("too small for a single step"));
}

TEST_CASE(
    "validation chips are no fabricated devices, whatever the seeds, and do not depend on their number") {
  const Small small;
  platform::Process process;
  const device::DeviceSet validation = validation_chips(small.net, process, 3, 7);
  CHECK(validation.chips[0].of(1) == validation_chips(small.net, process, 2, 7).chips[0].of(1));
  CHECK(validation.chips[0].of(1) != validation_chips(small.net, process, 3, 8).chips[0].of(1));
  for (const std::uint64_t seed : {std::uint64_t(1), std::uint64_t(7), std::uint64_t(8)}) {
    const device::DeviceSet fabricated = device::fabricate(small.net.plans(), process, 3, seed);
    for (std::size_t a = 0; a < 3; ++a)
      for (std::size_t b = 0; b < 3; ++b) CHECK(validation.chips[0].of(a) != fabricated.chips[0].of(b));
  }
  // drawn anew on another process they keep their numbers: the deviations are the same
  const auto same = device::make_virtual_device(validation, 1, process),
             kept = device::make_virtual_device(validation, 1);
  Matrix<float> x = Matrix<float>::Constant(1, 6, 0.5F), first(1, 3), second(1, 3);
  same->run(0, view(std::as_const(x)), view(first));
  kept->run(0, view(std::as_const(x)), view(second));
  CHECK(first == second);
}

TEST_CASE("conditions are those that a training perturbs, from end to end") {
  const std::vector<Axis> one = perturbed_conditions({"temperature=1"});
  REQUIRE(one.size() == 1);
  CHECK(one[0].name == "drift");
  CHECK(one[0].values == std::vector<double>{-1, -0.5, 0, 0.5, 1});
  const std::vector<Axis> two = perturbed_conditions({"rotation=2", "scale=1.1"});
  REQUIRE(two.size() == 2);
  CHECK(two[0].values == std::vector<double>{-2, 0, 2});
  CHECK(two[1].values == std::vector<double>{0.9, 1, 1.1});
  const std::vector<Axis> three = perturbed_conditions({"rotation=2", "scale=1.1", "shift=2"});
  REQUIRE(three.size() == 3);
  CHECK(three[2].name == "shift");
  CHECK(three[2].values == std::vector<double>{-2, 2});
  CHECK(perturbed_conditions({}).empty());
}

TEST_CASE("parameters are judged by the validation samples on every chip under every condition") {
  Small small;
  const train::Params params = test::run_training(small.input(), nullptr, nullptr);
  const device::DeviceSet chips = validation_chips(small.net, small.model.process, 3, 7);
  network::Dataset same = small.data;  // whose test samples are the validation samples
  small.data.test.x.setZero();
  const Judgement judgement{small.net, small.data, chips, {parse_axis("drift=0,1")}, 0, 1};
  Progress quiet;
  const Array<double> scores = judge(judgement, params, quiet);
  CHECK(scores.shape == std::vector<std::size_t>{2, 3});
  SweepInput sweep_of_tests = judging_sweep({small.net, same, chips, judgement.axes, 0, 1}, params);
  sweep_of_tests.validation = false;
  CHECK(scores.data == sweep(sweep_of_tests, quiet).result.score.data);
  sweep_of_tests.surroundings.device.drift_k = 1;
  sweep_of_tests.axes.clear();
  CHECK(std::vector(scores.data.begin() + 3, scores.data.end()) ==
        sweep(sweep_of_tests, quiet).result.score.data);
  test::StopAfter stop(1);
  CHECK_THROWS_AS(judge(judgement, params, stop), Interrupted);
}
