// The loss around trained parameters: slices along directions, the largest eigenvalues and the trace of the
// Hessian, and the sensitivities of the components (|∂W/∂Θ|) and of the system (|∂L/∂W|).
//
// A point has coordinates u relative to the trained parameters: in control space it is Θ + D u, where D is a
// control's range (or 1 in the control's unit), in weight space W + u. Digital parameters are constant, and
// batch normalisation uses its running statistics. In slices, controls are projected into their range as on a
// device; for the Hessian they are not.
//
// Directions are filter-normalised Gaussian vectors (Li et al., NeurIPS 2018), in which the part of each
// filter (here all controls or weights of one output) has the length of the filter itself; or the first
// eigenvectors of the Hessian, scaled to a root mean square of 1 over the coordinates.
#pragma once

#include <array>
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
#include "pnn/train/settings.hpp"

namespace pnn::study {

/// Along how many directions the loss is looked at.
enum class Slice { none, line, plane };
constexpr auto words_of(Slice) {
  using enum Slice;
  return std::to_array<Word<Slice>>({{none, "none"}, {line, "1d"}, {plane, "2d"}});
}

/// Which directions these are.
enum class Directions { random, hessian };
constexpr auto words_of(Directions) {
  using enum Directions;
  return std::to_array<Word<Directions>>({{random, "random"}, {hessian, "hessian"}});
}

/// Unit of a control's coordinate.
enum class CoordinateUnit { range, own };
constexpr auto words_of(CoordinateUnit) {
  using enum CoordinateUnit;
  return std::to_array<Word<CoordinateUnit>>({{range, "range"}, {own, "none"}});
}

/// What is computed.
struct LandscapeSettings {
  Slice slice = Slice::line;
  Directions directions = Directions::random;
  train::Space space = train::Space::controls;
  CoordinateUnit scale = CoordinateUnit::range;
  double span = 1;  ///< slices reach from −span to +span
  int points = 21;  ///< along each direction; odd, so that the middle is the trained point
  int hessian = 0;  ///< number of eigenvalues
  int trace = 0;    ///< number of probes
  bool histogram = false;
  double step = 0;  ///< step of differences; 0: 1e-4 of the range on a model, 1e-2 on a device
  void describe(Options& options);
  /// Throws UsageError if the settings contradict each other or need derivatives that a device does not have.
  void check(bool on_device) const;
};

/// Loss and score as a function of the coordinates u, on a model or on a device.
class LossSurface {
 public:
  struct Value {
    double loss = 0, score = 0;
  };
  virtual ~LossSurface() = default;
  [[nodiscard]] virtual Index size() const = 0;
  /// The trained controls or weights themselves in units of D, from which the lengths of filters are
  /// computed.
  [[nodiscard]] virtual std::span<const double> origin() const = 0;
  /// The number of coordinates of each filter in order; their sum is size().
  [[nodiscard]] virtual std::span<const Index> filters() const = 0;
  virtual Value value(std::span<const double> u) = 0;
  /// The trained controls as fractions of their range, angles as fractions of a turn.
  [[nodiscard]] virtual std::vector<double> control_fractions() const = 0;
};

/// The loss on a model, with gradients.
class ModelSurface final : public LossSurface {
 public:
  /// `system`: the system parameters of each layer. Controls stay within `bounds`, if there are any. What
  /// `samples` shows must outlive the surface.
  ModelSurface(const model::Model& model, std::size_t index, const network::Resolved& network,
               const train::Params& params, const network::SplitView& samples,
               const LandscapeSettings& settings, std::vector<platform::System> system,
               const SharedBounds& bounds = nullptr);
  [[nodiscard]] Index size() const override { return Index(origin_.size()); }
  [[nodiscard]] std::span<const double> origin() const override { return origin_; }
  [[nodiscard]] std::span<const Index> filters() const override { return filters_; }
  Value value(std::span<const double> u) override;
  /// Writes ∂L/∂u at u, without projection into the range, to `out`.
  void gradient(std::span<const double> u, std::span<double> out);
  /// Products H v at the trained point, by central differences of gradients at ±step · √size · v/|v|.
  [[nodiscard]] HessianProduct hessian(double step);
  /// |∂W/∂Θ_k| of every control, in weights per range (or unit): the norm of a column of the Jacobian,
  /// estimated by the mean square over `probes` random sign vectors; exact if a control acts on one weight.
  std::vector<double> component_sensitivity(std::uint64_t seed, int probes);
  /// |∂L/∂W| of every weight.
  std::vector<double> system_sensitivity();
  [[nodiscard]] std::vector<double> control_fractions() const override;

