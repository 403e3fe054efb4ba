#include "pnn/study/landscape.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/network/evaluate.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::study {
namespace {

/// Ends of a layer's controls and whether they close into a circle.
struct ControlRange {
  double lower, upper;
  bool periodic;
  [[nodiscard]] double fraction(double control) const {
    const double part = (control - lower) / (upper - lower);
    return periodic ? part - std::floor(part) : part;
  }
};
ControlRange range_of(const platform::LayerPlan& plan, const platform::Process& process) {
  const platform::Source source = plan.source(process, 0);
  return {source.lower, source.upper, plan.periodic()};
}

/// The controls of one output are a filter where a control belongs to one, else all of the layer.
void add_control_filters(const platform::LayerPlan& plan, std::vector<Index>& filters) {
  const std::vector<std::size_t> shape = plan.controls_port().shape;
  const auto length = Index(shape.back());
  for (Index at = 0; at < plan.controls(); at += length) filters.push_back(length);
}

Axis axis_of(const LandscapeSettings& s, const char* name, const char* which) {
  Axis axis{name, "1", std::string("displacement along the ") + which + " direction", {}};
  for (int k = 0; k < s.points; ++k)
    axis.values.push_back(s.points == 1 ? 0 : s.span * (2.0 * k / (s.points - 1) - 1));
  return axis;
}

}  // namespace

void LandscapeSettings::describe(Options& o) {
  o.group("Slices");
  o.choice("slice", slice, "loss and score along one direction or over two");
  const std::size_t first = o.all().size();
  o.choice("directions", directions,
           "filter-normalised Gaussian directions (one step is as long as the parameters themselves), or the "
           "Hessian's first eigenvectors (one step moves all parameters by one unit, root mean square)");
  o.number("span", span, "X", "how far a slice goes to either side, in steps", Limits::positive());
  o.integer("points", points, "N", "points along each direction, an odd number", Limits::between(1, 1001));
  o.idle_since(first, [this] { return slice == Slice::none ? "there is no slice (--slice)" : ""; });
  o.choice("space", space, "what is moved: control parameters, or what they make");
  o.choice("scale", scale, "unit of a moved control: its range, or its own (mA, rad, transmission)");
  o.group("Curvature");
  o.integer("hessian", hessian, "K", "largest eigenvalues of the Hessian, by the Lanczos method on a model",
            Limits::between(0, 100));
  o.integer("trace", trace, "K", "random probes of the Hessian's trace (Hutchinson)",
            Limits::between(0, 10000));
  o.number(
       "step", step, "H",
       "step of the differences that give curvature, root mean square in units; 0 is 1e-4 on a model, 1e-2 "
       "on a device",
       Limits::non_negative())
      .idle = [this] { return hessian + trace == 0 ? "it is about --hessian and --trace" : ""; };
  o.flag("histogram", histogram,
         "count controls over their range and, on a model, |dW/dTheta| (stability of the components) and "
         "|dL/dW| (of the system)");
}

void LandscapeSettings::check(bool on_device) const {
  if (points % 2 == 0)
    throw UsageError("--points: expected an odd number, so that the trained point is among them; found " +
                     std::to_string(points));
  if (directions == Directions::hessian && slice != Slice::none && hessian < (slice == Slice::plane ? 2 : 1))
    throw UsageError("--directions hessian: needs --hessian " +
                     std::string(slice == Slice::plane ? "2" : "1") + " or more");
  if (!on_device) return;
  if (hessian > 0)
    throw UsageError(
        "--hessian: eigenvalues need gradients, which a device has not; take its model, or --trace");
  if (space == train::Space::weights)
    throw UsageError("--space weights: a device takes controls alone; take its model");
}

std::vector<Axis> slice_axes(const LandscapeSettings& s) {
  std::vector<Axis> axes;
  if (s.slice != Slice::none) axes.push_back(axis_of(s, "alpha", "first"));
  if (s.slice == Slice::plane) axes.push_back(axis_of(s, "beta", "second"));
  return axes;
}

