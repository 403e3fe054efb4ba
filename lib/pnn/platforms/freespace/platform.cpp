#include "pnn/platforms/freespace/platform.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/product.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platform/layer_plan_of.hpp"
#include "pnn/platform/readout.hpp"
#include "pnn/platform/start.hpp"
#include "pnn/platforms/freespace/freespace.hpp"

namespace pnn::platforms::freespace {
namespace {

Errors errors_of(const Truth& truth) {
  Errors errors;
  errors.gain = truth[0];
  errors.gamma = truth[1][0];
  errors.misalignment.rotation_rad = truth[2][0];
  errors.misalignment.shift_x_px = truth[3][0];
  errors.misalignment.shift_y_px = truth[4][0];
  errors.misalignment.magnification = truth[5][0];
  return errors;
}

Truth truth_of(const Errors& errors) {
  const System& m = errors.misalignment;
  return {errors.gain, {errors.gamma}, {m.rotation_rad}, {m.shift_x_px}, {m.shift_y_px}, {m.magnification}};
}

class Layer final : public LayerPlanOf<Layer, Plan> {
 public:
  using LayerPlanOf::LayerPlanOf;

  [[nodiscard]] const Platform& platform() const override { return hardware(); }
  [[nodiscard]] const std::string& name() const override { return own().name; }
  [[nodiscard]] std::pair<Index, Index> size() const override { return {own().out, own().in()}; }
  [[nodiscard]] bool takes_negative_inputs() const override { return false; }
  [[nodiscard]] Index controls() const override { return own().control_count(); }
  [[nodiscard]] Port controls_port() const override {
    return {{std::size_t(own().polarities()), std::size_t(own().out), std::size_t(own().sites())},
            {"polarity", "out", "site"},
            "1",
            "transmissions: positive, then negative; of each output its elements row by row"};
  }
  [[nodiscard]] Port weights_port() const override {
    return {{std::size_t(own().out), std::size_t(own().in())}, {"out", "in"}};
  }

  [[nodiscard]] std::vector<std::string> followed() const override {
    return {"rotation", "shift-x", "shift-y", "scale"};
  }
  [[nodiscard]] std::vector<std::string> complaints_about(const System& system) const override {
    std::vector<std::string> wrong;
    check_shifts(system, name(), own().width(), own().height(), wrong);
    return wrong;
  }
  using LayerPlan::complaints_about;

  [[nodiscard]] std::vector<std::size_t> truth_sizes() const override {
    std::vector<std::size_t> sizes(hardware().truth_fields().size(), 1);
    sizes.front() = std::size_t(gain_knots);
    return sizes;
  }
  [[nodiscard]] Truth nominal_truth(const platform::Process& process) const override {
    return truth_of(no_errors(process.as<Process>()));
  }
  [[nodiscard]] Truth draw_truth(const platform::Process& process, const DrawAddress& at) const override {
    return truth_of(draw(process, at));
  }
  void redraw(TransferMap<float>& map, const platform::Process& process,
              const DrawAddress& at) const override {
    dynamic_cast<Freespace<float>&>(map).set_errors(draw(process, at));
  }
  template <class Real>
  std::unique_ptr<TransferMap<Real>> device_map(const platform::Process& process, const Truth& truth) const {
    return make_freespace<Real>(own(), full_physics(process.as<Process>()), errors_of(truth));
  }

  [[nodiscard]] std::vector<std::string> element_names() const override { return {"display"}; }
  [[nodiscard]] Design design(const platform::Process&) const override {
    return {{"rotation_rad", "magnification", "shift_x_px", "shift_y_px", "blur_px"},
            {"rad", "1", "px", "px", "px"},
            {0, 0, 0, 0, 0}};
  }
  /// The aligned system, or the registered one.
  template <class Real>
  std::unique_ptr<TransferMap<Real>> model_map(const platform::Process& all, const ChipModel& chip,
                                               std::size_t device) const {
    const auto process = all.as<Process>();
    const auto value = [&](const char* parameter) {
      return parameter_of(chip, device, parameter, 1, 0).front();
    };
    Physics physics = ideal_physics(process);
    physics.blur_px = value("blur_px");
    Errors errors = no_errors(process);
    if (const auto gain = chip.more.find("gain_knots"); gain != chip.more.end()) {
      const std::span<const double> knots = gain->second.slice(device);
      require(Index(knots.size()) == gain_knots, "a registration has the knots of a gain field");
      errors.gain.assign(knots.begin(), knots.end());
    }
    errors.misalignment.rotation_rad = value("rotation_rad");
    errors.misalignment.magnification = value("magnification");
    errors.misalignment.shift_x_px = value("shift_x_px");
    errors.misalignment.shift_y_px = value("shift_y_px");
    return make_freespace<Real>(own(), physics, errors);
  }

