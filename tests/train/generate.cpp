// A generator learns a distribution by the methods that others learn classes by, and repeats and resumes.
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "tests/catch.hpp"
#include "tests/train/small.hpp"

using namespace pnn;

namespace {

struct Generator {
  network::Resolved net = network::resolve({"2", {"mrr:out=12", "batchnorm", "tanh", "mrr:out=6"}}, 16, 8);
  model::Model model = model::nominal_model(net.plans(), {});
  network::Dataset data = test::clusters(6, 120, 60, 0.2F, 0.8F);
  train::TrainSettings settings;
  Generator() {
    settings.task = "generate";
    settings.epochs = 8;
    settings.batch = 40;
    settings.lr = 2e-2;
  }
  train::Params train(const train::Params* resume = nullptr, Progress* progress = nullptr,
                      train::Params* saved = nullptr) const {
    return test::run_training({net, model, 0, data, settings, 1, nullptr, resume}, progress, saved);
  }
};

bool same_bits(const train::Params& a, const train::Params& b) {
  for (std::size_t k = 0; k < a.controls.size(); ++k)
    if (a.controls[k].values.data != b.controls[k].values.data) return false;
  for (std::size_t k = 0; k < a.digital.size(); ++k)
    if (a.digital[k].values.data != b.digital[k].values.data) return false;
  return a.history.loss == b.history.loss && a.history.test_accuracy == b.history.test_accuracy;
}

}  // namespace

TEST_CASE("a generator's distance to the data falls, by every method on a model") {
  Generator g;
  g.settings.epochs = 60;
  for (const std::string method : {"bp", "noise", "slope", "sam", "process", "sat"}) {
    INFO(method);
    g.settings.method = method;
    g.settings.perturb.clear();
    if (method == "sat") g.settings.perturb = {"temperature=0.1"};
    const train::History h = g.train().history;
    // of three clusters that lie about 1.1 apart; a point in their middle is 2 · 0.65 − 0.78 = 0.5 from them
    CHECK(h.test_accuracy.back() < 0.4);
    CHECK(h.test_accuracy.back() < 0.7 * h.test_accuracy.front());
    CHECK(h.train_accuracy.back() == h.loss.back());
  }
}

TEST_CASE("a generator's training has the same bits for one and two threads, and interrupted in the middle") {
  for (const std::string method : {"bp", "sat"}) {
    INFO(method);
    Generator g;
    g.settings.method = method;
    set_threads(1);
    const train::Params one = g.train();
    set_threads(2);
    CHECK(same_bits(one, g.train()));
    set_threads(0);
    train::Params saved;
    test::StopAfter progress(10);
    CHECK_THROWS_AS(g.train(nullptr, &progress, &saved), Interrupted);
    CHECK(saved.optimizer.step > 0);
    CHECK(same_bits(one, g.train(&saved)));
  }
}

TEST_CASE("a generator compares distributions, of which one sample is none") {
  Generator g;
  g.settings.batch = 1;
  CHECK_THROWS_WITH(g.train(), Catch::Matchers::Contains("--batch 2 or more"));
}