ModelSurface::ModelSurface(const model::Model& model, std::size_t index, const network::Resolved& network,
                           const train::Params& params, const network::SplitView& samples,
                           const LandscapeSettings& settings, std::vector<platform::System> system,
                           const SharedBounds& bounds)
    : samples_(samples),
      weights_(settings.space == train::Space::weights),
      system_(std::move(system)),
      task_(params.task) {
  objective_ =
      std::make_unique<train::Objective<double>>(network, model::make_maps<double>(model, index), task_,
                                                 std::min(samples.size(), network::evaluation_batch));
  Deployed trained = deploy(params, network);
  if (bounds) platform::project(trained.controls, *bounds, network.plans());
  controls_.assign(trained.controls.begin(), trained.controls.end());
  digital_.assign(trained.digital.begin(), trained.digital.end());
  state_.assign(trained.state.begin(), trained.state.end());
  for (std::size_t layer = 0; layer < objective_->layers(); ++layer) {
    platform::TransferMap<double>& map = objective_->map(layer);
    // without other bounds, the ends of the range itself and not the floats within
    const bool whole = !bounds || !platform::narrower(bounds->at(layer), map.bounds());
    if (!whole) map.narrow(bounds->at(layer));
    const platform::ControlBounds own = map.bounds();
    for (std::size_t k = 0; k < own.lower.size(); ++k) {
      lower_.push_back(whole && !map.periodic() ? map.lower() : double(own.lower[k]));
      upper_.push_back(whole && !map.periodic() ? map.upper() : double(own.upper[k]));
    }
    const double unit = settings.scale == CoordinateUnit::range ? map.upper() - map.lower() : 1;
    unit_.insert(unit_.end(), std::size_t(map.control_count()), unit);
    if (weights_) {
      for (Index row = 0; row < map.rows(); ++row) filters_.push_back(map.cols());
    } else {
      add_control_filters(model.plans[layer], filters_);
    }
  }
  digital_gradient_.resize(digital_.size());
  control_gradient_.resize(controls_.size());
  weight_gradient_.resize(std::size_t(objective_->weight_count()));
  moved_ = controls_;
  if (weights_) {
    for (const train::Tensor& w : params.weights)
      origin_.insert(origin_.end(), w.values.data.begin(), w.values.data.end());
    require(Index(origin_.size()) == objective_->weight_count(),
            "parameters hold a weight for each of the maps");
  } else {
    origin_ = controls_;
    for (std::size_t k = 0; k < origin_.size(); ++k) origin_[k] /= unit_[k];
  }
  u_.resize(origin_.size());
  up_.resize(origin_.size());
  down_.resize(origin_.size());
}

/// Puts u into moved_ (controls) or u_ (weights).
void ModelSurface::place(std::span<const double> u, Bounds bounds) {
  require(u.size() == origin_.size(), "coordinates of the surface");
  if (weights_) {
    std::copy(u.begin(), u.end(), u_.begin());
    return;
  }
  for (std::size_t k = 0; k < moved_.size(); ++k) {
    const double asked = controls_[k] + unit_[k] * u[k];
    moved_[k] = bounds == Bounds::free ? asked : std::clamp(asked, lower_[k], upper_[k]);
  }
}

/// Calls body(batch, share of all samples) over the samples.
template <class Body>
void ModelSurface::over_batches(const Body& body) {
  for (Index begin = 0; begin < samples_.size(); begin += network::evaluation_batch) {
    const Index count = std::min(network::evaluation_batch, samples_.size() - begin);
    x_ = samples_.x.middleRows(begin, count).cast<double>();
    const std::span<const std::int32_t> labels =
        samples_.y.empty() ? std::span<const std::int32_t>()
                           : samples_.y.subspan(std::size_t(begin), std::size_t(count));
    if (samples_.targets.rows() > 0) targets_ = samples_.targets.middleRows(begin, count).cast<double>();
    body(train::Batch<double>{view(std::as_const(x_)), labels, view(std::as_const(targets_))},
         double(count) / double(samples_.size()));
  }
}

LossSurface::Value ModelSurface::value(std::span<const double> u) {
  place(u, Bounds::projected);
  const std::span<const double> weights = weights_ ? std::span<const double>(u_) : std::span<const double>();
  Value value;
  double right = 0;
  over_batches([&](const train::Batch<double>& batch, double share) {
    const network::Loss loss = objective_->loss(batch, {moved_, {}, weights, system_, digital_},
                                                network::Statistics::running, state_);
    value.loss += share * loss.mean;
    right += double(loss.correct) / double(samples_.size());
  });
  value.score = network::score_of(task_, {value.loss, right, network::target_variance(samples_)});
  return value;
}

