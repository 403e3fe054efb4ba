#include "pnn/platforms/freespace/lab/registration_fit.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/model/least_squares.hpp"
#include "pnn/platforms/freespace/targets.hpp"

namespace pnn::platforms::freespace::lab {
namespace {

/// The parameters that a lab asks for, in the order of the model's; the gain's knots follow them.
enum Geometry : Index { rotation, magnification, shift_x, shift_y, blur, geometry_count };

/// What is known before a measurement, one standard deviation about none (of the blur, about `usual_blur`).
constexpr double usual_blur = 0.5;
constexpr double degree = std::numbers::pi / 180;
constexpr double prior[geometry_count] = {10 * degree, 0.3, 10, 10, 1};

class Registration {
 public:
  Registration(const RegistrationInput& input, std::size_t device)
      : plan_(input.plan),
        all_(input.plan, input.process),
        coarse_(input.plan, input.process, true),
        gain_sigma_(input.process.gain_sigma) {
    const auto points = std::size_t(all_.readings());
    if (input.curves.response.dim(1) != 1 || input.curves.response.dim(2) != 1 ||
        input.curves.response.dim(3) != points) {
      throw InputError("curves of " + input.curves.key + ": expected one display, one temperature and " +
                       std::to_string(points) +
                       " readings, a target and cell each; measure them with pnn-characterize");
    }
    const std::span<const double> y = input.curves.response.slice(device),
                                  error = input.curves.sigma.slice(device);
    y_.assign(y.begin(), y.end());
    sigma_.assign(error.begin(), error.end());
    smooth_noise();
  }

  /// The readings that count: all, or only those of coarse targets.
  void take(bool coarse_alone) {
    predictor_ = coarse_alone ? &coarse_ : &all_;
    predicted_.resize(std::size_t(predictor_->readings()));
    const std::size_t cells = y_.size() / all_.targets().size();
    taken_.clear();
    std::size_t predicted = 0;
    for (std::size_t k = 0; k < y_.size(); ++k) {
      if (coarse_alone && !all_.targets()[k / cells].coarse) continue;
      if (std::isfinite(y_[k])) taken_.push_back({k, predicted});
      ++predicted;
    }
  }

  /// `p`: geometry over its priors, then, if `gains`, knots over their spread.
  LeastSquaresFit fit(const Vector<double>& start, bool gains) {
    const Index knots = gains ? gain_knots : 0, readings = Index(taken_.size());
    LeastSquaresProblem problem;
    problem.parameters = geometry_count + knots;
    problem.residuals = readings + problem.parameters;
    problem.residual = [&](const Vector<double>& p, Vector<double>& f) {
      residuals(p, f.head(readings));
      f.tail(problem.parameters) = p;
      f[readings + blur] -= usual_blur / prior[blur];
    };
    problem.jacobian = [&](const Vector<double>& p, Matrix<double>& jacobian) {
      jacobian.setZero();
      Vector<double> up(readings), down(readings), moved = p;
      for (Index k = 0; k < geometry_count; ++k) {
        const double step = k < shift_x ? 2e-4 / prior[k] : 1e-2 / prior[k];
        moved[k] = p[k] + step;
        residuals(moved, up);
        moved[k] = p[k] - step;
        residuals(moved, down);
        moved[k] = p[k];
        jacobian.col(k).head(readings) = (up - down) / (2 * step);
      }
      if (gains) gain_columns(p, jacobian);
      jacobian.bottomRows(problem.parameters).setIdentity();
    };
    return least_squares(problem, start, 1e-9);
  }

  /// Where coarse targets say that the system stands, over priors: the best of many places, some of them
  /// improved. Near ones are within a degree and two pixels of aligned; wide ones reach as far as the widest
  /// stripes can tell.
  Vector<double> coarse_standing(bool wide) {
    take(true);
    struct Place {
      double cost;
      Vector<double> p;
    };
    std::vector<Place> places;
    Vector<double> f(Index(taken_.size()));
    Steps steps{{1.5 * degree, 1}, {0, 0}, {2, 1}, {2, 1}};
    if (wide) steps = wide_steps();
    for_each_place(steps, [&](const Vector<double>& p) {
      residuals(p, f);
      places.push_back({squared_norm(f), p});
    });
    std::stable_sort(places.begin(), places.end(),
                     [](const Place& a, const Place& b) { return a.cost < b.cost; });
    const std::size_t improved = wide ? 6 : 3;
    LeastSquaresFit best;
    for (std::size_t k = 0; k < improved; ++k) {
      LeastSquaresFit next = fit(places[k].p, false);
      if (k == 0 || next.sum_of_squares < best.sum_of_squares) best = std::move(next);
    }
    return best.parameters;
  }

