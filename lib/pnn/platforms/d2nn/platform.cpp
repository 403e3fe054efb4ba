#include "pnn/platforms/d2nn/platform.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <tuple>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/layer_plan_of.hpp"
#include "pnn/platform/readout.hpp"
#include "pnn/platform/start.hpp"
#include "pnn/platforms/d2nn/batch.hpp"
#include "pnn/platforms/d2nn/masks.hpp"

namespace pnn::platforms::d2nn {
namespace {

constexpr double most_detectors = 1e6;

/// The misalignments among the hidden values of a mask, in the order of truth_fields() (which begins with the
/// phase).
constexpr double System::*misalignments[] = {&System::rotation_rad, &System::shift_x_px, &System::shift_y_px,
                                             &System::axial_um};

Errors errors_of(const Truth& truth) {
  Errors errors;
  errors.phase = truth[0];
  errors.misalignments.resize(truth[1].size());
  for (std::size_t k = 0; k < errors.misalignments.size(); ++k) {
    for (std::size_t field = 1; field < truth.size(); ++field)
      errors.misalignments[k].*misalignments[field - 1] = truth[field][k];
  }
  return errors;
}

Truth truth_of(const Errors& errors) {
  Truth truth{errors.phase};
  for (const auto parameter : misalignments) {
    truth.emplace_back();
    for (const System& m : errors.misalignments) truth.back().push_back(m.*parameter);
  }
  return truth;
}

/// Signals pass as light: pictures to light, light through the masks, light to numbers.
template <class Real>
class MaskTransmission final : public Transmission<Real> {
 public:
  MaskTransmission(const Plan& plan, Index max_batch)
      : batch_(plan, max_batch, Batch<Real>::worth_keeping(plan, max_batch)) {}
  void forward(ConstMatrixView<Real> weights, const DirectWay<Real>*, ConstMatrixView<Real> in,
               MatrixView<Real> out) override {
    batch_.forward(weights, in, out);
  }
  void backward(ConstMatrixView<Real> weights, const DirectWay<Real>*, ConstMatrixView<Real> in,
                ConstMatrixView<Real>, ConstMatrixView<Real> out_gradient, MatrixView<Real> in_gradient,
                MatrixView<Real> weight_gradient, bool uncontrolled) override {
    batch_.pullback(weights, in, out_gradient, weight_gradient, in_gradient,
                    uncontrolled ? AxialGradient::yes : AxialGradient::no);
  }
  void ran_elsewhere() override { batch_.forget(); }

 private:
  Batch<Real> batch_;
};

class Layer final : public LayerPlanOf<Layer, Plan> {
 public:
  using LayerPlanOf::LayerPlanOf;

  [[nodiscard]] const Platform& platform() const override { return hardware(); }
  [[nodiscard]] const std::string& name() const override { return own().name; }
  [[nodiscard]] std::pair<Index, Index> size() const override { return {own().out(), own().input.size()}; }
  [[nodiscard]] Index controls() const override { return own().control_count(); }
  [[nodiscard]] bool periodic() const override { return true; }
  /// 1, since outputs do not grow with the size of the input.
  [[nodiscard]] double fan_in() const override { return 1; }
  [[nodiscard]] Port controls_port() const override {
    const Plane& plane = own().plane;
    return {{std::size_t(own().masks()), std::size_t(plane.height), std::size_t(plane.width)},
            {"mask", "row", "column"},
            "rad",
            "phases of the masks, in the order in which light meets them, row by row"};
  }
  [[nodiscard]] Port weights_port() const override {
    return {{std::size_t(own().masks()), std::size_t(own().plane.field_size() + 1)},
            {"mask", "transmission and place"}};
  }

  [[nodiscard]] std::vector<std::string> followed() const override {
    if (own().moving.empty()) return {};
    return {"rotation", "shift-x", "shift-y", "scale", "axial"};
  }
  [[nodiscard]] std::vector<std::string> complaints_about(const System& system) const override {
    std::vector<std::string> wrong;
    if (own().moving.empty()) return wrong;
    check_shifts(system, name(), own().plane.width, own().plane.height, wrong);
    double farthest_mm = own().entry_mm;
    for (const double gap : own().gaps_mm) farthest_mm = std::max(farthest_mm, gap);
    if (std::abs(system.axial_um) > 1000 * farthest_mm)
      wrong.push_back(name() + ": axial is " + format_number(system.axial_um) +
                      " µm, more than the longest way between masks, " + format_number(farthest_mm) + " mm");
    return wrong;
  }
  using LayerPlan::complaints_about;