void ModelSurface::gradient(std::span<const double> u, std::span<double> out) {
  place(u, Bounds::free);
  const std::span<const double> weights = weights_ ? std::span<const double>(u_) : std::span<const double>();
  std::fill(out.begin(), out.end(), 0.0);
  over_batches([&](const train::Batch<double>& batch, double share) {
    train::PointGradient<double> g{control_gradient_, {}, {}, digital_gradient_, {}, false};
    if (weights_) g.weights = weight_gradient_;
    objective_->gradient(batch, {moved_, {}, weights, system_, digital_}, network::Statistics::running,
                         state_, g);
    for (std::size_t k = 0; k < out.size(); ++k)
      out[k] += share * (weights_ ? weight_gradient_[k] : unit_[k] * control_gradient_[k]);
  });
}

HessianProduct ModelSurface::hessian(double step) {
  return [this, step](std::span<const double> v, std::span<double> out) {
    const Eigen::Map<const Vector<double>> direction(v.data(), Index(v.size()));
    const double length = norm(direction);
    if (length == 0) return std::fill(out.begin(), out.end(), 0.0);
    const double h = step * std::sqrt(double(v.size())) / length;
    std::vector<double> u(v.size());
    const auto at = [&](double amount, std::vector<double>& g) {
      for (std::size_t k = 0; k < u.size(); ++k) u[k] = amount * v[k];
      gradient(u, g);
    };
    at(h, up_);
    at(-h, down_);
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = (up_[k] - down_[k]) / (2 * h);
  };
}

std::vector<double> ModelSurface::component_sensitivity(std::uint64_t seed, int probes) {
  std::vector<double> squares(controls_.size(), 0.0);
  for (std::size_t layer = 0; layer < objective_->layers(); ++layer) {
    platform::TransferMap<double>& map = objective_->map(layer);
    const auto begin = std::size_t(objective_->offset(layer)), count = std::size_t(map.control_count());
    Matrix<double> signs(map.rows(), map.cols());
    std::vector<double> by_control(count);
    for (int probe = 0; probe < probes; ++probe) {
      stop_if_asked();
      fill_signs({seed, Purpose::probe_direction, std::uint16_t(layer), 1, std::uint32_t(probe)},
                 std::span(signs.data(), std::size_t(signs.size())));
      platform::Pullback<double> out{by_control, {}, {}, false};
      map.pullback({std::span<const double>(controls_).subspan(begin, count),
                    {},
                    system_.empty() ? platform::System{} : system_[layer]},
                   view(std::as_const(signs)), out);
      for (std::size_t k = 0; k < count; ++k) {
        const double slope = unit_[begin + k] * by_control[k];
        squares[begin + k] += slope * slope / probes;
      }
    }
  }
  for (double& s : squares) s = std::sqrt(s);
  return squares;
}

std::vector<double> ModelSurface::system_sensitivity() {
  std::vector<double> sum(weight_gradient_.size(), 0.0);
  over_batches([&](const train::Batch<double>& batch, double share) {
    train::PointGradient<double> g{control_gradient_, {}, weight_gradient_, digital_gradient_, {}, false};
    objective_->gradient(batch, {controls_, {}, {}, system_, digital_}, network::Statistics::running, state_,
                         g);
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += share * weight_gradient_[k];
  });
  for (double& s : sum) s = std::abs(s);
  return sum;
}

std::vector<double> ModelSurface::control_fractions() const {
  std::vector<double> fractions;
  for (std::size_t layer = 0; layer < objective_->layers(); ++layer) {
    const platform::TransferMap<double>& map = objective_->map(layer);
    const ControlRange range{map.lower(), map.upper(), map.periodic()};
    for (Index k = objective_->offset(layer); k < objective_->offset(layer + 1); ++k)
      fractions.push_back(range.fraction(controls_[std::size_t(k)]));
  }
  return fractions;
}

