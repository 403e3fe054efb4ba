// The loss of a network on its model, and its gradients, at a point: controls, an offset of each element's
// response, an offset of each weight, and the system parameters of each layer.
#pragma once

#include <memory>
#include <vector>

#include "pnn/network/network.hpp"
#include "pnn/platform/transfer_map.hpp"
#include "pnn/train/laboratory.hpp"
#include "pnn/train/residual.hpp"

namespace pnn::train {

/// The samples of one step.
template <class Real>
struct Batch {
  ConstMatrixView<Real> x;               ///< [samples, inputs]
  std::span<const std::int32_t> labels;  ///< [samples]
  /// What outputs are compared with, as network::Pass::loss takes it; may be empty.
  ConstMatrixView<Real> targets = ConstMatrixView<Real>(nullptr, 0, 0);
};

/// The point at which the loss is evaluated. Flat vectors contain the physical layers in order, each in the
/// order of its map. An empty offset is zero.
template <class Real>
struct Point {
  std::span<const Real> controls;            ///< mA, rad, 1
  std::span<const Real> response_offset;     ///< nm, rad, 1; [controls]
  std::span<const Real> weight_offset;       ///< [stored weights]
  std::span<const platform::System> system;  ///< [layers]
  std::span<const Real> digital;
};

/// The gradients that a call computes. They are assigned, not added; an empty span is not computed.
template <class Real>
struct PointGradient {
  std::span<Real> controls, response_offset, weights, digital;
  std::vector<platform::System> system;  ///< [layers]
  bool wants_system = true;              ///< whether to compute the system gradients that cost extra time
};

/// How gradients are computed with a device: forward on the device, backward through the model at the
/// activations of the device (physics-aware training: Wright et al., Nature 601, 549, 2022), or at the
/// model's own activations if only the device's output is read. With residual maps the model is W + E, and
/// layers with fields take their moduli from the detectors (dual adaptive training: Zheng et al., Nat. Mach.
/// Intell. 5, 1119, 2023); each gradient call first moves E by one step towards the latest outputs of the
/// device.
struct InSitu {
  Laboratory* laboratory = nullptr;
  bool output_only = false;
  Residuals* residuals = nullptr;
  ResidualStates states = ResidualStates::separable;
};

/// The loss of one network. It owns the maps of the physical layers and all memory that a step needs.
template <class Real>
class Objective {
 public:
  /// `maps`: one for each physical layer. `max_batch`: the largest number of samples of a call.
  Objective(const network::Resolved& network, std::vector<std::unique_ptr<platform::TransferMap<Real>>> maps,
            network::Task task, Index max_batch);

  /// The loss, by a forward pass. `state`: running batch-norm statistics, updated as `statistics` says.
  network::Loss loss(const Batch<Real>& batch, const Point<Real>& point, network::Statistics statistics,
                     std::span<Real> state);
  /// The loss and its gradients, by a forward and a backward pass and a pullback through the maps. The slope
  /// penalty, if set, is added to both.
  network::Loss gradient(const Batch<Real>& batch, const Point<Real>& point, network::Statistics statistics,
                         std::span<Real> state, PointGradient<Real>& out);

  /// From now on this part of each label is spread over all classes, as network::Pass::loss has it.
  void set_label_smoothing(double part) { smoothing_ = part; }
  /// From now on dropout leaves numbers out, as network::Pass::set_drop has it.
  void set_drop(const Stream& stream);
  /// From now on physical layers run on a device (float only), whose controls are set to those of each point.
  /// Offsets and system parameters of a point are then ignored.
  void run_on(const InSitu& in_situ);

  /// Adds lambda · mean over all weights of (range · ∂W/∂I)² to the loss. Throws UsageError if weights have
  /// no control of their own.
  void set_slope_penalty(double lambda);

  [[nodiscard]] Index control_count() const { return offsets_.back(); }
  [[nodiscard]] Index digital_count() const { return digital_count_; }
  [[nodiscard]] Index state_count() const { return state_count_; }
  [[nodiscard]] std::size_t layers() const { return maps_.size(); }
  [[nodiscard]] platform::TransferMap<Real>& map(std::size_t layer) { return *maps_[layer]; }
  [[nodiscard]] const platform::TransferMap<Real>& map(std::size_t layer) const { return *maps_[layer]; }
  /// The first flat index of a layer's controls; offset(layers()) is their total number.
  [[nodiscard]] Index offset(std::size_t layer) const { return offsets_[layer]; }
  /// The same for its stored weights.
  [[nodiscard]] Index weight_offset(std::size_t layer) const { return weight_offsets_[layer]; }
  [[nodiscard]] Index weight_count() const { return weight_offsets_.back(); }

 private:
  platform::OperatingPoint<Real> operating_point(const Point<Real>& point, std::size_t layer) const;
  void materialise(const Point<Real>& point);
  /// Chooses the layers that the next pass computes without forming a matrix.
  void choose_ways(Index batch, const Point<Real>& point, bool wants_weights);
  network::Parameters<Real> parameters(const Point<Real>& point, std::span<Real> state) const;
  void forward(const Batch<Real>& batch, const Point<Real>& point, network::Statistics statistics,
               std::span<Real> state, bool goes_back);
  void forward_on_device(const Batch<float>& batch, const Point<float>& point, network::Statistics statistics,
                         std::span<float> state, bool goes_back);
  void fit_residuals(const Batch<float>& batch, const Point<float>& point, std::span<float> state);
  double add_slope_penalty(const Point<Real>& point, std::span<Real> gradient);

  std::vector<std::unique_ptr<platform::TransferMap<Real>>> maps_;
  std::vector<Index> offsets_, weight_offsets_;
  Index digital_count_, state_count_;
  network::Task task_;
  network::Resolved network_;
  Index max_batch_;
  network::Pass<Real> pass_;
  std::vector<Matrix<Real>> weights_, weight_gradients_;
  std::vector<platform::DirectWay<Real>> ways_;  ///< [layer], through its map without a matrix
  std::vector<const platform::DirectWay<Real>*>
      taken_;  ///< those that the present pass takes; null: by the matrix
  std::vector<platform::Pullback<Real>> pullbacks_;  ///< [layer], of the present call
  InSitu in_situ_;
  std::unique_ptr<network::Pass<Real>>
      other_pass_;                        ///< in situ: the pass of the device, or the predicted one
  network::Pass<Real>* shown_ = nullptr;  ///< the pass whose outputs determine the loss
  std::vector<Real> unused_digital_gradient_;
  std::vector<Real> slope_, curvature_;
  double slope_penalty_ = 0, smoothing_ = 0;
};

}  // namespace pnn::train
