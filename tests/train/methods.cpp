// What each method perturbs, by how much, at what cost; and that training repeats, resumes and diverges as
// told.
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/finite.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/train/estimator.hpp"
#include "pnn/train/initialise.hpp"
#include "pnn/train/loop.hpp"
#include "pnn/train/sampled_chips.hpp"
#include "tests/catch.hpp"
#include "tests/train/small.hpp"

using namespace pnn;
using train::Method;

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

/// Single steps of an estimator on one batch, and the gradient at any point of control space.
struct Estimation {
  struct Step {
    std::vector<float> gradient;
    network::Loss loss;
    train::Cost cost;
  };
  explicit Estimation(train::Method method)
      : learner(net(), test::clusters(12, 300, 90, 0.3F, 1.0F), 30, 1e-2) {
    settings.method = method;
    fill_symmetric({1, Purpose::test}, controls);
    for (float& c : controls) c = 2.6F * (1 + c);
    digital.assign(std::size_t(objective.digital_count()), 1.0F);
    state.resize(std::size_t(objective.state_count()));
  }
  static network::NetworkSpec net() { return {"12", {"mrr:out=10", "relu", "mrr:out=3"}}; }
  [[nodiscard]] train::Batch<float> batch(Index begin, Index count) const {
    const network::Split& split = learner.data.train;
    return {{split.x.data() + begin * split.x.cols(), count, split.x.cols()},
            std::span(split.y).subspan(std::size_t(begin), std::size_t(count))};
  }
  std::vector<Step> steps(int count) {
    train::Estimator estimator(settings, objective, model, 1);
    std::vector<Step> all;
    all.resize(std::size_t(count));
    std::vector<float> digital_gradient(digital.size());
    for (std::size_t k = 0; k < all.size(); ++k) {
      all[k].gradient.resize(controls.size());
      all[k].loss =
          estimator.step(batch(0, 30), {controls, digital, state, all[k].gradient, digital_gradient},
                         {std::uint32_t(k)}, all[k].cost);
    }
    return all;
  }
  std::vector<float> gradient_at(const std::vector<float>& u, Index begin, Index count) {
    train::Point<float> point;
    space.apply(u, controls, digital, point);
    std::vector<float> gradient(controls.size()), digital_gradient(digital.size());
    train::PointGradient<float> out{gradient, {}, {}, digital_gradient, {}, false};
    objective.gradient(batch(begin, count), point, network::Statistics::batch, state, out);
    return gradient;
  }
  train::TrainSettings settings;
  test::Learner learner;
  model::Model model = learner.model();
  train::Objective<float> objective{learner.net, model::make_maps<float>(model, 0), network::Task::classify,
                                    30};
  train::PerturbationSpace space{objective, learner.net.plans(), settings};
  std::vector<float> controls = std::vector<float>(std::size_t(objective.control_count())), digital, state;
};

}  // namespace

TEST_CASE("an ascent direction has the radius that was asked for, as rms or in total") {
  Setting s;
  s.settings.method = Method::sat;
  for (const train::Radius radius : {train::Radius::rms, train::Radius::total}) {
    s.settings.perturbation.radius = radius;
    Space t(s);
    std::vector<float> g(std::size_t(t.space.size())), u(g.size(), 0.0F);
    fill_symmetric({1, Purpose::test}, g);
    t.space.add_direction(g, 0.05, u);
    double square = 0;
    for (float v : u) square += double(v) * double(v);
    CHECK(std::sqrt(radius == train::Radius::rms ? square / double(u.size()) : square) ==
          Approx(0.05).epsilon(1e-5));
  }
}

TEST_CASE("the ascent of sat is SAM's on the controls, and with scale adaptive ASAM's, in closed form") {
  for (const train::Scale scale : {train::Scale::none, train::Scale::adaptive}) {
    Setting s;
    s.settings.method = Method::sat;
    s.settings.perturbation.scale = scale;
    s.settings.perturbation.radius = train::Radius::total;
    Space t(s);
    const std::size_t n = t.controls.size();
    std::vector<float> g(n), coordinates(std::size_t(t.space.size())), u(coordinates.size(), 0.0F);
    fill_symmetric({1, Purpose::test}, t.controls);
    fill_symmetric({2, Purpose::test}, g);
    for (float& c : t.controls) c = 2.6F + c;  // of 0 to 5.2 mA, and away from both ends
    t.space.set_scale(t.controls, t.digital);
    t.space.pull({g, {}, {}, {}, {}, false}, coordinates);
    constexpr double rho = 0.1;
    t.space.add_direction(coordinates, rho, u);
    train::Point<float> point;
    t.space.apply(u, t.controls, t.digital, point);
    // ε = ρ T² g / ‖T g‖₂, T = 1 for SAM, T = |Θ| + η for ASAM with η = 1 % of the range of 5.2 mA
    const auto unit = [&](std::size_t k) {
      return scale == train::Scale::adaptive ? std::abs(double(t.controls[k])) + 0.052 : 1.0;
    };
    double square = 0;
    for (std::size_t k = 0; k < n; ++k) square += std::pow(unit(k) * double(g[k]), 2);
    for (std::size_t k = 0; k < n; ++k) {
      const double epsilon = rho * unit(k) * unit(k) * double(g[k]) / std::sqrt(square);
      CHECK(double(point.controls[k]) - double(t.controls[k]) == Approx(epsilon).margin(1e-6));
    }
  }
}

