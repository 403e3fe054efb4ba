// Data that is learnt in a few steps, a stop in the middle of learning it, and the learning itself.
#pragma once

#include <span>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/progress.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/network/dataset.hpp"
#include "pnn/train/loop.hpp"
#include "tests/catch.hpp"

namespace pnn::test {

/// Three noisy clusters: class c is `level` on the c-th third of the features, with uniform noise of
/// `spread`.
inline network::Dataset clusters(Index features, Index samples, Index tests, float spread, float level) {
  network::Dataset data;
  data.name = "clusters";
  data.shape = {features, 1, 1};
  data.classes = {"a", "b", "c"};
  const Index third = features / 3;
  const auto fill = [&](network::Split& split, Index n, std::uint16_t stream) {
    split.x.resize(n, features);
    fill_symmetric({5, Purpose::test, stream}, std::span<float>(split.x.data(), std::size_t(split.x.size())));
    for (Index k = 0; k < n; ++k) {
      split.y.push_back(std::int32_t(k % 3));
      split.x.row(k) *= spread;
      split.x.row(k).segment(third * (k % 3), third).array() += level;
    }
  };
  fill(data.train, samples, 1);
  fill(data.test, tests, 2);
  return data;
}

/// Asks to stop at the `steps`-th question.
class StopAfter : public Progress {
 public:
  explicit StopAfter(int steps) : left_(steps) {}
  [[nodiscard]] bool stop_requested() const override { return --left_ <= 0; }

 private:
  mutable int left_;
};

/// Trains without a word; `saved` keeps the last checkpoint.
inline train::Params run_training(const train::TrainInput& input, Progress* progress, train::Params* saved) {
  Progress quiet;
  return train::train(input, progress != nullptr ? *progress : quiet, [&](const train::Params& p) {
    if (saved != nullptr) *saved = p;
  });
}

/// A network, its nominal model, data and settings, to be trained in silico. Members may be changed before.
struct Learner {
  network::Resolved net;
  platform::Process process;
  network::Dataset data;
  train::TrainSettings settings;
  Learner(const network::NetworkSpec& network, network::Dataset of, int batch, double lr)
      : net(network::resolve(network, {})), data(std::move(of)) {
    settings.length.epochs = 6;
    settings.updates.batch = batch;
    settings.updates.lr = lr;
  }
  [[nodiscard]] model::Model model() const { return model::nominal_model(net.plans(), process); }
  [[nodiscard]] train::Params train(const train::Params* resume = nullptr, Progress* progress = nullptr,
                                    train::Params* saved = nullptr) const {
    const model::Model known = model();
    return run_training({net, known, 0, data, settings, 1, nullptr, resume}, progress, saved);
  }
};

/// To the bit: controls, digital parameters and history.
inline bool same(const train::Params& a, const train::Params& b) {
  for (const auto part : {&train::Params::controls, &train::Params::digital}) {
    const auto &x = a.*part, &y = b.*part;
    if (x.size() != y.size()) return false;
    for (std::size_t k = 0; k < x.size(); ++k)
      if (x[k].values.data != y[k].values.data) return false;
  }
  return a.history.loss == b.history.loss && a.history.test_score == b.history.test_score &&
         a.history.gradients == b.history.gradients;
}

/// Checks that a training has the same bits for one and two threads, and interrupted after `stop` steps and
/// resumed. Returns its parameters.
template <class Trained>
train::Params check_repeats(const Trained& s, int stop) {
  set_threads(1);
  const train::Params one = s.train();
  set_threads(2);
  CHECK(same(one, s.train()));
  set_threads(0);
  train::Params saved;
  StopAfter progress(stop);
  CHECK_THROWS_AS(s.train(nullptr, &progress, &saved), Interrupted);
  CHECK(saved.optimizer.step > 0);
  CHECK(same(one, s.train(&saved)));
  return one;
}

}  // namespace pnn::test