DeviceSurface::DeviceSurface(Chip& chip, const Surroundings& surroundings, const network::Resolved& network,
                             const train::Params& params, const network::SplitView& samples,
                             const LandscapeSettings& settings, const SharedBounds& bounds)
    : chip_(chip),
      surroundings_(surroundings),
      network_(network),
      samples_(samples),
      task_(params.task),
      deployed_(deploy(params, network)) {
  deployed_.bounds = bounds;
  if (bounds) platform::project(deployed_.controls, *bounds, network.plans());
  for (const platform::LayerPlan& plan : network.plans()) {
    const ControlRange range = range_of(plan, params.process);
    unit_.insert(unit_.end(), std::size_t(plan.controls()),
                 settings.scale == CoordinateUnit::range ? range.upper - range.lower : 1);
    add_control_filters(plan, filters_);
    for (Index k = 0; k < plan.controls(); ++k)
      fractions_.push_back(range.fraction(double(deployed_.controls[fractions_.size()])));
  }
  origin_.assign(deployed_.controls.begin(), deployed_.controls.end());
  for (std::size_t k = 0; k < origin_.size(); ++k) origin_[k] /= unit_[k];
}

LossSurface::Value DeviceSurface::value(std::span<const double> u) {
  std::vector<float> controls(deployed_.controls);
  for (std::size_t k = 0; k < controls.size(); ++k) controls[k] += float(unit_[k] * u[k]);
  if (deployed_.bounds) platform::project(controls, *deployed_.bounds, network_.plans());
  chip_.prepare(surroundings_, controls, repeat_++);  // the device projects them into its range
  const network::Evaluation e =
      network::evaluate(network_, {{}, deployed_.digital, deployed_.state}, samples_, task_, &chip_);
  return {e.loss, e.score};
}

std::vector<double> DeviceSurface::control_fractions() const {
  return fractions_;
}

std::vector<double> filter_normalised_direction(const LossSurface& surface, const Stream& stream) {
  std::vector<double> direction(std::size_t(surface.size()));
  fill_normal(stream, direction);
  Index begin = 0;
  for (const Index length : surface.filters()) {
    const Eigen::Map<const Vector<double>> filter(surface.origin().data() + begin, length);
    Eigen::Map<Vector<double>> part(direction.data() + begin, length);
    const double drawn = norm(part);
    part *= drawn > 0 ? norm(filter) / drawn : 0;
    begin += length;
  }
  require(begin == surface.size(), "filters cover the space");
  return direction;
}

std::vector<double> trace_probes(Index size, std::uint64_t seed, int probes,
                                 const std::function<double(std::span<const double> z)>& quadratic_form) {
  std::vector<double> z(std::size_t(size), 0.0), estimates;
  for (int probe = 0; probe < probes; ++probe) {
    stop_if_asked();
    fill_signs({seed, Purpose::probe_direction, 0, 2, std::uint32_t(probe)}, z);
    estimates.push_back(quadratic_form(z));
  }
  return estimates;
}

double second_difference(LossSurface& surface, std::span<const double> z, double step, double centre) {
  std::vector<double> u(z.size());
  const auto at = [&](double amount) {
    for (std::size_t k = 0; k < u.size(); ++k) u[k] = amount * z[k];
    return surface.value(u).loss;
  };
  return (at(step) - 2 * centre + at(-step)) / (step * step);
}

/// The surface's value; NaN where signals or the loss are not finite there, far out on a slice.
LossSurface::Value value_or_nan(LossSurface& surface, std::span<const double> u) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  try {
    const LossSurface::Value v = surface.value(u);
    return std::isfinite(v.loss) ? v : LossSurface::Value{none, none};
  } catch (const DivergenceError&) {
    return {none, none};
  }
}

