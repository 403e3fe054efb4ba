#include "pnn/study/trim.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "pnn/core/reduce.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/network/evaluate.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::study {
namespace {

/// What the trims share.
struct Bench {
  Deployed& deployed;
  const network::Resolved& network;
  const network::SplitView& samples;
  network::Task task;
  Chip& chip;
};

/// Loss on the calibration samples with the chip as it is.
double calibration_loss(const Bench& b) {
  stop_if_asked();
  b.deployed.spent.samples += std::uint64_t(b.samples.size());
  return network::evaluate(b.network, {{}, b.deployed.digital, b.deployed.state}, b.samples, b.task, &b.chip)
      .loss;
}

/// A coarse scan of 1.5 K to either side, and on from an end that is best while the loss falls; then finer
/// steps about the best: the loss over the set point has one broad valley at best.
void trim_temperature(const Bench& b, Surroundings s) {
  const double start = s.device.drift_k;
  double best = 0, best_loss = std::numeric_limits<double>::infinity();
  const auto is_better = [&](double shift) {
    s.device.drift_k = start + shift;
    b.chip.prepare(s, b.deployed.controls, 0);
    const double loss = calibration_loss(b);
    if (!(loss < best_loss)) return false;
    best_loss = loss;
    best = shift;
    return true;
  };
  constexpr int quarters = 6, furthest = 40;
  is_better(0);
  for (int quarter = -quarters; quarter <= quarters; ++quarter)
    if (quarter != 0) is_better(0.25 * quarter);
  if (std::abs(best) == 0.25 * quarters) {
    const int side = best < 0 ? -1 : 1;
    for (int quarter = quarters + 1; quarter <= furthest && is_better(0.25 * side * quarter);) ++quarter;
  }
  for (const double step : {0.125, 0.0625, 0.03125}) {
    for (const double shift : {best - step, best + step})
      if (is_better(shift)) break;
  }
  b.deployed.set_point_shift_k = best;
}

/// Compares what each physical layer gave with what the model expects of what it received.
class GainMeter : public network::PhysicalRunner {
 public:
  GainMeter(network::PhysicalRunner& chip, std::vector<platform::AnyPlan> plans,
            std::vector<Matrix<float>> weights)
      : chip_(chip),
        plans_(std::move(plans)),
        weights_(std::move(weights)),
        dots_(weights_.size()),
        squares_(weights_.size()) {}
  void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) override {
    chip_.run(layer, inputs, outputs);
    Matrix<float> expected(outputs.rows(), outputs.cols());
    plans_[layer]->transmit(view(std::as_const(weights_[layer])), inputs, view(expected));
    dots_[layer] += sum((expected.array() * outputs.array()).cast<double>());
    squares_[layer] += sum(outputs.array().square().cast<double>());
  }
  [[nodiscard]] double ratio(std::size_t layer) const {
    return squares_[layer] > 0 ? dots_[layer] / squares_[layer] : 1;
  }

 private:
  network::PhysicalRunner& chip_;
  std::vector<platform::AnyPlan> plans_;
  std::vector<Matrix<float>> weights_;
  std::vector<double> dots_, squares_;
};

/// One least-squares factor a layer between what the model expects and what the chip gives at the same
/// inputs, moved into the digital gain, or into the running statistics, that follow.
void trim_gain(const Bench& b, const train::Params& params) {
  Deployed& d = b.deployed;
  const network::Resolved& network = b.network;
  std::vector<Matrix<float>> weights;
  for (const train::Tensor& t : params.weights) {  // a complex matrix is stored as its rows of Re, then of Im
    const std::size_t cols = t.values.shape.back();
    weights.emplace_back(
        ConstMatrixView<float>(t.values.data.data(), Index(t.values.size() / cols), Index(cols)));
  }
  GainMeter meter(b.chip, network.plans(), std::move(weights));
  d.spent.samples += std::uint64_t(b.samples.size());
  static_cast<void>(network::evaluate(network, {{}, d.digital, d.state}, b.samples, b.task, &meter));
  const network::DigitalLayout layout = network::digital_layout(network);
  const auto scale = [](const std::vector<network::Segment>& segments, const std::string& name,
                        std::vector<float>& values, double factor) {
    for (const network::Segment& s : segments) {
      if (s.name != name) continue;
      for (Index k = 0; k < s.size; ++k) values[std::size_t(s.offset + k)] *= float(factor);
    }
  };
  for (std::size_t k = 0; k + 1 < network.layers.size(); ++k) {
    if (network.layers[k].physical < 0) continue;
    const double ratio = meter.ratio(std::size_t(network.layers[k].physical));
    std::size_t after = k + 1;  // a selection of outputs may precede the scaling
    while (network.layers[after].kind == network::Kind::keep) ++after;
    const network::Layer& next = network.layers[after];
    if (next.kind == network::Kind::gain) {
      scale(layout.trained, next.name + "/gain", d.digital, ratio);
    } else if (next.kind == network::Kind::batchnorm && ratio > 0) {
      scale(layout.state, next.name + "/mean", d.state, 1 / ratio);
      scale(layout.state, next.name + "/variance", d.state, 1 / (ratio * ratio));
    }
  }
}

/// Running statistics become those of the calibration samples on this chip, layer after layer in one pass.
void trim_batchnorm(const Bench& b) {
  Deployed& d = b.deployed;
  d.spent.samples += std::uint64_t(b.samples.size());
  network::Pass<float> pass(b.network, b.samples.size());
  pass.forward(b.samples.x, {{}, d.digital, d.state}, network::Statistics::batch_and_replace, &b.chip);
}

}  // namespace

void trim_on_chip(Deployed& deployed, std::span<const Trim> trims, const network::Resolved& network,
                  const train::Params& params, const network::SplitView& calibration, Chip& chip,
                  const Surroundings& surroundings) {
  const std::uint64_t before = chip.calls();
  const Bench bench{deployed, network, calibration, params.task, chip};
  for (const Trim trim : trims) {
    if (trim == Trim::finetune) continue;
    if (trim == Trim::temperature) {
      trim_temperature(bench, surroundings);
      continue;
    }
    Surroundings shifted = surroundings;
    shifted.device.drift_k += deployed.set_point_shift_k;
    chip.prepare(shifted, deployed.controls, 0);
    if (trim == Trim::gain) trim_gain(bench, params);
    if (trim == Trim::batchnorm) trim_batchnorm(bench);
  }
  deployed.spent.calls += chip.calls() - before;
}

}  // namespace pnn::study
