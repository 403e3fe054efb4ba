// What each method perturbs, by how much, at what cost; and that training repeats, resumes and diverges as
// told.
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/train/estimator.hpp"
#include "pnn/train/initialise.hpp"
#include "pnn/train/loop.hpp"
#include "tests/catch.hpp"
#include "tests/train/small.hpp"

using namespace pnn;

namespace {

struct Setting : test::Learner {
  Setting()
      : Learner({"12", {"mrr:out=10", "batchnorm", "relu", "mrr:out=3"}},
                test::clusters(12, 300, 90, 0.3F, 1.0F), 30, 1e-2) {}
};

/// Offsets that a perturbation space makes of coordinates, per physical layer of the setting.
struct Space {
  explicit Space(Setting& s)
      : objective(s.net, model::make_maps<float>(s.model(), 0), network::Task::classify, 30),
        space(objective, s.net.plans(), s.settings),
        controls(std::size_t(objective.control_count()), 3.0F),
        digital(std::size_t(objective.digital_count()), 1.0F) {
    space.set_scale(controls, digital);
  }
  train::Objective<float> objective;
  train::PerturbationSpace space;
  std::vector<float> controls, digital;
};

}  // namespace

TEST_CASE("an ascent direction has the radius that was asked for, as rms or in total") {
  Setting s;
  s.settings.method = "sat";
  for (const std::string radius : {"rms", "total"}) {
    s.settings.radius = radius;
    Space t(s);
    std::vector<float> g(std::size_t(t.space.size())), u(g.size(), 0.0F);
    fill_symmetric({1, Purpose::test}, g);
    t.space.add_direction(g, 0.05, u);
    double square = 0;
    for (float v : u) square += double(v) * double(v);
    CHECK(std::sqrt(radius == "rms" ? square / double(u.size()) : square) == Approx(0.05).epsilon(1e-5));
  }
}

TEST_CASE("a perturbation per ring moves every weight on that ring alike, in every layer of the chip") {
  Setting s;
  s.settings.method = "sat";
  s.settings.scale = "none";
  s.settings.per = "ring";
  Space t(s);
  REQUIRE(t.space.size() == 128);
  std::vector<float> u(128, 0.0F);
  u[9] = 0.25F;  // ring (1, 1)
  train::Point<float> point;
  t.space.apply(u, t.controls, t.digital, point);
  const std::size_t second = std::size_t(t.objective.offset(1));
  std::size_t moved = 0;
  for (std::size_t k = 0; k < t.controls.size(); ++k) moved += point.controls[k] != t.controls[k];
  CHECK(moved == 4);  // (1, 1) and (1, 9) of the 10×12 layer, (1, 1) and (1, 9) of the 3×10 one
  CHECK(point.controls[12 + 1] == 3.25F);
  CHECK(point.controls[12 + 9] == 3.25F);
  CHECK(point.controls[second + 10 + 1] == 3.25F);
  CHECK(point.controls[second + 10 + 9] == 3.25F);
}

TEST_CASE("a perturbed control never leaves its range") {
  Setting s;
  s.settings.method = "sat";
  Space t(s);
  std::vector<float> u(std::size_t(t.space.size()), 5.0F);
  for (std::size_t k = 0; k < u.size(); k += 2) u[k] = -5.0F;
  train::Point<float> point;
  t.space.apply(u, t.controls, t.digital, point);
  for (float c : point.controls) {
    CHECK(c >= 0.0F);
    CHECK(c <= 5.2F);
  }
}

TEST_CASE("layers outside --only-layers stand still, and a group has its own radius") {
  Setting s;
  s.settings.method = "sat";
  s.settings.scale = "none";
  s.settings.rho = 0.1;
  s.settings.rho_groups = {"mrr2=0.3"};
  s.settings.only_layers = "mrr2";
  Space t(s);
  const std::vector<float> u(std::size_t(t.space.size()), 0.1F);
  train::Point<float> point;
  t.space.apply(u, t.controls, t.digital, point);
  CHECK(point.controls[0] == 3.0F);
  CHECK(point.controls[std::size_t(t.objective.offset(1))] == Approx(3.3));
  s.settings.only_layers = "mrr3";
  CHECK_THROWS_AS(Space(s), UsageError);
}

TEST_CASE("sat with radius zero and no system parameter is plain backpropagation at twice the cost") {
  Setting s;
  const train::Params bp = s.train();
  s.settings.method = "sat";
  s.settings.rho = 0;
  const train::Params sat = s.train();
  CHECK(bp.controls[0].values.data == sat.controls[0].values.data);
  CHECK(sat.history.gradients.back() == 2 * bp.history.gradients.back());
}

