// A generator learns a distribution by the methods that others learn classes by, and repeats and resumes.
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "tests/catch.hpp"
#include "tests/train/small.hpp"

using namespace pnn;
using train::Method;

namespace {

struct Generator : test::Learner {
  Generator()
      : Learner({"2", {"mrr:out=12", "batchnorm", "tanh", "mrr:out=6"}},
                test::clusters(6, 120, 60, 0.2F, 0.8F), 40, 2e-2) {
    settings.task = network::Task::generate;
    settings.length.epochs = 8;
  }
};

}  // namespace

TEST_CASE("a generator's distance to the data falls, by every method on a model") {
  Generator g;
  g.settings.length.epochs = 60;
  for (const train::Method method :
       {Method::bp, Method::noise, Method::slope, Method::sam, Method::process, Method::sat}) {
    INFO(word_of(method));
    g.settings.method = method;
    g.settings.system.perturb.clear();
    if (method == Method::sat) g.settings.system.perturb = {"temperature=0.1"};
    const train::History h = g.train().history;
    // of three clusters that lie about 1.1 apart; a point in their middle is 2 · 0.65 − 0.78 = 0.5 from them
    CHECK(h.test_score.back() < 0.4);
    CHECK(h.test_score.back() < 0.7 * h.test_score.front());
    CHECK(h.train_score.back() == h.loss.back());
  }
}

TEST_CASE("a generator's training has the same bits for one and two threads, and interrupted in the middle") {
  for (const train::Method method : {Method::bp, Method::sat}) {
    INFO(word_of(method));
    Generator g;
    g.settings.method = method;
    test::check_repeats(g, 10);
  }
}

TEST_CASE("a generator compares distributions, of which one sample is none") {
  Generator g;
  g.settings.updates.batch = 1;
  CHECK_THROWS_WITH(g.train(), Catch::Matchers::Contains("--batch 2 or more"));
}