TEST_CASE("a perturbation per element moves every weight on that element alike, in every layer of the chip") {
  Setting s;
  s.settings.method = Method::sat;
  s.settings.perturbation.scale = train::Scale::none;
  s.settings.perturbation.per = train::Per::element;
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
  s.settings.method = Method::sat;
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
  s.settings.method = Method::sat;
  s.settings.perturbation.scale = train::Scale::none;
  s.settings.perturbation.rho = 0.1;
  s.settings.perturbation.rho_groups = {"mrr2=0.3"};
  s.settings.perturbation.only_layers = "mrr2";
  Space t(s);
  const std::vector<float> u(std::size_t(t.space.size()), 0.1F);
  train::Point<float> point;
  t.space.apply(u, t.controls, t.digital, point);
  CHECK(point.controls[0] == 3.0F);
  CHECK(point.controls[std::size_t(t.objective.offset(1))] == Approx(3.3));
  s.settings.perturbation.only_layers = "mrr3";
  CHECK_THROWS_AS(Space(s), UsageError);
}

TEST_CASE("sat with radius zero and no system parameter is plain backpropagation at twice the cost") {
  Setting s;
  const train::Params bp = s.train();
  s.settings.method = Method::sat;
  s.settings.perturbation.rho = 0;
  const train::Params sat = s.train();
  CHECK(bp.controls[0].values.data == sat.controls[0].values.data);
  CHECK(sat.history.gradients.back() == 2 * bp.history.gradients.back());
}

TEST_CASE("equal budgets mean equal gradients for every method") {
  for (const train::Method method : {Method::bp, Method::noise, Method::slope, Method::sam, Method::process,
                                     Method::sat, Method::drawn_sat}) {
    Setting s;
    s.settings.method = method;
    s.settings.length.budget = 60;
    s.settings.system.perturb = {"temperature=0.5"};
    const train::Params p = s.train();
    INFO(word_of(method));
    CHECK(p.history.gradients.back() == Approx(60));
    CHECK(p.history.test_score.back() > 0.8);
    for (const auto& tensor : p.controls) {
      for (float c : tensor.values.data) REQUIRE((c >= 0.0F && c <= 5.2F));
    }
  }
}

TEST_CASE("the worst of candidates and the cost of a clean pass are counted as thirds") {
  train::TrainSettings s;
  s.method = Method::sat;
  s.system.perturb = {"temperature=1"};
  s.system.choice = train::SystemChoice::worst;
  s.system.candidates = 2;
  s.system.candidate_ends = true;
  CHECK(train::Estimator::cost_of_step(s) == Approx(2 + 5.0 / 3));
  s.perturbation.ascent.reuse = 5;
  CHECK(train::Estimator::cost_of_step(s) == Approx(1 + (1 + 5.0 / 3) / 5));
  s = {};
  s.method = Method::noise;
  s.statistics.perturbed = train::PerturbedStatistics::clean;
  CHECK(train::Estimator::cost_of_step(s) == Approx(4.0 / 3));
}