  [[nodiscard]] Source source(const platform::Process& process, std::optional<double> bits) const override {
    return {0, 1, bits.value_or(process.as<Process>().modulator_bits)};
  }
  /// A camera pixel that is lit by the largest input at a transmission of 1, hence 1.
  [[nodiscard]] double full_scale(TransferMap<float>&) const override { return 1; }
  /// The display uses its full range for the largest input of a sample, and shows x as x^(γ/γ₀), with its own
  /// gamma γ and the γ₀ for which its drive is linearised; negative inputs are shown as 0.
  bool modulate(const platform::Process& process, const Truth& truth, ConstMatrixView<float> inputs,
                MatrixView<float> shown) const override {
    if (inputs.size() == 0) return false;
    const auto exponent = float(errors_of(truth).gamma / process.as<Process>().gamma);
    parallel_for(std::size_t(inputs.rows()), [&](std::size_t n) {
      const std::span<const float> from = sample_of(inputs, Index(n));
      float* to = shown.data() + Index(n) * shown.cols();
      const float full = largest(from);
      for (std::size_t k = 0; k < from.size(); ++k) {
        const float x = full > 0 ? std::max(0.0F, from[k]) / full : 0.0F;
        to[k] = full * (exponent == 1 ? x : std::pow(x, exponent));
      }
    });
    return true;
  }
  /// Read noise of every camera pixel of a cell, and shot noise of its electrons, where the full well is what
  /// a pixel gets from the largest input of the sample. Variances are added: of the n pixels r² full wells
  /// each, and the number of electrons.
  bool readout_sigma(const platform::Process& all, std::optional<double> noise, const Call& call,
                     MatrixView<float> sigma) const override {
    const auto process = all.as<Process>();
    const double read_noise = noise.value_or(process.readout_noise);
    if (call.inputs.size() == 0 || (read_noise == 0 && process.full_well == 0)) return false;
    const double area = double(own().block_area());
    const double pixels = double(own().polarities() * own().cell_height() * own().cell_width());
    const double factor = own().signs == Signs::offset ? 2 : 1;
    sigma.setZero();
    if (process.full_well > 0) {
      Matrix<float> light(own().out, own().in());
      dynamic_cast<Freespace<float>&>(call.map).light(call.at, view(light));
      multiply_signals<float>(view(std::as_const(light)), call.inputs, sigma);
    }
    for (Index n = 0; n < sigma.rows(); ++n) {
      const double full = call.full_scale * double(largest(sample_of(call.inputs, n)));
      const double read = read_noise * full / area,
                   electron = process.full_well > 0 ? full / process.full_well / area : 0;
      for (Index i = 0; i < sigma.cols(); ++i) {
        const double electrons = electron * std::max(0.0, double(sigma(n, i)));
        sigma(n, i) = float(factor * std::sqrt(electrons + pixels * read * read));
      }
    }
    return true;
  }

  void start(TransferMap<float>&, const platform::Process&, const StartSettings& settings,
             const Stream& stream, std::span<float> controls) const override {
    const Matrix<float> weights = draw_weights(stream, settings.spread, own().out, own().in());
    show_weights<float>(own(), view(weights), controls);
  }
  StartOutcome start_from(TransferMap<float>&, const platform::Process&, const StartSettings&, const Stream&,
                          const StartTarget& target, std::span<float> controls) const override {
    if (target.matrix.size() != own().out * own().in()) return {};
    const ScaledWeights goal = scale_weights(target.matrix, own().out, own().in());
    show_weights<float>(own(), view(goal.weights), controls);
    return {true, goal.scale};
  }