  /// Root mean square of measured minus predicted, in units of the light of one element.
  double rms(const Vector<double>& p) {
    predict(p, nullptr);
    double sum = 0;
    for (const Reading& r : taken_) {
      const double off = y_[r.measured] - predicted_[r.predicted];
      sum += off * off;
    }
    return taken_.empty() ? 0 : std::sqrt(sum / double(taken_.size()));
  }
  [[nodiscard]] std::size_t count() const { return taken_.size(); }
  [[nodiscard]] double gain_sigma() const { return gain_sigma_; }

 private:
  /// Places along one parameter: −count·step … count·step.
  struct Grid {
    double step;
    int count;
  };
  struct Steps {
    Grid rotation, magnification, shift_x, shift_y;
  };
  /// A quarter of the widest stripes' period from place to place: in the middle of the plane by a shift, at
  /// its border by turning and zooming.
  [[nodiscard]] Steps wide_steps() const {
    const double x = double(widest_period(plan_, true)) / 4, y = double(widest_period(plan_, false)) / 4;
    const double half_width = double(plan_.width()) / 2, half_height = double(plan_.height()) / 2;
    double turn = 10 * degree, zoom = 0.2;
    if (x > 0) turn = std::min(turn, x / half_height), zoom = std::min(zoom, x / half_width);
    if (y > 0) turn = std::min(turn, y / half_width), zoom = std::min(zoom, y / half_height);
    return {{turn, 3}, {zoom, 2}, {x, x > 0 ? 2 : 0}, {y, y > 0 ? 2 : 0}};
  }
  template <class Body>
  static void for_each_place(const Steps& s, const Body& body) {
    Vector<double> p = Vector<double>::Zero(geometry_count);
    p[blur] = usual_blur / prior[blur];
    for (int r = -s.rotation.count; r <= s.rotation.count; ++r) {
      stop_if_asked();
      for (int m = -s.magnification.count; m <= s.magnification.count; ++m)
        for (int x = -s.shift_x.count; x <= s.shift_x.count; ++x)
          for (int y = -s.shift_y.count; y <= s.shift_y.count; ++y) {
            p[rotation] = r * s.rotation.step / prior[rotation];
            p[magnification] = m * s.magnification.step / prior[magnification];
            p[shift_x] = x * s.shift_x.step / prior[shift_x];
            p[shift_y] = y * s.shift_y.step / prior[shift_y];
            body(p);
          }
    }
  }
  /// variance = a + b · light by least squares over all readings; b and a not below 0. Without standard
  /// errors the noise is one hundredth of an element's light, and the misfit says the rest.
  void smooth_noise() {
    double n = 0, x = 0, xx = 0, v = 0, xv = 0;
    for (std::size_t k = 0; k < y_.size(); ++k) {
      if (!std::isfinite(y_[k]) || !(sigma_[k] > 0)) continue;
      const double light = std::abs(y_[k]), variance = sigma_[k] * sigma_[k];
      n += 1, x += light, xx += light * light, v += variance, xv += light * variance;
    }
    double slope = 0, floor = 1e-4;
    if (n > 0) {
      const double spread = xx - x * x / n;
      slope = spread > 0 ? std::max(0.0, (xv - x * v / n) / spread) : 0;
      floor = (v - slope * x) / n;
      if (!(floor > 0)) floor = 0, slope = x > 0 ? v / x : 0;
    }
    const double least = std::max(1e-12, n > 0 ? 1e-2 * v / n : floor);
    for (std::size_t k = 0; k < y_.size(); ++k)
      sigma_[k] = std::sqrt(std::max(least, floor + slope * std::abs(y_[k])));
  }
  void predict(const Vector<double>& p, Matrix<double>* by_gain) {
    Standing standing;
    standing.misalignment.rotation_rad = p[rotation] * prior[rotation];
    standing.misalignment.magnification = std::max(-0.9, p[magnification] * prior[magnification]);
    standing.misalignment.shift_x_px = p[shift_x] * prior[shift_x];
    standing.misalignment.shift_y_px = p[shift_y] * prior[shift_y];
    standing.blur_px = std::abs(p[blur]) * prior[blur];
    if (p.size() > geometry_count) {
      standing.gain.assign(p.data() + geometry_count, p.data() + p.size());
      for (double& z : standing.gain) z *= gain_sigma_;
    }
    predictor_->predict(standing, predicted_, by_gain);
  }
  template <class Residuals>
  void residuals(const Vector<double>& p, Residuals&& f) {
    predict(p, nullptr);
    for (std::size_t k = 0; k < taken_.size(); ++k)
      f[Index(k)] = (predicted_[taken_[k].predicted] - y_[taken_[k].measured]) / sigma_[taken_[k].measured];
  }
  void gain_columns(const Vector<double>& p, Matrix<double>& jacobian) {
    predict(p, &by_gain_);
    for (std::size_t k = 0; k < taken_.size(); ++k) {
      jacobian.row(Index(k)).tail(gain_knots) =
          by_gain_.row(Index(taken_[k].predicted)) * (gain_sigma_ / sigma_[taken_[k].measured]);
    }
  }

