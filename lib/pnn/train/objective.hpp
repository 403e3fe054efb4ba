// Loss and gradients of a network on its model, at a point of control space: controls, an offset of
// every element's response, an offset of every weight, the system parameters of every layer.
#pragma once

#include <memory>
#include <vector>

#include "pnn/network/network.hpp"
#include "pnn/platform/transfer_map.hpp"
#include "pnn/train/laboratory.hpp"
#include "pnn/train/residual.hpp"

namespace pnn::train {

/// Samples of one step.
template <class Real>
struct Batch {
  ConstMatrixView<Real> x;
  std::span<const std::int32_t> labels;
  /// What a generator's outputs are compared with, [m, outputs].
  ConstMatrixView<Real> pictures = ConstMatrixView<Real>(nullptr, 0, 0);
};

/// Where to evaluate. Flat vectors run over the physical layers in order, each as its map orders them; empty
/// ones are zero.
template <class Real>
struct Point {
  std::span<const Real> controls;            ///< mA, rad, 1
  std::span<const Real> response_offset;     ///< nm, rad, 1; one a control
  std::span<const Real> weight_offset;       ///< 1; one a stored weight
  std::span<const platform::System> system;  ///< a layer
  std::span<const Real> digital;
};

/// What a gradient call fills; empty spans are not wanted. Assigned, not added.
template <class Real>
struct PointGradient {
  std::span<Real> controls, response_offset, weights, digital;
  std::vector<platform::System> system;  ///< a layer
  bool wants_system = true;              ///< of parameters whose gradient costs time of its own
};

/// What residual maps are fitted to.
enum class ResidualStates {
  separable,  ///< each layer's own input and output on the device
  unitary,    ///< the outputs of all layers, through the predicted chain
  output,     ///< the network's output alone
};

/// How gradients are made with a device. Forward on the device, backward through the model at the activations
/// that the device gave (physics-aware training: Wright et al., Nature 601, 549, 2022); or, where the
/// device's output alone is read, at the model's own. With residual maps the model is W + E and meshes take
/// the moduli of their fields from the detectors (dual adaptive training: Zheng et al., Nat. Mach. Intell. 5,
/// 1119, 2023); every gradient first moves E one step towards what the device just gave.
struct InSitu {
  Laboratory* laboratory = nullptr;
  bool output_only = false;
  Residuals* residuals = nullptr;
  ResidualStates states = ResidualStates::separable;
};

/// Holds the maps of the physical layers, and all memory that a step needs.
template <class Real>
class Objective {
 public:
  Objective(const network::Resolved& network, std::vector<std::unique_ptr<platform::TransferMap<Real>>> maps,
            network::Task task, Index max_batch);
  ~Objective();

  /// Forward pass alone.
  network::Loss loss(const Batch<Real>& batch, const Point<Real>& point, network::Statistics statistics,
                     std::span<Real> state);
  /// Forward, backward, pullback through the maps. A slope penalty, if set, is added to loss and gradient.
  network::Loss gradient(const Batch<Real>& batch, const Point<Real>& point, network::Statistics statistics,
                         std::span<Real> state, PointGradient<Real>& out);

  /// From now on physical products are made on a device (float only), whose controls are set to those of each
  /// point; of a point only controls and digital parameters count.
  void run_on(const InSitu& in_situ);

  /// Adds lambda · mean over all weights of (range · ∂W/∂I)². Throws UsageError where a weight has no control
  /// of its own (meshes).
  void set_slope_penalty(double lambda);

  [[nodiscard]] Index control_count() const { return offsets_.back(); }
  [[nodiscard]] Index digital_count() const { return digital_count_; }
  [[nodiscard]] Index state_count() const { return state_count_; }
  [[nodiscard]] std::size_t layers() const { return maps_.size(); }
  [[nodiscard]] platform::TransferMap<Real>& map(std::size_t layer) { return *maps_[layer]; }
  [[nodiscard]] const platform::TransferMap<Real>& map(std::size_t layer) const { return *maps_[layer]; }
  /// First flat index of a layer's controls; offset(layers()) is the end.
  [[nodiscard]] Index offset(std::size_t layer) const { return offsets_[layer]; }
  /// The same of its stored weights.
  [[nodiscard]] Index weight_offset(std::size_t layer) const { return weight_offsets_[layer]; }
  [[nodiscard]] Index weight_count() const { return weight_offsets_.back(); }

 private:
  platform::OperatingPoint<Real> operating_point(const Point<Real>& point, std::size_t layer) const;
  void materialise(const Point<Real>& point);
  /// Where the next pass goes without a matrix.
  void choose_routes(Index batch, const Point<Real>& point, bool wants_weights);
  network::Parameters<Real> parameters(const Point<Real>& point, std::span<Real> state) const;
  void forward(const Batch<Real>& batch, const Point<Real>& point, network::Statistics statistics,
               std::span<Real> state, bool goes_back);
  void forward_on_device(const Batch<float>& batch, const Point<float>& point, network::Statistics statistics,
                         std::span<float> state, bool goes_back);
  void fit_residuals(const Batch<float>& batch, const Point<float>& point, std::span<float> state);
  double add_slope_penalty(const Point<Real>& point, std::span<Real> gradient);

  std::vector<std::unique_ptr<platform::TransferMap<Real>>> maps_;
  std::vector<platform::WeightwiseMap<Real>*> weightwise_;  ///< the same maps, for the slope penalty
  std::vector<Index> offsets_, weight_offsets_;
  Index digital_count_, state_count_;
  network::Task task_;
  network::Resolved network_;
  Index max_batch_;
  network::Pass<Real> pass_;
  std::vector<Matrix<Real>> weights_, weight_gradients_;
  class Route;
  std::vector<std::unique_ptr<Route>> routes_;       ///< of the layers that have one, else null
  std::vector<network::SignalRoute<Real>*> taken_;   ///< those of the present pass
  std::vector<platform::Pullback<Real>> pullbacks_;  ///< a layer, of the present call
  InSitu in_situ_;
  std::unique_ptr<network::Pass<Real>> other_pass_;  ///< in situ: the device's pass, or the predicted one
  network::Pass<Real>* shown_ = nullptr;             ///< the pass whose outputs the loss is of
  std::vector<Real> unused_digital_gradient_;
  std::vector<Real> slope_, curvature_;
  double slope_penalty_ = 0;
};

}  // namespace pnn::train
