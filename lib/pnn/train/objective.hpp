// Loss and gradients of a network on its model, at a point of control space: controls, an offset of
// every element's detuning, an offset of every weight, a temperature for every layer.
#pragma once

#include <memory>
#include <vector>

#include "pnn/network/network.hpp"
#include "pnn/platform/bank.hpp"

namespace pnn::train {

/// Samples of one step.
template <class Real>
struct Batch {
  ConstMatrixView<Real> x;
  std::span<const std::int32_t> labels;
};

/// Where to evaluate. Flat vectors run over the physical layers in order, [out, in] each; empty ones are
/// zero.
template <class Real>
struct Point {
  std::span<const Real> controls;         ///< mA
  std::span<const Real> response_offset;  ///< nm
  std::span<const Real> weight_offset;    ///< 1
  std::span<const double> temperature;    ///< K above reference, a layer
  std::span<const Real> digital;
};

/// What a gradient call fills; empty spans are not wanted. Assigned, not added.
template <class Real>
struct PointGradient {
  std::span<Real> controls, response_offset, weights, digital;
  std::vector<double> temperature;  ///< a layer
};

/// Holds the maps of the physical layers, and all memory that a step needs.
template <class Real>
class Objective {
 public:
  Objective(const network::Resolved& network, std::vector<std::unique_ptr<platform::Bank<Real>>> maps,
            network::Task task, Index max_batch);

  /// Forward pass alone.
  network::Loss loss(const Batch<Real>& batch, const Point<Real>& point, network::Statistics statistics,
                     std::span<Real> state);
  /// Forward, backward, pullback through the maps. A slope penalty, if set, is added to loss and gradient.
  network::Loss gradient(const Batch<Real>& batch, const Point<Real>& point, network::Statistics statistics,
                         std::span<Real> state, PointGradient<Real>& out);

  /// Adds lambda · mean over all weights of (range · ∂W/∂I)².
  void set_slope_penalty(double lambda) { slope_penalty_ = lambda; }

  [[nodiscard]] Index control_count() const { return offsets_.back(); }
  [[nodiscard]] Index digital_count() const { return digital_count_; }
  [[nodiscard]] Index state_count() const { return state_count_; }
  [[nodiscard]] std::size_t layers() const { return maps_.size(); }
  [[nodiscard]] platform::Bank<Real>& map(std::size_t layer) { return *maps_[layer]; }
  [[nodiscard]] const platform::Bank<Real>& map(std::size_t layer) const { return *maps_[layer]; }
  /// First flat index of a layer; offset(layers()) is the end.
  [[nodiscard]] Index offset(std::size_t layer) const { return offsets_[layer]; }
  /// The matrices of the last call.
  [[nodiscard]] std::span<const Matrix<Real>> weights() const { return weights_; }

 private:
  platform::OperatingPoint<Real> operating_point(const Point<Real>& point, std::size_t layer) const;
  void materialise(const Point<Real>& point);
  double add_slope_penalty(const Point<Real>& point, std::span<Real> gradient);

  std::vector<std::unique_ptr<platform::Bank<Real>>> maps_;
  std::vector<Index> offsets_;
  Index digital_count_, state_count_;
  network::Task task_;
  network::Pass<Real> pass_;
  std::vector<Matrix<Real>> weights_, weight_gradients_;
  std::vector<Real> slope_, curvature_;
  double slope_penalty_ = 0;
};

}  // namespace pnn::train
