// Ranks that share the parts of a batch train to the bytes of one program, stop together and fail together.
#include <mutex>

#include "pnn/core/errors.hpp"
#include "pnn/train/part_sum.hpp"
#include "tests/catch.hpp"
#include "tests/ranks.hpp"
#include "tests/train/small.hpp"

using namespace pnn;
using train::Method;

namespace {

/// What a training by some ranks gives on each of them, and the states that it saves.
struct Shared {
  std::vector<train::Params> results;
  std::vector<train::Params> saved;
  std::vector<std::exception_ptr> errors;
};

/// Trains on `count` ranks; rank `stopped` is asked to stop after some steps.
Shared train_on(const test::Learner& learner, int count, const train::Params* resume = nullptr,
                int stopped = -1) {
  Shared all;
  all.results.resize(std::size_t(count));
  const model::Model model = learner.model();
  std::mutex guard;
  all.errors = test::on_ranks(count, [&](Ranks& ranks) {
    const train::TrainInput input{learner.net, model, 0, learner.data, learner.settings, 1, nullptr, resume};
    set_ranks(ranks);
    Progress quiet;
    test::StopAfter stop(7);
    all.results[std::size_t(ranks.rank())] = train::train(
        input, ranks.rank() == stopped ? static_cast<Progress&>(stop) : quiet, [&](const train::Params& p) {
          const std::lock_guard<std::mutex> lock(guard);
          all.saved.push_back(p);
        });
  });
  return all;
}

bool same_state(const train::Params& a, const train::Params& b) {
  const auto &x = a.optimizer.moments, &y = b.optimizer.moments;
  if (x.size() != y.size() || a.optimizer.step != b.optimizer.step) return false;
  for (std::size_t k = 0; k < x.size(); ++k)
    if (x[k].name != y[k].name || x[k].values.data != y[k].values.data) return false;
  return test::same(a, b);
}

/// Six parts a batch, of samples that no number of ranks divides.
test::Learner learner(Method method) {
  test::Learner own({"12", {"mrr:out=10", "batchnorm", "relu", "dropout:0.2", "dense:out=3"}},
                    test::clusters(12, 150, 600, 0.3F, 1.0F), 26, 2e-2);
  own.settings.method = method;
  own.settings.perturbation.draws = 6;
  own.settings.length.epochs = 3;
  return own;
}

}  // namespace

TEST_CASE("ranks train to the bytes of one program, by every method on a model") {
  for (const Method method : {Method::bp, Method::noise, Method::slope, Method::sam, Method::process,
                              Method::sat, Method::drawn_sat}) {
    INFO(word_of(method));
    test::Learner own = learner(method);
    if (method == Method::drawn_sat) own.settings.perturbation.scale = train::Scale::response;
    if (method == Method::sat) {
      own.settings.system.perturb = {"temperature=0.5"};
      own.settings.statistics.ascent = train::StatisticsPass::both;
    }
    if (method == Method::process) {
      own.settings.system.perturb = {"temperature=0.5"};
      own.settings.statistics.freeze = 0.4;
    }
    const train::Params one = own.train();
    for (const int count : {2, 4}) {
      const Shared all = train_on(own, count);
      for (int rank = 0; rank < count; ++rank) {
        INFO("rank " << rank << " of " << count);
        REQUIRE(!all.errors[std::size_t(rank)]);
        CHECK(test::same(all.results[std::size_t(rank)], one));
      }
      CHECK(all.saved.size() == 2);  // by rank 0, at the end of each epoch but the last
    }
  }
}

TEST_CASE("ranks train generators and the mean of parameters to the same bytes") {
  test::Learner own({"2", {"mrr:out=12", "batchnorm", "tanh", "mrr:out=6"}},
                    test::clusters(6, 120, 251, 0.2F, 0.8F), 40, 2e-2);
  own.settings.task = network::Task::generate;
  own.settings.perturbation.draws = 4;
  own.settings.updates.average = 0.9;
  const train::Params one = own.train();
  const Shared all = train_on(own, 3);
  for (const train::Params& result : all.results) CHECK(test::same(result, one));
}

TEST_CASE("ranks stop at one step, and any number of them goes on from there") {
  const test::Learner own = learner(Method::process);
  const train::Params whole = own.train();
  const Shared stopped = train_on(own, 3, nullptr, 2);
  for (const std::exception_ptr& error : stopped.errors)
    CHECK(test::message_of<Interrupted>(error) == "interrupted at step 7 of 15");
  REQUIRE(stopped.saved.size() == 2);
  train::Params alone;
  test::StopAfter stop(7);
  CHECK_THROWS_AS(own.train(nullptr, &stop, &alone), Interrupted);
  CHECK(same_state(stopped.saved.back(), alone));
  for (const int count : {1, 2}) {
    const Shared resumed = train_on(own, count, &stopped.saved.back());
    for (const train::Params& result : resumed.results) CHECK(test::same(result, whole));
  }
}

TEST_CASE("a training that fails on ranks fails on all of them, and rank 0 saves the state before") {
  test::Learner own = learner(Method::bp);
  own.settings.updates.optimizer = train::Optimizer::Kind::sgd;
  own.settings.updates.lr = 1e25;
  std::string expected;
  try {
    static_cast<void>(own.train());
  } catch (const DivergenceError& error) {
    expected = error.what();
  }
  REQUIRE(!expected.empty());
  const Shared all = train_on(own, 2);
  for (const std::exception_ptr& error : all.errors)
    CHECK(test::message_of<DivergenceError>(error) == expected);
}

TEST_CASE("more ranks than parts are refused") {
  test::Learner own = learner(Method::bp);
  own.settings.perturbation.draws = 2;
  for (const std::exception_ptr& error : train_on(own, 3).errors)
    CHECK(test::message_of<UsageError>(error) ==
          "--draws: 3 ranks share the parts of a batch, of which there are 2; cut each batch into 3 or a "
          "multiple of it, "
          "or start fewer ranks");
  own.settings.method = Method::spsa;
  own.settings.perturbation.draws = 1;
  for (const std::exception_ptr& error : train_on(own, 2).errors)
    CHECK(test::message_of<UsageError>(error) ==
          "--method spsa: a device makes one step after the other, which 2 ranks cannot share; start one");
}

TEST_CASE("a sum over parts is in the order of the parts for any number of ranks") {
  constexpr std::size_t size = 37, parts = 7;
  const auto element = [](std::size_t part, std::size_t k) { return 1 / float(1 + 3 * part + k); };
  std::vector<float> expected(size);
  for (std::size_t part = 0; part < parts; ++part)
    for (std::size_t k = 0; k < size; ++k) expected[k] += float(1.0 / double(part + 3)) * element(part, k);
  for (const int count : {1, 2, 3, 4, 7}) {
    const auto errors = test::on_ranks(count, [&](Ranks& ranks) {
      train::PartSum sum(ranks, size);
      for (int round = 0; round < 2; ++round) {
        sum.clear();
        for (std::size_t first = 0; first < parts; first += std::size_t(count)) {
          std::vector<double> weights;
          for (std::size_t part = first; part < std::min(parts, first + std::size_t(count)); ++part)
            weights.push_back(1.0 / double(part + 3));
          for (std::size_t k = 0; k < size; ++k)
            sum.part()[k] = element(first + std::size_t(ranks.rank()), k);
          sum.add(weights);
        }
      }
      const std::span<const float> total = sum.total();
      require(std::equal(total.begin(), total.end(), expected.begin(), expected.end()), "the same bits");
    });
    for (const std::exception_ptr& error : errors) CHECK(!error);
  }
}