 private:
  [[nodiscard]] Errors draw(const platform::Process& process, const DrawAddress& at) const {
    return draw_errors(process.as<Process>(), at.seed, at.purpose, at.chip, at.device, at.step);
  }
};

class Hardware final : public PlatformOf<Process> {
 public:
  [[nodiscard]] std::string word() const override { return "freespace"; }
  [[nodiscard]] RobustSettings robust() const override { return {1.2e-2, 1.2e-2, 1e-3}; }
  [[nodiscard]] std::string elements() const override { return "display"; }
  [[nodiscard]] std::vector<std::string> keys() const override {
    return {"out", "layout", "grid", "image", "block", "guard", "signed", "per"};
  }
  [[nodiscard]] std::string usage() const override {
    return "freespace:out=N[,grid=RxC[,image=RxC]][,block=RxC][,guard=RxC][,signed=halves|exposures|offset]"
           "[,per=block|pixel]";
  }
  [[nodiscard]] std::string matrix_keys(Index out, Index) const override {
    return "out=" + std::to_string(out);
  }
  [[nodiscard]] std::vector<std::string> examples(Index) const override {
    return {"freespace:out=3", "freespace:out=3,block=2x2,guard=1x1,signed=exposures,per=pixel",
            "freespace:out=4,grid=2x2,block=2x3,signed=offset"};
  }
  [[nodiscard]] AnyPlan plan(const LayerRequest& request) const override {
    const LayerText& text = request.text;
    Plan plan;
    plan.name = request.name;
    plan.out = text.index("out", 0, 1);
    const bool grid = text.choice("layout", {text.has("grid") ? "grid" : "strip", "strip", "grid"}) == "grid";
    if (grid != text.has("grid"))
      throw UsageError(text.where +
                       ": layout=grid and grid=ROWSxCOLUMNS (cells of a picture) belong together");
    if (!grid && text.has("image"))
      throw UsageError(text.where + ": a strip has one row of blocks a cell; image needs grid=ROWSxCOLUMNS");
    const auto size = [&](const char* key, std::pair<int, int> fallback, int least) {
      return text.size(key, fallback, least, 100'000);
    };
    const auto pair = [](Index& rows, Index& cols, std::pair<int, int> value) {
      rows = value.first;
      cols = value.second;
    };
    const Index in = request.in.size();
    pair(plan.image_rows, plan.image_cols,
         size("image", grid ? request.in.picture() : std::pair(1, int(in)), 1));
    check_picture(plan.image_rows, plan.image_cols, in, text.where);
    pair(plan.block_rows, plan.block_cols, size("block", {1, 1}, 1));
    pair(plan.guard_rows, plan.guard_cols, size("guard", {0, 0}, 0));
    pair(plan.grid_rows, plan.grid_cols, size("grid", {int(plan.out), 1}, 1));
    const std::string signs = text.choice("signed", {"halves", "exposures", "offset"});
    plan.signs = signs == "halves" ? Signs::halves : signs == "exposures" ? Signs::exposures : Signs::offset;
    plan.per_pixel = text.choice("per", {"block", "pixel"}) == "pixel";
    if (const auto wrong = check_plan(plan); !wrong.empty())
      throw UsageError(text.where + ": " + join(wrong, "; "));
    return make_plan<Layer>(std::move(plan));
  }
  [[nodiscard]] const std::vector<TruthField>& truth_fields() const override {
    static const std::vector<TruthField> fields = {
        {"gain", "knot", "1", "knots of the uneven gain over the plane, row by row; 0 is even"},
        {"gamma", "display", "1", "true gamma of the display"},
        {"rotation", "display", "rad", "rotation of the display's picture on the modulator"},
        {"shift-x", "display", "px", "its shift to the right"},
        {"shift-y", "display", "px", "its shift downwards"},
        {"magnification", "display", "1", "its scale, minus 1"},
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

const Plan* planes_of(const LayerPlan& plan) {
  return own_plan<Layer>(plan);
}

}  // namespace pnn::platforms::freespace