  [[nodiscard]] std::vector<std::size_t> truth_sizes() const override {
    std::vector<std::size_t> sizes(hardware().truth_fields().size(), std::size_t(own().masks()));
    sizes.front() = std::size_t(controls());
    return sizes;
  }
  [[nodiscard]] Truth nominal_truth(const platform::Process&) const override {
    Truth truth;
    for (const std::size_t size : truth_sizes()) truth.emplace_back(size, 0.0);
    return truth;
  }
  [[nodiscard]] Truth draw_truth(const platform::Process& process, const DrawAddress& at) const override {
    return truth_of(draw(process, at));
  }
  void redraw(TransferMap<float>& map, const platform::Process& process,
              const DrawAddress& at) const override {
    dynamic_cast<Masks<float>&>(map).set_errors(draw(process, at));
  }
  template <class Real>
  std::unique_ptr<TransferMap<Real>> device_map(const platform::Process& process, const Truth& truth) const {
    return make_masks<Real>(own(), process.as<Process>().phase_sigma_rad, errors_of(truth));
  }

  [[nodiscard]] std::vector<std::string> element_names() const override {
    std::vector<std::string> names;
    for (Index k = 0; k < own().masks(); ++k) names.push_back("mask " + std::to_string(k + 1));
    return names;
  }
  [[nodiscard]] Design design(const platform::Process&) const override {
    return {{"rotation_rad", "magnification", "shift_x_px", "shift_y_px", "axial_um"},
            {"rad", "1", "px", "px", "um"},
            {0, 0, 0, 0, 0}};
  }
  /// The masks as designed, or with the misalignments of the model.
  template <class Real>
  std::unique_ptr<TransferMap<Real>> model_map(const platform::Process& process, const ChipModel& chip,
                                               std::size_t device) const {
    const auto values = [&](const char* parameter) {
      return parameter_of(chip, device, parameter, own().masks(), 0);
    };
    const std::vector<double> rotation = values("rotation_rad"), magnification = values("magnification"),
                              shift_x = values("shift_x_px"), shift_y = values("shift_y_px"),
                              axial = values("axial_um");
    Errors errors;
    errors.misalignments.resize(rotation.size());
    for (std::size_t k = 0; k < rotation.size(); ++k) {
      System& m = errors.misalignments[k];
      m.rotation_rad = rotation[k];
      m.magnification = magnification[k];
      m.shift_x_px = shift_x[k];
      m.shift_y_px = shift_y[k];
      m.axial_um = axial[k];
    }
    return make_masks<Real>(own(), process.as<Process>().phase_sigma_rad, errors);
  }

  [[nodiscard]] Source source(const platform::Process& process, std::optional<double> bits) const override {
    return {0, 2 * std::numbers::pi, bits.value_or(process.as<Process>().modulator_bits)};
  }
  /// A pixel of the camera if all light of a picture of ones is spread over one detector (the smallest one).
  [[nodiscard]] double full_scale(TransferMap<float>&) const override {
    Index smallest = own().plane.pixels();
    for (const DetectorRegion& region : own().detectors) smallest = std::min(smallest, region.pixels());
    return double(own().plane.pixels()) / double(smallest);
  }
  /// The size of a sample is its mean x² for amplitudes and 1 for phases. An output is the mean of a
  /// detector's n pixels with independent noise, hence the factor 1/√n.
  bool readout_sigma(const platform::Process& process, std::optional<double> noise, const Call& call,
                     MatrixView<float> sigma) const override {
    const double share = noise.value_or(process.as<Process>().readout_noise);
    if (share == 0 || call.inputs.size() == 0) return false;
    for (Index n = 0; n < sigma.rows(); ++n) {
      const std::span<const float> x = sample_of(call.inputs, n);
      const double size = own().input.encoding == Encoding::phase ? 1 : power(x) / double(x.size());
      const double of_sample = share * call.full_scale * size;
      for (Index i = 0; i < sigma.cols(); ++i)
        sigma(n, i) = float(of_sample / std::sqrt(double(own().detectors[std::size_t(i)].pixels())));
    }
    return true;
  }

