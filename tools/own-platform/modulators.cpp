// A platform that is no part of the library: weights by Mach-Zehnder modulators. Each weight has a modulator,
// whose two outputs go to a balanced photodetector, so that an input of power x gives the current
//
//   W x = v cos(π V / V_π + φ₀) x
//
// with the voltage V from 0 to V_π (the transfer function of a Mach-Zehnder modulator: Saleh and Teich,
// Fundamentals of Photonics, chapter on electro-optics), its visibility v, and the phase φ₀ that it has
// without a voltage, which differs from one modulator to the next.
//
// Left out: the bandwidth, the dependence on the wavelength, drift of φ₀, crosstalk between electrodes.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "pnn/core/random.hpp"
#include "pnn/platform/chip_model.hpp"
#include "pnn/platform/layer_plan_of.hpp"
#include "pnn/platform/readout.hpp"
#include "pnn/platform/start.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/registry.hpp"

namespace {

using namespace pnn;
using platform::Truth, platform::TransferMap;

const platform::Platform& modulators();

/// The fabrication process: design values and spreads.
struct Process {
  double half_wave_v = 3, visibility = 0.98, bias_sigma_rad = 0.1, noise = 0.002;

  static const std::vector<platform::QuantityOf<Process>>& quantities() {
    static const std::vector<platform::QuantityOf<Process>> all = {
        {{"mzm.vpi", "V", "Voltage that turns a modulator from bright to dark; assumed.", 0.1, 100},
         &Process::half_wave_v},
        {{"mzm.visibility", "1", "Visibility of the interference; 0.98 is an extinction of 20 dB, assumed.",
          0.1, 1},
         &Process::visibility},
        {{"mzm.bias.sigma", "rad", "Spread of the phase without a voltage over modulators; assumed.", 0, 3,
          false, true},
         &Process::bias_sigma_rad},
        {{"mzm.readout.noise", "1", "Read-out noise of a sum of weights, of its full scale; assumed.", 0, 10},
         &Process::noise}};
    return all;
  }
};

/// W [out, in] of one layer, and its gradients. Controls are voltages [out, in].
template <class Real>
class Weights final : public TransferMap<Real> {
 public:
  Weights(Index rows, Index cols, const Process& process, std::vector<double> bias)
      : rows_(rows), cols_(cols), process_(process), elements_(bias.size()) {
    std::iota(elements_.begin(), elements_.end(), 0U);
    set(std::move(bias));
  }
  void set(std::vector<double> bias) { bias_ = std::move(bias); }

  [[nodiscard]] Index rows() const override { return rows_; }
  [[nodiscard]] Index cols() const override { return cols_; }
  [[nodiscard]] Index control_count() const override { return rows_ * cols_; }
  [[nodiscard]] double lower() const override { return 0; }
  [[nodiscard]] double upper() const override { return process_.half_wave_v; }
  [[nodiscard]] double response_spread() const override { return process_.bias_sigma_rad; }
  [[nodiscard]] Index element_count() const override { return control_count(); }
  [[nodiscard]] std::span<const std::uint32_t> element_of_control() const override { return elements_; }

