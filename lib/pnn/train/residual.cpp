#include "pnn/train/residual.hpp"

#include <utility>

#include "pnn/core/reduce.hpp"
#include "pnn/platform/transmission.hpp"

namespace pnn::train {
namespace {

std::size_t stored_size(const platform::LayerPlan& plan) {
  std::size_t n = 1;
  for (const std::size_t d : plan.weights_port().shape) n *= d;
  return n;
}

std::size_t total_size(const std::vector<platform::AnyPlan>& plans) {
  std::size_t n = 0;
  for (const platform::LayerPlan& plan : plans) n += stored_size(plan);
  return n;
}

}  // namespace

Residuals::Residuals(std::vector<platform::AnyPlan> plans, double rate)
    : plans_(std::move(plans)),
      rate_(rate),
      values_(total_size(plans_)),
      flat_gradient_(values_.size()),
      optimizer_(Optimizer::Kind::adam, values_.size(), 0) {
  std::size_t begin = 0;
  for (const platform::LayerPlan& plan : plans_) {
    const auto cols = Index(plan.weights_port().shape.back());
    gradients_.emplace_back(Matrix<float>::Zero(Index(stored_size(plan)) / cols, cols));
    offsets_.push_back(begin);
    begin += stored_size(plan);
  }
}

void Residuals::measure(std::size_t layer, const Matrix<float>& model, ConstMatrixView<float> inputs,
                        ConstMatrixView<float> outputs) {
  const ConstMatrixView<float> e(values_.data() + offsets_[layer], model.rows(), model.cols());
  const Matrix<float> w = model + e;
  const double power = double(squared_norm(outputs));
  const auto share = float(power > 0 ? 2 / power : 0);
  Matrix<float> predicted(outputs.rows(), outputs.cols());
  plans_[layer]->transmit(view(w), inputs, view(predicted));
  const Matrix<float> error = (predicted - outputs) * share;
  plans_[layer]->transmit_back(view(w), inputs, view(error), view(gradients_[layer]));
}

void Residuals::update() {
  for (std::size_t layer = 0; layer < plans_.size(); ++layer) {
    std::copy_n(gradients_[layer].data(), gradients_[layer].size(),
                flat_gradient_.begin() + std::ptrdiff_t(offsets_[layer]));
  }
  optimizer_.update(0, values_, flat_gradient_, 1, rate_, steps_++);
}

void Residuals::add_to(std::span<Matrix<float>> model) const {
  for (std::size_t layer = 0; layer < plans_.size(); ++layer) {
    VectorView<float>(model[layer].data(), model[layer].size()) +=
        ConstVectorView<float>(values_.data() + offsets_[layer], model[layer].size());
  }
}

}  // namespace pnn::train