  void make_transmission(Index max_batch, std::unique_ptr<Transmission<float>>& made) const override {
    made = std::make_unique<MaskTransmission<float>>(own(), max_batch);
  }
  void make_transmission(Index max_batch, std::unique_ptr<Transmission<double>>& made) const override {
    made = std::make_unique<MaskTransmission<double>>(own(), max_batch);
  }
  void transmit(ConstMatrixView<float> weights, ConstMatrixView<float> inputs,
                MatrixView<float> outputs) const override {
    Batch<float>(own(), inputs.rows(), 0).forward(weights, inputs, outputs);
  }
  void transmit_back(ConstMatrixView<float> weights, ConstMatrixView<float> inputs,
                     ConstMatrixView<float> by_outputs, MatrixView<float> by_weights) const override {
    Batch<float>(own(), inputs.rows(), 0)
        .pullback(weights, inputs, by_outputs, by_weights, MatrixView<float>(nullptr, 0, 0),
                  AxialGradient::yes);
  }

  void start(TransferMap<float>&, const platform::Process&, const StartSettings& settings,
             const Stream& stream, std::span<float> controls) const override {
    start_phases(own(), stream, settings.spread, controls);
  }
  /// Takes the phases of the same number of masks and pixels. A transmission cannot be scaled, so that the
  /// scale is 1.
  StartOutcome start_from(TransferMap<float>& map, const platform::Process&, const StartSettings&,
                          const Stream&, const StartTarget& target,
                          std::span<float> controls) const override {
    if (target.matrix.size() != map.rows() * map.cols()) return {};
    const double left = map.invert({target.matrix.data(), map.rows(), map.cols()}, controls);
    return {true, 1, true, remark_on_reach(left)};
  }