TEST_CASE("equal budgets mean equal gradients for every method") {
  for (const std::string method : {"bp", "noise", "slope", "sam", "process", "sat"}) {
    Setting s;
    s.settings.method = method;
    s.settings.budget = 60;
    s.settings.perturb = {"temperature=0.5"};
    const train::Params p = s.train();
    INFO(method);
    CHECK(p.history.gradients.back() == Approx(60));
    CHECK(p.history.test_accuracy.back() > 0.8);
    for (const auto& tensor : p.controls) {
      for (float c : tensor.values.data) REQUIRE((c >= 0.0F && c <= 5.2F));
    }
  }
}

TEST_CASE("the worst of candidates and the cost of a clean pass are counted as thirds") {
  train::TrainSettings s;
  s.method = "sat";
  s.perturb = {"temperature=1"};
  s.system = "worst";
  s.candidates = 2;
  s.candidate_ends = true;
  CHECK(train::Estimator::cost_of_step(s) == Approx(2 + 5.0 / 3));
  s.reuse_ascent = 5;
  CHECK(train::Estimator::cost_of_step(s) == Approx(1 + (1 + 5.0 / 3) / 5));
  s = {};
  s.method = "noise";
  s.perturbed_statistics = "clean";
  CHECK(train::Estimator::cost_of_step(s) == Approx(4.0 / 3));
}

TEST_CASE("what a training will cost is known before, also when it is resumed in the middle") {
  for (const std::string method : {"bp", "noise", "slope", "sam", "process", "sat"}) {
    for (const std::string system : {"auto", "worst"}) {
      for (const std::string statistics : {"batch", "clean"}) {
        Setting s;
        s.settings.method = method;
        s.settings.perturb = {"temperature=0.5"};
        s.settings.system = system;
        s.settings.perturbed_statistics = statistics;
        if (method == "sat") s.settings.ascent_steps = 2, s.settings.reuse_ascent = 4;
        s.settings.epochs = 2;
        INFO(method << " " << system << " " << statistics);
        train::Params saved;
        test::StopAfter progress(7);
        CHECK_THROWS_AS(s.train(nullptr, &progress, &saved), Interrupted);
        const train::Params done = s.train();
        for (const train::Params* resume :
             {static_cast<const train::Params*>(nullptr), &std::as_const(saved)}) {
          const Forecast f =
              train::forecast({s.net, s.model(), 0, s.data, s.settings, 1, nullptr, resume}, Progress());
          const train::OptimizerState before =
              resume != nullptr ? resume->optimizer : train::OptimizerState{};
          CHECK(f.counts.at(0).number == done.optimizer.step - before.step);
          CHECK(f.counts.at(1).number == done.optimizer.gradients - before.gradients);
          CHECK(f.counts.at(2).number == done.optimizer.evaluations - before.evaluations);
        }
      }
    }
  }
}

TEST_CASE(
    "a training gives the same numbers on one thread and on two, and when it is interrupted and resumed") {
  Setting s;
  s.settings.method = "sat";
  s.settings.random_start = 0.01;
  s.settings.reuse_ascent = 3;
  s.settings.perturb = {"temperature=0.7"};
  set_threads(1);
  const train::Params one = s.train();
  set_threads(2);
  CHECK(test::same(one, s.train()));
  set_threads(0);
  for (const int stop : {1, 5, 23, 44}) {
    train::Params saved;
    test::StopAfter progress(stop);
    CHECK_THROWS_AS(s.train(nullptr, &progress, &saved), Interrupted);
    REQUIRE_FALSE(saved.optimizer.finished);
    CHECK(test::same(one, s.train(&saved)));
  }
}

TEST_CASE("a training that diverges says so instead of going on") {
  Setting s;
  s.settings.optimizer = "sgd";
  s.settings.lr = 1e30;
  CHECK_THROWS_AS(s.train(), RunError);
}

TEST_CASE("a digitally trained network starts one on rings with nearly the same answers") {
  Setting s;
  Setting digital;
  digital.net = network::resolve({"12", {"dense:out=10", "batchnorm", "relu", "dense:out=3"}}, 16, 8);
  const train::Params trained = digital.train();
  train::Objective<float> objective(s.net, model::make_maps<float>(s.model(), 0), network::Task::classify,
                                    90);
  std::vector<std::string> remarks;
  train::Start start = train::start_from(trained, s.net, objective, s.process, s.settings, remarks);
  const auto loss =
      objective.loss({view(std::as_const(s.data.test.x)), s.data.test.y},
                     {start.controls, {}, {}, {}, start.digital}, network::Statistics::running, start.state);
  REQUIRE(trained.history.test_accuracy.back() > 0.9);
  CHECK(double(loss.correct) / 90 > trained.history.test_accuracy.back() - 0.05);
  CHECK(remarks.size() == 1);  // the bias of the last layer has no place
}