  void evaluate(const platform::OperatingPoint<Real>& at, MatrixView<Real> weights) override {
    for (std::size_t k = 0; k < bias_.size(); ++k)
      weights.data()[k] = Real(process_.visibility * std::cos(phase(at, k)));
  }
  void pullback(const platform::OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                platform::Pullback<Real>& out) override {
    for (std::size_t k = 0; k < bias_.size(); ++k) {
      const double by_phase =
          -process_.visibility * std::sin(phase(at, k)) * double(weight_gradient.data()[k]);
      if (!out.controls.empty()) out.controls[k] = Real(by_phase * per_volt());
      if (!out.response_offset.empty()) out.response_offset[k] = Real(by_phase);
    }
    out.system = {};
  }
  /// On the flank of the range; where a bias moves the target out of it, the nearer end.
  double invert(ConstMatrixView<Real> weights, std::span<Real> controls) override {
    const platform::ControlBounds range = this->bounds();
    double left = 0;
    for (std::size_t k = 0; k < bias_.size(); ++k) {
      const double target = double(weights.data()[k]), low = double(range.lower[k]),
                   high = double(range.upper[k]);
      const double angle = std::acos(std::clamp(target / process_.visibility, -1.0, 1.0));
      double best = 1e300, chosen = 0;
      for (const double turned : {angle, -angle, 2 * std::numbers::pi - angle}) {
        const double volt = std::clamp((turned - bias_[k]) / per_volt(), low, high);
        const double error = std::abs(process_.visibility * std::cos(per_volt() * volt + bias_[k]) - target);
        const double away = std::abs(volt - double(controls[k]));
        if (error < best - 1e-9 || (error < best + 1e-9 && away < std::abs(chosen - double(controls[k]))))
          best = error, chosen = volt;
      }
      controls[k] = Real(chosen);
      left = std::max(left, best);
    }
    return left;
  }

 private:
  [[nodiscard]] double per_volt() const { return std::numbers::pi / process_.half_wave_v; }
  [[nodiscard]] double phase(const platform::OperatingPoint<Real>& at, std::size_t k) const {
    return per_volt() * double(at.controls[k]) + bias_[k] +
           (at.response_offset.empty() ? 0 : double(at.response_offset[k]));
  }

  Index rows_, cols_;
  Process process_;
  std::vector<double> bias_;  ///< φ₀ [out, in], rad
  std::vector<std::uint32_t> elements_;
};

struct Plan {
  std::string name;
  Index out = 0, in = 0;
  bool operator==(const Plan&) const = default;
};

class Layer final : public platform::LayerPlanOf<Layer, Plan> {
 public:
  using LayerPlanOf::LayerPlanOf;

  [[nodiscard]] const platform::Platform& platform() const override { return modulators(); }
  [[nodiscard]] const std::string& name() const override { return own().name; }
  [[nodiscard]] std::pair<Index, Index> size() const override { return {own().out, own().in}; }
  [[nodiscard]] Index controls() const override { return own().out * own().in; }
  [[nodiscard]] platform::Port controls_port() const override {
    return {
        {std::size_t(own().out), std::size_t(own().in)}, {"out", "in"}, "V", "voltages of the modulators"};
  }
  [[nodiscard]] platform::Port weights_port() const override {
    return {{std::size_t(own().out), std::size_t(own().in)}, {"out", "in"}};
  }
  [[nodiscard]] std::vector<std::string> followed() const override { return {}; }

  [[nodiscard]] std::vector<std::size_t> truth_sizes() const override { return {std::size_t(controls())}; }
  [[nodiscard]] Truth nominal_truth(const platform::Process&) const override {
    return {std::vector<double>(std::size_t(controls()), 0.0)};
  }
  [[nodiscard]] Truth draw_truth(const platform::Process& process,
                                 const platform::DrawAddress& at) const override {
    std::vector<double> bias(std::size_t(controls()), 0.0);
    fill_normal(Stream{at.seed, Purpose(at.purpose), at.chip, at.device, at.step}, std::span(bias));
    for (double& phase : bias) phase *= process.as<Process>().bias_sigma_rad;
    return {std::move(bias)};
  }
  void redraw(TransferMap<float>& map, const platform::Process& process,
              const platform::DrawAddress& at) const override {
    dynamic_cast<Weights<float>&>(map).set(draw_truth(process, at).front());
  }
  template <class Real>
  std::unique_ptr<TransferMap<Real>> device_map(const platform::Process& process, const Truth& truth) const {
    return std::make_unique<Weights<Real>>(own().out, own().in, process.as<Process>(), truth.front());
  }