 private:
  [[nodiscard]] Errors draw(const platform::Process& process, const DrawAddress& at) const {
    return draw_errors(process.as<Process>(), own(), at.seed, at.purpose, at.chip, at.device, at.step);
  }
};

/// The masks (from 0) that system parameters move: "rest" is every mask but the first (of a single mask, that
/// one).
std::vector<Index> moving_masks(const LayerText& layer, Index masks) {
  const std::string text = layer.has("moving") ? layer.values.at("moving") : "rest";
  if (text != "rest" && text != "all") {
    if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos)
      throw UsageError(layer.where + ": moving: expected rest, all or the number of a mask, found \"" + text +
                       "\"");
    const Index mask = layer.index("moving", 0, 1);
    if (mask > masks)
      throw UsageError(layer.where + ": moving: there are masks 1 to " + std::to_string(masks) + ", found " +
                       text);
    return {mask - 1};
  }
  std::vector<Index> moving;
  for (Index k = text == "all" || masks == 1 ? 0 : 1; k < masks; ++k) moving.push_back(k);
  return moving;
}

/// Rows and columns of a key: "8x16", or one number for a square.
std::pair<Index, Index> sides(const LayerText& text, const char* key, std::pair<Index, Index> fallback) {
  if (!text.has(key)) return fallback;
  if (text.values.at(key).find('x') != std::string::npos) {
    const auto [rows, cols] = text.size(key, {}, 1, 100'000);
    return {rows, cols};
  }
  const Index side = text.index(key, 0, 1);
  return {side, side};
}

class Hardware final : public PlatformOf<Process> {
 public:
  [[nodiscard]] std::string word() const override { return "d2nn"; }
  /// The rate of the preset and the radius of scripts/reproduce; not yet compared with others.
  [[nodiscard]] RobustSettings robust() const override { return {2e-2, 2e-2, 2e-4}; }
  [[nodiscard]] std::string elements() const override { return "masks"; }
  [[nodiscard]] std::vector<std::string> keys() const override {
    return {"out",   "masks", "pixels", "pitch",     "wavelength", "gap",    "entry",  "levels",
            "image", "block", "encode", "detectors", "side",       "moving", "padding"};
  }
  [[nodiscard]] std::string usage() const override {
    return "d2nn:out=N[,masks=K][,pixels=N|RxC][,pitch=UM][,wavelength=NM][,gap=MM][,entry=MM][,levels=K]"
           "[,image=RxC][,block=K][,encode=amplitude|phase][,detectors=RxC][,side=K][,moving=rest|all|K]"
           "[,padding=K] (padding=1: light that leaves one side comes back on the other)";
  }
  [[nodiscard]] std::vector<std::string> examples(Index) const override {
    return {"d2nn:out=3,pixels=16,gap=0.1", "d2nn:out=3,masks=1,pixels=12x16,gap=0.1,encode=phase,moving=all",
            "d2nn:out=3,pixels=14,gap=0.1,padding=1"};
  }
  [[nodiscard]] AnyPlan plan(const LayerRequest& request) const override {
    const LayerText& text = request.text;
    const std::string& where = text.where;
    Plan plan;
    plan.name = request.name;
    const Index out = text.index("out", 0, 1), masks = text.index("masks", 2, 1);
    if (masks > 100) throw UsageError(where + ": masks: expected 1 to 100, found " + std::to_string(masks));
    std::tie(plan.plane.height, plan.plane.width) = sides(text, "pixels", {128, 128});
    plan.plane.pixel_um = text.number("pitch", plan.plane.pixel_um);
    plan.plane.wavelength_nm = text.number("wavelength", plan.plane.wavelength_nm);
    plan.plane.padding = text.index("padding", 2, 1);
    const double gap = text.number("gap", 2);
    plan.gaps_mm.assign(std::size_t(masks), gap);
    plan.entry_mm = text.number("entry", gap);
    plan.levels = text.index("levels", 0, 0);
    plan.moving = moving_masks(text, masks);
    std::tie(plan.input.rows, plan.input.cols) = sides(text, "image", request.in.picture());
    check_picture(plan.input.rows, plan.input.cols, request.in.size(), where);
    const Index fitting = std::min(plan.plane.height / plan.input.rows, plan.plane.width / plan.input.cols);
    plan.input.block = text.index("block", std::max<Index>(fitting, 1), 1);
    plan.input.encoding =
        text.choice("encode", {"amplitude", "phase"}) == "phase" ? Encoding::phase : Encoding::amplitude;
    const auto rows = Index(std::floor(std::sqrt(double(out))));
    const auto [grid_rows, grid_cols] = sides(text, "detectors", {rows, (out + rows - 1) / rows});
    if (grid_rows * grid_cols < out)
      throw UsageError(where + ": detectors: " + std::to_string(grid_rows) + "x" + std::to_string(grid_cols) +
                       " places do not hold " + std::to_string(out) + " outputs");
    check_numbers(double(grid_rows) * double(grid_cols), most_detectors, "places of detectors", where);
    const Index part = std::min(plan.plane.height / grid_rows, plan.plane.width / grid_cols);
    const Index side = text.index("side", std::max<Index>(part / 2, 1), 1);
    plan.detectors = detector_grid(plan.plane, grid_rows, grid_cols, side);
    plan.detectors.resize(std::size_t(out));
    if (const auto wrong = check_plan(plan); !wrong.empty())
      throw UsageError(where + ": " + join(wrong, "; "));
    return make_plan<Layer>(std::move(plan));
  }
  [[nodiscard]] const ResponseOffset* response() const override { return &phase_offset(); }
  [[nodiscard]] const std::vector<TruthField>& truth_fields() const override {
    static const std::vector<TruthField> fields = {
        {"mask-phase", "pixel", "rad", "static error of each phase, in the order of the controls"},
        {"mask-rotation", "mask", "rad", "rotation of each mask about its centre"},
        {"mask-shift-x", "mask", "px", "its shift to the right"},
        {"mask-shift-y", "mask", "px", "its shift downwards"},
        {"mask-axial", "mask", "um", "its shift along the light"},
    };
    return fields;
  }
};

}  // namespace

const Platform& hardware() {
  static const Hardware one;
  return one;
}

Plan::operator platform::AnyPlan() const {
  return make_plan<Layer>(*this);
}

const Plan* masks_of(const LayerPlan& plan) {
  return own_plan<Layer>(plan);
}

}  // namespace pnn::platforms::d2nn