TEST_CASE("what a training will cost is known before, also when it is resumed in the middle") {
  for (const train::Method method : {Method::bp, Method::noise, Method::slope, Method::sam, Method::process,
                                     Method::sat, Method::drawn_sat}) {
    for (const train::SystemChoice system : {train::SystemChoice::automatic, train::SystemChoice::worst}) {
      for (const train::PerturbedStatistics statistics :
           {train::PerturbedStatistics::batch, train::PerturbedStatistics::clean}) {
        Setting s;
        s.settings.method = method;
        s.settings.system.perturb = {"temperature=0.5"};
        s.settings.system.choice = system;
        s.settings.statistics.perturbed = statistics;
        if (method == Method::sat)
          s.settings.perturbation.ascent.steps = 2, s.settings.perturbation.ascent.reuse = 4;
        if (method == Method::drawn_sat) s.settings.perturbation.draws = 3;
        s.settings.length.epochs = 2;
        INFO(word_of(method) << " " << word_of(system) << " " << word_of(statistics));
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

TEST_CASE("a forecast counts the evaluations, the checkpoints and the bytes that a training makes") {
  for (const int evaluate_every : {1, 2, 5}) {
    for (const int checkpoint_every : {1, 3, 100}) {
      Setting s;
      s.settings.length.epochs = 6;
      s.settings.length.evaluate_every = evaluate_every;
      s.settings.length.checkpoint_every = checkpoint_every;
      INFO("evaluate every " << evaluate_every << ", checkpoint every " << checkpoint_every);
      std::uint64_t checkpoints = 0, bytes = 0;
      Progress quiet;
      const model::Model model = s.model();
      const train::Params done =
          train::train({s.net, model, 0, s.data, s.settings}, quiet,
                       [&](const train::Params& state) { ++checkpoints, bytes += train::bytes_of(state); });
      int probes = 0;
      const Forecast f = train::forecast({s.net, model, 0, s.data, s.settings}, quiet,
                                         [&](const train::Params& state) -> Saving {
                                           ++probes;
                                           return {train::bytes_of(state), 1000};
                                         });
      CHECK(f.count("evaluations of validation and test") == done.history.epoch.size());
      CHECK(f.count("checkpoints") == checkpoints);
      CHECK(f.count("bytes of checkpoints") == bytes);
      // a state that takes so long to save is saved once more at the end
      CHECK(f.seconds > 1000 * double(checkpoints + 1));
      CHECK(f.seconds < 1000 * double(checkpoints + 2));
      CHECK(probes == (checkpoints > 0 ? 2 : 1));
    }
  }
}

TEST_CASE(
    "a training gives the same numbers on one thread and on two, and when it is interrupted and resumed") {
  Setting s;
  s.settings.method = Method::sat;
  s.settings.perturbation.ascent.random_start = 0.01;
  s.settings.perturbation.ascent.reuse = 3;
  s.settings.system.perturb = {"temperature=0.7"};
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

TEST_CASE("drawn-sat in parts gives the same numbers on one thread and on two, interrupted and resumed") {
  Setting s;
  s.settings.method = Method::drawn_sat;
  s.settings.perturbation.rho = 0.004;
  s.settings.perturbation.draw_process = true;
  s.settings.system.perturb = {"temperature=0.7"};
  s.settings.perturbation.draws = 3;
  s.settings.statistics.freeze = 0.4;
  for (const train::Scale scale : {train::Scale::range, train::Scale::response}) {
    s.settings.perturbation.scale = scale;
    set_threads(1);
    const train::Params one = s.train();
    set_threads(2);
    CHECK(test::same(one, s.train()));
    set_threads(0);
    for (const int stop : {1, 23, 44}) {
      train::Params saved;
      test::StopAfter progress(stop);
      CHECK_THROWS_AS(s.train(nullptr, &progress, &saved), Interrupted);
      CHECK(test::same(one, s.train(&saved)));
    }
  }
}

TEST_CASE("a training that diverges says so instead of going on") {
  Setting s;
  s.settings.updates.optimizer = train::Optimizer::Kind::sgd;
  s.settings.updates.lr = 1e30;
  CHECK_THROWS_AS(s.train(), RunError);
}

TEST_CASE("what diverges is found at its step, not when it is written, and the state before is saved") {
  // the loss stays finite in all of these while statistics, gradients or moments do not
  struct Case {
    train::Method method;
    train::Space space;
    std::string found;
    double sigma, lambda;
  };
  for (const Case& c : {Case{Method::noise, train::Space::weights, "running statistics", 1e30, 0},
                        Case{Method::slope, train::Space::controls, "gradient", 0.05, 1e30},
                        Case{Method::noise, train::Space::controls, "state of the optimiser", 1e300, 0}}) {
    INFO(word_of(c.method) << " " << word_of(c.space));
    Setting s;
    s.settings.method = c.method;
    s.settings.perturbation.space = c.space;
    if (s.settings.traits().adds_noise) s.settings.perturbation.sigma = c.sigma;
    if (s.settings.traits().penalises_slope) s.settings.perturbation.lambda = c.lambda;
    train::Params saved;
    try {
      static_cast<void>(s.train(nullptr, nullptr, &saved));
      FAIL("diverges");
    } catch (const DivergenceError& error) {
      const std::string message = error.what();
      INFO(message);
      CHECK(message.find(c.found) != std::string::npos);
      CHECK(message.find("at step 0 of") != std::string::npos);
    }
    REQUIRE(saved.controls.size() == 2);
    for (const auto& tensors : {saved.controls, saved.digital, saved.optimizer.moments})
      for (const train::Tensor& tensor : tensors)
        CHECK(all_finite(std::span<const float>(tensor.values.data)));
  }
}

TEST_CASE("a digitally trained network starts one on rings with nearly the same answers") {
  Setting s;
  Setting digital;
  digital.net = network::resolve({"12", {"dense:out=10", "batchnorm", "relu", "dense:out=3"}}, {});
  const train::Params trained = digital.train();
  train::Objective<float> objective(s.net, model::make_maps<float>(s.model(), 0), network::Task::classify,
                                    90);
  std::vector<std::string> remarks;
  train::Start start = train::start_from(trained, s.net, objective, s.process, s.settings, remarks);
  const auto loss =
      objective.loss({view(std::as_const(s.data.test.x)), s.data.test.y},
                     {start.controls, {}, {}, {}, start.digital}, network::Statistics::running, start.state);
  REQUIRE(trained.history.test_score.back() > 0.9);
  CHECK(double(loss.correct) / 90 > trained.history.test_score.back() - 0.05);
  CHECK(remarks.size() == 1);  // the bias of the last layer has no place
}

TEST_CASE("drawn-sat of radius zero is noise, and on drawn chips without noise it is process") {
  for (const train::Method method : {Method::noise, Method::process}) {
    for (const int draws : {1, 3}) {
      Setting s;
      s.settings.method = method;
      s.settings.perturbation.draws = draws;
      s.settings.system.perturb = {"temperature=0.5"};
      const train::Params plain = s.train();
      s.settings.method = Method::drawn_sat;
      s.settings.perturbation.rho = 0;
      s.settings.perturbation.draw_process = method == Method::process;
      if (method == Method::process) s.settings.perturbation.sigma = 0;
      INFO(word_of(method) << " " << draws);
      CHECK(test::same(plain, s.train()));
    }
  }
}

TEST_CASE("a batch in parts costs what it does in one, and the mean of the parts is its gradient") {
  Estimation whole(Method::bp), parts(Method::bp);
  parts.settings.perturbation.draws = 4;  // of 7 and 8 samples
  const Estimation::Step a = whole.steps(1).front(), b = parts.steps(1).front();
  CHECK(b.cost.gradients == 1);
  CHECK(b.loss.mean == Approx(a.loss.mean));
  CHECK(b.loss.correct == a.loss.correct);
  for (std::size_t k = 0; k < a.gradient.size(); ++k)
    CHECK(b.gradient[k] == Approx(a.gradient[k]).epsilon(1e-3).margin(1e-6));
}

TEST_CASE("each part of a batch has noise of its own") {
  Estimation e(Method::noise);
  e.settings.perturbation.draws = 2;
  const std::vector<float> found = e.steps(1).front().gradient;
  std::vector<float> mean(found.size());
  for (const std::uint32_t part : {0U, 1U}) {
    std::vector<float> u(std::size_t(e.space.size()));
    e.space.add_noise({1, Purpose::control_noise, 0, part, 0}, e.settings.perturbation.sigma, u);
    const std::vector<float> g = e.gradient_at(u, 15 * Index(part), 15);
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += 0.5F * g[k];
  }
  CHECK(found == mean);
}

TEST_CASE(
    "drawn-sat without noise stands one radius down the gradients before, or up them, within the range") {
  const train::AscentSign sign = GENERATE(train::AscentSign::down, train::AscentSign::up);
  REQUIRE(train::TrainSettings().perturbation.ascent.sign == train::AscentSign::down);
  for (const double memory : {0.0, 0.75}) {
    for (const double rho : {0.01, 0.3}) {  // the second leaves the range
      Estimation e(Method::drawn_sat);
      e.settings.perturbation.sigma = 0;
      e.settings.perturbation.rho = rho;
      e.settings.perturbation.ascent.memory = memory;
      e.settings.perturbation.ascent.sign = sign;
      const std::vector<Estimation::Step> steps = e.steps(3);
      std::vector<float> mean(std::size_t(e.space.size())), now(mean.size());
      CHECK(steps[0].gradient == e.gradient_at(now, 0, 30));  // nothing remembered yet
      for (std::size_t k = 1; k < steps.size(); ++k) {
        std::vector<float> gradient = steps[k - 1].gradient,
                           digital(std::size_t(e.objective.digital_count()));
        e.space.pull({gradient, {}, {}, digital, {}, false}, now);
        for (std::size_t i = 0; i < mean.size(); ++i)
          mean[i] = float(memory) * mean[i] + (1 - float(memory)) * now[i];
        std::vector<float> u(mean.size());
        double square = 0, norm = 0;
        for (const float v : mean) norm += double(v) * double(v);
        const double length =
            (sign == train::AscentSign::up ? rho : -rho) * std::sqrt(double(u.size()) / norm);
        for (std::size_t i = 0; i < u.size(); ++i) u[i] = float(length) * mean[i];
        for (const float v : u) square += double(v) * double(v);
        CHECK(std::sqrt(square / double(u.size())) == Approx(rho).epsilon(1e-5));
        // the same point to the rounding of its radius
        const std::vector<float> there = e.gradient_at(u, 0, 30);
        double difference = 0, size = 0;
        for (std::size_t i = 0; i < there.size(); ++i) {
          difference += std::pow(double(steps[k].gradient[i]) - double(there[i]), 2);
          size += std::pow(double(there[i]), 2);
        }
        CHECK(std::sqrt(difference) < 1e-4 * std::sqrt(size));
        CHECK(steps[k].cost.gradients == 1);
      }
    }
  }
}

TEST_CASE("statistics that are frozen for the last part of a training stay those of its first part") {
  Setting s;
  s.settings.method = Method::noise;
  s.settings.schedule.kind = train::Schedule::Kind::constant;
  s.settings.length.steps = 20;
  const train::Params half = s.train();
  s.settings.length.steps = 40;
  s.settings.statistics.freeze = 0.5;
  const train::Params whole = s.train();
  int statistics = 0;
  for (std::size_t k = 0; k < half.digital.size(); ++k) {
    const std::string& name = half.digital[k].name;
    const bool same = half.digital[k].values.data == whole.digital[k].values.data;
    const bool is_statistic = name == "batchnorm1/mean" || name == "batchnorm1/variance";
    INFO(name);
    CHECK(same == is_statistic);
    statistics += is_statistic;
  }
  CHECK(statistics == 2);
}

TEST_CASE("parts, frozen statistics and their opposites are refused together") {
  const auto refuses = [](const auto& change) {
    train::TrainSettings s;
    change(s);
    CHECK_THROWS_AS(s.check(), UsageError);
  };
  refuses([](auto& s) { s.perturbation.draws = 65; });
  refuses([](auto& s) { s.method = Method::sat, s.perturbation.draws = 2, s.perturbation.ascent.reuse = 2; });
  refuses([](auto& s) { s.method = Method::pat, s.perturbation.draws = 2; });
  refuses([](auto& s) { s.method = Method::sat, s.perturbation.ascent.sign = train::AscentSign::up; });
  refuses(
      [](auto& s) { s.statistics.freeze = 0.5, s.statistics.perturbed = train::PerturbedStatistics::clean; });
  refuses([](auto& s) { s.task = network::Task::generate, s.perturbation.draws = 64; });
}

TEST_CASE("the state of a training has the system parameters that its layers follow, and no others") {
  const auto kept = [](const network::NetworkSpec& network) {
    test::Learner s(network, test::clusters(9, 30, 6, 0.3F, 1.0F), 10, 0.01);
    s.settings.length.epochs = 2;
    train::Params saved;
    test::StopAfter progress(2);
    CHECK_THROWS_AS(s.train(nullptr, &progress, &saved), Interrupted);
    std::vector<std::string> names;
    for (const train::Tensor& tensor : saved.optimizer.moments)
      if (tensor.name.starts_with("system/")) names.push_back(tensor.name);
    CHECK(test::same(s.train(&saved), s.train()));
    return names;
  };
  CHECK(kept({"9", {"mrr:out=3"}}) == std::vector<std::string>{"system/temperature"});
  CHECK(kept({"9", {"pcm:out=4", "mrr:out=3"}}) ==
        std::vector<std::string>{"system/temperature", "system/age"});
  CHECK(kept({"9", {"dense:out=3"}}).empty());
}

TEST_CASE("a training on chips of the process says around what they are sampled") {
  Setting s;
  model::Model model = s.model();
  CHECK(train::drawn_around(s.settings, model).empty());
  s.settings.method = Method::process;
  CHECK(train::drawn_around(s.settings, model) == "design values");
  CHECK_FALSE(train::samples_beside_fit(s.settings, model));
  model.chips.front().kind = "airy";
  CHECK(train::samples_beside_fit(s.settings, model));
  CHECK(train::drawn_around(s.settings, model) == "design values, not the fit (airy)");
  s.settings.method = Method::bp;
  CHECK_FALSE(train::samples_beside_fit(s.settings, model));
  s.settings.perturbation.draw_process = true;
  CHECK(train::samples_beside_fit(s.settings, model));
}
