// Optimisers and learning-rate schedules on flat parameter vectors.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "pnn/core/words.hpp"

namespace pnn::train {

/// Adam (Kingma and Ba, ICLR 2015; β 0.9 and 0.999, ε 1e-8, bias-corrected), or SGD with heavy-ball momentum.
/// A parameter x is updated as if x/scale were the variable.
class Optimizer {
 public:
  enum class Kind { adam, sgd };
  Optimizer(Kind kind, std::size_t size, double momentum)
      : kind_(kind), momentum_(momentum), m_(size), v_(kind == Kind::adam ? size : 0) {}

  /// Update number `step` (from 0), in place, of the parameters `values`, which are numbers `first`, `first`
  /// + 1, … of all `size` parameters. `rate`: learning rate, in units of `scale`.
  void update(std::size_t first, std::span<float> values, std::span<const float> gradient, double scale,
              double rate, std::uint64_t step);

  /// The moments, part of a checkpoint; SGD has no second one.
  [[nodiscard]] std::vector<float>& first_moment() { return m_; }
  [[nodiscard]] std::vector<float>& second_moment() { return v_; }

 private:
  Kind kind_;
  double momentum_;
  std::vector<float> m_, v_;
};

constexpr auto words_of(Optimizer::Kind) {
  using enum Optimizer::Kind;
  return std::to_array<Word<Optimizer::Kind>>({{adam, "adam"}, {sgd, "sgd"}});
}

/// A learning-rate schedule.
struct Schedule {
  enum class Kind { constant, cosine, step, wsd };
  Kind kind = Kind::cosine;
  std::uint64_t total_steps = 1;
  std::uint64_t step_every = 1;
  double step_factor = 0.1;
  double warmup = 0, decay = 0.1;  ///< of total_steps
  /// The factor on the learning rate at `step` of total_steps. cosine: falls to 0 at the end; step:
  /// multiplied by step_factor every step_every steps; wsd (warm-up, stable, decay): rises linearly over the
  /// first `warmup`, is 1, and falls linearly to 0 over the last `decay` of the steps.
  [[nodiscard]] double factor(std::uint64_t step) const;
};
constexpr auto words_of(Schedule::Kind) {
  using enum Schedule::Kind;
  return std::to_array<Word<Schedule::Kind>>(
      {{constant, "constant"}, {cosine, "cosine"}, {step, "step"}, {wsd, "wsd", "warm-up, stable, decay"}});
}

}  // namespace pnn::train
