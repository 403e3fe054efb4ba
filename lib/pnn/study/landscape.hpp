// The loss around trained parameters: slices along directions, the Hessian's largest eigenvalues and trace,
// and how stable the parts and the whole are (|∂W/∂Θ|, |∂L/∂W|).
//
// A point is told by coordinates u from the trained parameters: in control space Θ + D u, with D a control's
// range (or 1 in its own unit); in weight space W + u. Digital parameters stand still, batch normalisation
// uses its running statistics. Controls of a slice are projected into their range as a device would; those of
// the Hessian are not.
//
// Directions are filter-normalised Gaussians (Li et al., NeurIPS 2018): the part of each filter, here all
// controls or weights of one output, has the length of the filter itself; or the Hessian's first
// eigenvectors, scaled so that a step of one moves all coordinates by one root mean square.
#pragma once

#include <functional>
#include <memory>

#include "pnn/core/options.hpp"
#include "pnn/core/progress.hpp"
#include "pnn/model/model.hpp"
#include "pnn/network/dataset.hpp"
#include "pnn/study/curvature.hpp"
#include "pnn/study/deployment.hpp"
#include "pnn/study/result.hpp"
#include "pnn/train/objective.hpp"

namespace pnn::study {

struct LandscapeSettings {
  std::string slice = "1d";           ///< none | 1d | 2d
  std::string directions = "random";  ///< random | hessian
  std::string space = "controls";     ///< controls | weights
  std::string scale = "range";        ///< range | none: unit of a control's coordinate
  double span = 1;
  int points = 21;  ///< along each direction; odd, so that the middle is the trained point
  int hessian = 0;  ///< eigenvalues
  int trace = 0;    ///< probes
  bool histogram = false;
  double step = 0;  ///< of differences; 0: 1e-4 of the range on a model, 1e-2 on a device
  void describe(Options& options);
  /// Throws UsageError on settings that contradict each other, or that a device cannot follow.
  void check(bool on_device) const;
};

/// Loss and accuracy at coordinates u, on a model or on a device.
class LossSurface {
 public:
  struct Value {
    double loss = 0, accuracy = 0;
  };
  virtual ~LossSurface() = default;
  [[nodiscard]] virtual Index size() const = 0;
  /// Coordinates of the trained point itself, against which filters are measured.
  [[nodiscard]] virtual std::span<const double> origin() const = 0;
  /// Length of each filter in turn; their sum is size().
  [[nodiscard]] virtual std::span<const Index> filters() const = 0;
  virtual Value value(std::span<const double> u) = 0;
  /// The trained controls as fractions of their range, angles as fractions of a turn.
  [[nodiscard]] virtual std::vector<double> control_fractions() const = 0;
};

/// On a model, where gradients exist.
class ModelSurface final : public LossSurface {
 public:
  /// Conditions reach the model as `system` of each layer. `samples` is kept by reference.
  ModelSurface(const model::Model& model, std::size_t index, const network::Resolved& network,
               const train::Params& params, const network::Split& samples, const LandscapeSettings& settings,
               std::vector<platform::System> system);
  [[nodiscard]] Index size() const override { return Index(origin_.size()); }
  [[nodiscard]] std::span<const double> origin() const override { return origin_; }
  [[nodiscard]] std::span<const Index> filters() const override { return filters_; }
  Value value(std::span<const double> u) override;
  /// ∂L/∂u at u; the point is not projected.
  void gradient(std::span<const double> u, std::span<double> out);
  /// H v at the trained point by the central difference of gradients, `step` along v/|v|·√size.
  [[nodiscard]] HessianProduct hessian(double step);
  /// |∂W/∂Θ_k| of every control, in weights a range (or unit): the norm of a column, by the mean of squares
  /// over `probes` random signs of all weights; exact where a control has one weight. And |∂L/∂W| of every
  /// weight.
  std::vector<double> component_sensitivity(std::uint64_t seed, int probes);
  std::vector<double> system_sensitivity();
  [[nodiscard]] std::vector<double> control_fractions() const override;

 private:
  enum class Bounds { free, projected };
  void place(std::span<const double> u, Bounds bounds);
  template <class Body>
  void over_batches(const Body& body);

  const network::Split& samples_;
  bool weights_;
  std::unique_ptr<train::Objective<double>> objective_;
  std::vector<double> controls_, digital_, state_, unit_;  ///< unit_: D of each coordinate
  std::vector<double> origin_;
  std::vector<Index> filters_;
  std::vector<platform::System> system_;
  std::vector<double> moved_, control_gradient_, weight_gradient_, digital_gradient_, u_, up_, down_;
  Matrix<double> x_;
  network::Task task_;
};

/// On a device, by calls alone. Control space only.
class DeviceSurface final : public LossSurface {
 public:
  DeviceSurface(Chip& chip, const Surroundings& surroundings, const network::Resolved& network,
                const train::Params& params, const network::Split& samples,
                const LandscapeSettings& settings);
  [[nodiscard]] Index size() const override { return Index(origin_.size()); }
  [[nodiscard]] std::span<const double> origin() const override { return origin_; }
  [[nodiscard]] std::span<const Index> filters() const override { return filters_; }
  Value value(std::span<const double> u) override;
  [[nodiscard]] std::vector<double> control_fractions() const override;

 private:
  Chip& chip_;
  Surroundings surroundings_;
  const network::Resolved& network_;
  const network::Split& samples_;
  network::Task task_;
  Deployed deployed_;
  std::vector<double> unit_, origin_, fractions_;
  std::vector<Index> filters_;
  std::uint32_t repeat_ = 0;
};

/// One direction of unit filters: each filter's part has the length of the filter at the origin.
std::vector<double> filter_normalised_direction(const LossSurface& surface, const Stream& stream);

/// zᵀ H z of random signs z [size], one number a probe, whose mean is the trace (Hutchinson 1989).
std::vector<double> trace_probes(Index size, std::uint64_t seed, int probes,
                                 const std::function<double(std::span<const double> z)>& quadratic_form);
/// zᵀ H z by the second difference of the loss, `step` to either side; `centre` is the loss between.
double second_difference(LossSurface& surface, std::span<const double> z, double step, double centre);

/// What one set of parameters has: a part of the result.
struct Landscape {
  LossSurface::Value centre;
  std::vector<double> loss, accuracy;  ///< [points] or [points · points] of the slice
  std::vector<double> eigenvalues, trace;
  std::vector<double> controls, component, system;  ///< what histograms are of
  std::uint64_t gradients = 0;
};
/// `model` is the surface again where it is one of a model, else null. Throws Interrupted when asked to stop.
Landscape explore(LossSurface& surface, ModelSurface* model, const LandscapeSettings& settings,
                  std::uint64_t seed, Progress& progress);

/// Axes of the slices: "alpha", "beta", in units of the directions.
std::vector<Axis> slice_axes(const LandscapeSettings& settings);
/// Bins over all methods, one row of counts a method: 40 from 0 to 1, or, `logarithmic`, ten a decade over
/// the six decades below the largest value, the first taking all that is less.
Histogram histogram_of(const std::string& name, const std::string& description,
                       const std::vector<std::vector<double>>& values, bool logarithmic);

}  // namespace pnn::study
