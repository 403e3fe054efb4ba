// Trainings of networks with dropout and sums: what is left out depends on seed, step and sample alone.
#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "tests/catch.hpp"
#include "tests/train/small.hpp"

using namespace pnn;

namespace {

test::Learner learner(const std::string& dropout) {
  std::vector<std::string> layers = {"mrr:out=10", "batchnorm", "relu", "save:a", "dense:out=10"};
  if (!dropout.empty()) layers.push_back(dropout);
  layers.insert(layers.end(), {"add:a", "mrr:out=3"});
  return {{"12", layers}, test::clusters(12, 300, 90, 0.3F, 1.0F), 30, 1e-2};
}

}  // namespace

TEST_CASE("a training with dropout and a sum repeats on any threads, interrupted and resumed") {
  for (const train::Method method : {train::Method::bp, train::Method::sat}) {
    test::Learner s = learner("dropout:0.3");
    s.settings.method = method;
    s.settings.perturbation.draws = 3;
    CHECK(test::check_repeats(s, 23).history.test_score.back() > 0.9);
  }
}

TEST_CASE("dropout acts in training, and other rates leave out other numbers") {
  const train::Params none = learner("").train(), some = learner("dropout:0.3").train(),
                      more = learner("dropout:0.6").train();
  CHECK(none.history.loss != some.history.loss);
  CHECK(some.history.loss != more.history.loss);
  CHECK(none.history.loss.back() < more.history.loss.back());
}