 private:
  enum class Bounds { free, projected };
  void place(std::span<const double> u, Bounds bounds);
  template <class Body>
  void over_batches(const Body& body);

  const network::SplitView samples_;
  bool weights_;
  std::unique_ptr<train::Objective<double>> objective_;
  std::vector<double> controls_, digital_, state_, unit_;  ///< unit_ is D
  std::vector<double> lower_, upper_;                      ///< [control]: where each may be
  std::vector<double> origin_;
  std::vector<Index> filters_;
  std::vector<platform::System> system_;
  std::vector<double> moved_, control_gradient_, weight_gradient_, digital_gradient_, u_, up_, down_;
  Matrix<double> x_, targets_;
  network::Task task_;
};

/// The loss on a device, measured by calls. Only in control space.
class DeviceSurface final : public LossSurface {
 public:
  DeviceSurface(Chip& chip, const Surroundings& surroundings, const network::Resolved& network,
                const train::Params& params, const network::SplitView& samples,
                const LandscapeSettings& settings, const SharedBounds& bounds = nullptr);
  [[nodiscard]] Index size() const override { return Index(origin_.size()); }
  [[nodiscard]] std::span<const double> origin() const override { return origin_; }
  [[nodiscard]] std::span<const Index> filters() const override { return filters_; }
  Value value(std::span<const double> u) override;
  [[nodiscard]] std::vector<double> control_fractions() const override;

 private:
  Chip& chip_;
  Surroundings surroundings_;
  const network::Resolved& network_;
  const network::SplitView samples_;
  network::Task task_;
  Deployed deployed_;
  std::vector<double> unit_, origin_, fractions_;
  std::vector<Index> filters_;
  std::uint32_t repeat_ = 0;
};

/// A random direction whose part in each filter has the length of that filter at the trained point.
std::vector<double> filter_normalised_direction(const LossSurface& surface, const Stream& stream);

/// zᵀ H z for `probes` vectors z [size] of random signs. The mean is an estimate of the trace of H
/// (Hutchinson, Commun. Stat. Simul. Comput. 18, 1059, 1989).
std::vector<double> trace_probes(Index size, std::uint64_t seed, int probes,
                                 const std::function<double(std::span<const double> z)>& quadratic_form);
/// zᵀ H z by the second difference of the losses at ±step · z; `centre` is the loss at the trained point.
double second_difference(LossSurface& surface, std::span<const double> z, double step, double centre);

/// The results for one set of parameters.
struct Landscape {
  LossSurface::Value centre;
  std::vector<double> loss, score;  ///< of the slice: [points] or [points · points]
  std::vector<double> eigenvalues, trace;
  std::vector<double> controls, component, system;  ///< numbers for the histograms
  std::uint64_t gradients = 0;
};
/// Computes what `settings` ask for. `model` is the same surface if it belongs to a model, otherwise null.
/// Throws Interrupted when asked to stop.
Landscape explore(LossSurface& surface, ModelSurface* model, const LandscapeSettings& settings,
                  std::uint64_t seed, Progress& progress);

/// The axes of the slice: "alpha" and "beta", in units of the directions.
std::vector<Axis> slice_axes(const LandscapeSettings& settings);
/// A histogram of `values` [method][number], with a row of counts for each method. It has 40 bins from 0 to
/// 1, or, if `logarithmic`, ten bins for each of the six decades below the largest value, the first of which
/// also counts all smaller values.
Histogram histogram_of(const std::string& name, const std::string& description,
                       const std::vector<std::vector<double>>& values, bool logarithmic);

}  // namespace pnn::study