  /// A reading that counts: where it stands among the measured and among the predicted ones.
  struct Reading {
    std::size_t measured, predicted;
  };

  Plan plan_;
  TargetReadings all_, coarse_;
  TargetReadings* predictor_ = &all_;  ///< that of what is taken
  double gain_sigma_;
  std::vector<double> y_, sigma_, predicted_;
  std::vector<Reading> taken_;
  Matrix<double> by_gain_;
};

std::string remark_of(const LeastSquaresFit& fit, const Matrix<double>& covariance, double rms,
                      const FitSettings& settings, const ChipModel& chip) {
  if (!fit.converged || !fit.identified) return "the fit did not converge; measure with more averages";
  std::vector<std::string> unseen;
  for (Index k = 0; k < geometry_count; ++k) {
    if (std::sqrt(covariance(k, k)) > prior[k] / 2) unseen.push_back(chip.parameters[std::size_t(k)]);
  }
  if (!unseen.empty()) return "the targets of this layout do not tell " + join(unseen, ", ");
  if (rms > settings.bad_residual)
    return "rms " + format_short(rms, 2) +
           " of an element's light: something else moves or distorts the picture";
  return "";
}

}  // namespace

ChipModel fit_registration(const RegistrationInput& input, Progress& progress) {
  ChipModel chip;
  chip.key = input.curves.key;
  chip.layers = input.curves.layers;
  chip.kind = "registration";
  chip.elements = input.curves.elements;
  chip.parameters = {"rotation_rad", "magnification", "shift_x_px", "shift_y_px", "blur_px"};
  chip.units = {"rad", "1", "px", "px", "px"};
  const std::size_t devices = input.curves.response.dim(0), count = geometry_count;
  chip.values = Array<double>({devices, 1, count});
  chip.covariance = Array<double>({devices, 1, count, count});
  chip.rms_residual = Array<double>({devices, 1});
  chip.more["gain_knots"] = Array<double>({devices, 1, std::size_t(gain_knots)});
  chip.remarks.resize(1);
  for (std::size_t device = 0; device < devices; ++device) {
    if (progress.stop_requested()) throw Interrupted("fit stopped; nothing was written");
    Registration registration(input, device);
    const auto fit_from = [&](bool wide) {
      Vector<double> start = Vector<double>::Zero(geometry_count + gain_knots);
      start.head(geometry_count) = registration.coarse_standing(wide);
      registration.take(false);
      return registration.fit(start, true);
    };
    LeastSquaresFit fit = fit_from(false);
    if (!(registration.rms(fit.parameters) <= input.settings.bad_residual)) {  // far from aligned, or worse
      LeastSquaresFit wide = fit_from(true);
      if (wide.sum_of_squares < fit.sum_of_squares) fit = std::move(wide);
    }

    const auto at = chip.values.data.begin() + std::ptrdiff_t(device * count);
    for (Index k = 0; k < geometry_count; ++k) at[k] = prior[k] * fit.parameters[k];
    at[blur] = std::abs(at[blur]);
    Matrix<double> covariance = Matrix<double>::Zero(geometry_count, geometry_count);
    if (fit.identified) {
      // each prior counts as one more residual, so as many of them as readings are free
      const double misfit =
          std::max(1.0, fit.sum_of_squares / double(std::max<std::size_t>(1, registration.count())));
      for (Index i = 0; i < geometry_count; ++i)
        for (Index j = 0; j < geometry_count; ++j)
          covariance(i, j) = prior[i] * prior[j] * fit.unit_covariance(i, j) * misfit;
    }
    std::copy_n(covariance.data(), count * count,
                chip.covariance.data.begin() + std::ptrdiff_t(device * count * count));
    for (Index k = 0; k < gain_knots; ++k)
      chip.more["gain_knots"].data[device * std::size_t(gain_knots) + std::size_t(k)] =
          fit.parameters[geometry_count + k] * registration.gain_sigma();
    chip.rms_residual.data[device] = registration.rms(fit.parameters);
    if (device == 0)
      chip.remarks[0] = remark_of(fit, covariance, chip.rms_residual.data[0], input.settings, chip);
    progress.update(device + 1, devices, "fits", "");
  }
  return chip;
}

void rate_nominal_registration(const RegistrationInput& input, ChipModel& nominal) {
  const std::size_t devices = input.curves.response.dim(0);
  // the design is the same for every device, and one model serves them all: rms over devices
  double squares = 0;
  for (std::size_t device = 0; device < devices; ++device) {
    Registration registration(input, device);
    registration.take(false);
    const double rms = registration.rms(Vector<double>::Zero(geometry_count));
    squares += rms * rms;
  }
  nominal.rms_residual.data[0] = std::sqrt(squares / double(devices));
}

}  // namespace pnn::platforms::freespace::lab