Landscape explore(LossSurface& surface, ModelSurface* model, const LandscapeSettings& settings,
                  std::uint64_t seed, Progress& progress) {
  Landscape out;
  const auto size = std::size_t(surface.size());
  std::vector<double> u(size);
  out.centre = surface.value(u);
  if (!std::isfinite(out.centre.loss))
    throw DivergenceError("the loss of these parameters is not finite here: there is no surface about them");
  const double step = settings.step > 0 ? settings.step : model != nullptr ? 1e-4 : 1e-2;

  Matrix<double> directions(2, Index(size));
  if (settings.hessian > 0) {
    require(model != nullptr, "eigenvalues are of a model");
    if (settings.hessian >= int(size))
      throw UsageError("--hessian: there are only " + std::to_string(size) + " coordinates; ask for fewer");
    std::uint64_t products = 0;
    const HessianProduct product = model->hessian(step);
    const TopEigenvalues top = top_eigenvalues(
        [&](std::span<const double> v, std::span<double> hv) {
          if (progress.stop_requested()) throw Interrupted("interrupted; nothing was written, run again");
          product(v, hv);
          progress.update(++products, 0, "products", "");
        },
        surface.size(), settings.hessian);
    out.eigenvalues.assign(top.values.data(), top.values.data() + top.values.size());
    out.gradients += 2 * top.products;
    for (Index k = 0; k < std::min<Index>(2, top.vectors.rows()); ++k)
      directions.row(k) = top.vectors.row(k) * std::sqrt(double(size));
  }
  if (settings.trace > 0) {
    std::vector<double> hz(size);
    const HessianProduct product = model != nullptr ? model->hessian(step) : HessianProduct();
    out.trace = trace_probes(surface.size(), seed, settings.trace, [&](std::span<const double> z) {
      if (!product) return second_difference(surface, z, step, out.centre.loss);
      product(z, hz);
      return std::inner_product(z.begin(), z.end(), hz.begin(), 0.0);
    });
    if (model != nullptr) out.gradients += 2 * std::uint64_t(settings.trace);
  }
  if (settings.histogram) out.controls = surface.control_fractions();
  if (settings.histogram && model != nullptr) {
    constexpr int probes = 16;
    out.component = model->component_sensitivity(seed, probes);
    out.system = model->system_sensitivity();
    out.gradients += 1;
  }
  if (settings.slice == Slice::none) return out;

  const int lines = settings.slice == Slice::plane ? 2 : 1;
  if (settings.directions == Directions::random) {
    for (int k = 0; k < lines; ++k) {
      const std::vector<double> d =
          filter_normalised_direction(surface, {seed, Purpose::probe_direction, std::uint16_t(k), 3, 0});
      directions.row(k) = Eigen::Map<const Eigen::RowVectorXd>(d.data(), Index(size));
    }
  }
  const std::vector<Axis> axes = slice_axes(settings);
  const std::vector<double> none{0.0};
  const std::vector<double>& alphas = axes[0].values;
  const std::vector<double>& betas = lines == 2 ? axes[1].values : none;
  for (const double alpha : alphas) {
    for (const double beta : betas) {
      if (progress.stop_requested()) throw Interrupted("interrupted; nothing was written, run again");
      Eigen::Map<Eigen::RowVectorXd>(u.data(), Index(size)) = alpha * directions.row(0);
      if (lines == 2) Eigen::Map<Eigen::RowVectorXd>(u.data(), Index(size)) += beta * directions.row(1);
      const LossSurface::Value v = value_or_nan(surface, u);
      out.loss.push_back(v.loss);
      out.score.push_back(v.score);
      progress.update(out.loss.size(), alphas.size() * betas.size(), "points", "");
    }
  }
  return out;
}

Histogram histogram_of(const std::string& name, const std::string& description,
                       const std::vector<std::vector<double>>& values, bool logarithmic) {
  Histogram h{name, "1", description, {}, {}};
  constexpr int bins = 40, decades = 6, bins_a_decade = 10;
  double largest = 0;
  for (const std::vector<double>& list : values)
    for (const double v : list) largest = std::max(largest, v);
  if (logarithmic) {
    const double top = largest > 0 ? largest : 1;
    for (int k = decades * bins_a_decade; k >= 0; --k)
      h.edges.push_back(top * std::pow(10, -double(k) / bins_a_decade));
  } else {
    for (int k = 0; k <= bins; ++k) h.edges.push_back(double(k) / bins);
  }
  const std::size_t count = h.edges.size() - 1;
  h.counts = Array<double>({values.size(), count});
  for (std::size_t m = 0; m < values.size(); ++m) {
    for (const double v : values[m]) {
      const auto above = std::upper_bound(h.edges.begin(), h.edges.end(), v) - h.edges.begin();
      const auto bin = std::size_t(std::clamp<std::ptrdiff_t>(above - 1, 0, std::ptrdiff_t(count) - 1));
      h.counts.data[m * count + bin] += 1;
    }
  }
  return h;
}

}  // namespace pnn::study