  [[nodiscard]] std::vector<std::string> element_names() const override {
    std::vector<std::string> names;
    for (Index row = 0; row < own().out; ++row)
      for (Index col = 0; col < own().in; ++col)
        names.push_back("row " + std::to_string(row) + " col " + std::to_string(col));
    return names;
  }
  [[nodiscard]] platform::Design design(const platform::Process&) const override {
    return {{"bias_rad"}, {"rad"}, {0}};
  }
  template <class Real>
  std::unique_ptr<TransferMap<Real>> model_map(const platform::Process& process,
                                               const platform::ChipModel& chip, std::size_t device) const {
    return std::make_unique<Weights<Real>>(own().out, own().in, process.as<Process>(),
                                           platform::parameter_of(chip, device, "bias_rad", controls(), 0));
  }

  [[nodiscard]] platform::Source source(const platform::Process& process,
                                        std::optional<double> bits) const override {
    return {0, process.as<Process>().half_wave_v, bits.value_or(0)};
  }
  [[nodiscard]] double full_scale(TransferMap<float>&) const override { return double(own().in); }
  bool readout_sigma(const platform::Process& process, std::optional<double> noise,
                     const platform::Call& call, MatrixView<float> sigma) const override {
    return sigma_by_size(noise.value_or(process.as<Process>().noise), call, sigma,
                         [](std::span<const float> x) { return platform::size_of_reads(x, 1); });
  }
  [[nodiscard]] int readouts(bool both_signs) const override { return both_signs ? 2 : 1; }

  void start(TransferMap<float>& map, const platform::Process&, const platform::StartSettings& settings,
             const Stream& stream, std::span<float> controls) const override {
    const Matrix<float> weights = platform::draw_weights(stream, settings.spread, own().out, own().in);
    map.invert(view(weights), controls);
  }
  platform::StartOutcome start_from(TransferMap<float>& map, const platform::Process&,
                                    const platform::StartSettings&, const Stream&,
                                    const platform::StartTarget& target,
                                    std::span<float> controls) const override {
    if (target.matrix.size() != own().out * own().in) return {};
    const platform::ScaledWeights goal = platform::scale_weights(target.matrix, own().out, own().in);
    return {true, goal.scale, true, platform::remark_on_reach(map.invert(view(goal.weights), controls))};
  }
};

class Modulators final : public platform::PlatformOf<Process> {
 public:
  [[nodiscard]] std::string word() const override { return "mzm"; }
  [[nodiscard]] std::string elements() const override { return "modulators"; }
  [[nodiscard]] std::vector<std::string> keys() const override { return {"out"}; }
  [[nodiscard]] std::string usage() const override { return "mzm:out=N"; }
  [[nodiscard]] std::vector<std::string> examples(Index) const override { return {"mzm:out=3"}; }
  [[nodiscard]] platform::AnyPlan plan(const platform::LayerRequest& request) const override {
    const Index out = request.text.index("out", 0, 1), in = request.in.size();
    platform::check_numbers(double(out) * double(in), 1e7, "modulators", request.text.where);
    return platform::make_plan<Layer>(Plan{request.name, out, in});
  }
  [[nodiscard]] const platform::ResponseOffset* response() const override {
    return &platform::phase_offset();
  }
  [[nodiscard]] const std::vector<platform::TruthField>& truth_fields() const override {
    static const std::vector<platform::TruthField> fields = {
        {"modulator-bias", "modulator", "rad", "phase of each modulator without a voltage"}};
    return fields;
  }
};

const platform::Platform& modulators() {
  static const Modulators one;
  return one;
}

/// Nothing is measured or fitted: models are those of the design.
class Laboratory final : public study::PlatformLab {
 public:
  [[nodiscard]] const platform::Platform& platform() const override { return modulators(); }
};

}  // namespace

void pnn::platforms::own(std::vector<const study::PlatformLab*>& all) {
  static const Laboratory laboratory;
  all.push_back(&laboratory);
}
