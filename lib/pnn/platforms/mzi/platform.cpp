#include "pnn/platforms/mzi/platform.hpp"

#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/phasor.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/layer_plan_of.hpp"
#include "pnn/platform/readout.hpp"
#include "pnn/platform/spread.hpp"
#include "pnn/platforms/mzi/clements.hpp"
#include "pnn/platforms/mzi/mesh.hpp"
#include "pnn/platforms/mzi/start.hpp"

namespace pnn::platforms::mzi {
namespace {

/// The matrix [kept, modes] or [modes, modes] that a mesh shall have: the real one of a digital layer, or
/// that of another mesh; nothing if the sizes do not fit.
std::optional<ComplexMatrix> complex_target(const StartTarget& target, Index modes) {
  const bool complex = target.plan != nullptr && mesh_of(*target.plan) != nullptr;
  const Index stored = target.matrix.rows(), rows = complex ? stored / 2 : stored;
  if (target.matrix.cols() != modes || (rows != modes && rows != target.kept)) return std::nullopt;
  if (complex) return complex_matrix(target.matrix);
  return ComplexMatrix(target.matrix.cast<std::complex<double>>());
}

class Layer final : public LayerPlanOf<Layer, MeshLayer> {
 public:
  using LayerPlanOf::LayerPlanOf;

  [[nodiscard]] const Platform& platform() const override { return hardware(); }
  [[nodiscard]] const std::string& name() const override { return mesh().name; }
  [[nodiscard]] std::pair<Index, Index> size() const override { return {mesh().out, mesh().in}; }
  [[nodiscard]] Index inputs() const override { return mesh().in * (own().field_input ? 2 : 1); }
  [[nodiscard]] Index outputs() const override { return detected_size(own().detection, mesh().out); }
  [[nodiscard]] bool gives_field() const override { return own().detection == Detection::field; }
  [[nodiscard]] Index controls() const override { return mesh().control_count(); }
  [[nodiscard]] bool periodic() const override { return true; }
  [[nodiscard]] Port controls_port() const override {
    return {{std::size_t(controls())},
            {"control"},
            "rad",
            "phases: of each mesh theta, phi (column by column, top to bottom), psi"};
  }
  [[nodiscard]] Port weights_port() const override {
    return {{2, std::size_t(mesh().out), std::size_t(mesh().in)}, {"part", "out", "in"}};
  }

  [[nodiscard]] std::vector<std::string> followed() const override { return {"temperature"}; }

  [[nodiscard]] std::vector<std::size_t> truth_sizes() const override {
    return {std::size_t(controls()), std::size_t(mesh().mzis()), std::size_t(mesh().mzis())};
  }
  [[nodiscard]] Truth nominal_truth(const platform::Process&) const override {
    MeshErrors none = no_errors(mesh());
    return {std::move(none.phase), std::move(none.beta1), std::move(none.beta2)};
  }
  [[nodiscard]] Truth draw_truth(const platform::Process& process, const DrawAddress& at) const override {
    MeshErrors errors = draw(process, at);
    return {std::move(errors.phase), std::move(errors.beta1), std::move(errors.beta2)};
  }
  void redraw(TransferMap<float>& map, const platform::Process& process,
              const DrawAddress& at) const override {
    dynamic_cast<Mesh<float>&>(map).set_errors(draw(process, at));
  }
  template <class Real>
  std::unique_ptr<TransferMap<Real>> device_map(const platform::Process& process, const Truth& truth) const {
    return make_mesh<Real>(mesh(), full_physics(process.as<Process>()), {truth[0], truth[1], truth[2]});
  }

  [[nodiscard]] std::vector<std::string> element_names() const override { return phase_names(mesh()); }
  [[nodiscard]] Design design(const platform::Process&) const override {
    return {{"offset_rad"}, {"rad"}, {0}};
  }
  /// The mesh with its measured phase offsets. The most probable phase is between the measured offset and the
  /// design, according to its standard error and the spread σ of the process: offset · σ²/(σ² + error²).
  template <class Real>
  std::unique_ptr<TransferMap<Real>> model_map(const platform::Process& all, const ChipModel& chip,
                                               std::size_t device) const {
    const auto process = all.as<Process>();
    MeshErrors errors = no_errors(mesh());
    errors.phase = parameter_of(chip, device, "offset_rad", controls(), 0);
    const std::vector<double> variances = variance_of(chip, device, "offset_rad", controls());
    const double spread = process.phase_sigma_rad * process.phase_sigma_rad;
    for (std::size_t k = 0; k < errors.phase.size(); ++k)
      if (variances[k] > 0) errors.phase[k] *= spread / (spread + variances[k]);
    return make_mesh<Real>(mesh(), ideal_physics(process), errors);
  }

  [[nodiscard]] Source source(const platform::Process& process, std::optional<double> bits) const override {
    return {0, 2 * std::numbers::pi, bits.value_or(process.as<Process>().dac_bits)};
  }
  /// All light of a sample, of power Σ|z|² = 1, in one output: for each output, the input that sends most
  /// light there, with phases and attenuators at 0, at the reference temperature, including losses and errors
  /// of this device. The root of it if a detector gives amplitudes.
  [[nodiscard]] double full_scale(TransferMap<float>& map) const override {
    const std::vector<float> zero(std::size_t(map.control_count()), 0.0F);
    Matrix<float> weights(map.rows(), map.cols());
    map.evaluate({zero, {}, {}}, view(weights));
    const Index outputs = map.rows() / 2;
    double most = 0;
    for (Index i = 0; i < outputs; ++i) {
      const ConstMatrixView<float> w = view(std::as_const(weights));
      most = std::max(most, power(sample_of(w, i)) + power(sample_of(w, outputs + i)));
    }
    return detects_power() ? most : std::sqrt(most);
  }
  /// The size of a sample is its power Σ|x|², which `normalize:power=P` sets to P; its root if amplitudes are
  /// detected.
  bool readout_sigma(const platform::Process& process, std::optional<double> noise, const Call& call,
                     MatrixView<float> sigma) const override {
    return sigma_by_size(
        noise.value_or(process.as<Process>().readout_noise), call, sigma,
        [&](std::span<const float> x) { return detects_power() ? power(x) : std::sqrt(power(x)); });
  }
  /// Phases are heated within one turn. A mesh is always on.
  void add_heat(const platform::Process& all, std::span<const float> controls, int readouts,
                Heat& total) const override {
    const auto process = all.as<Process>();
    for (const float phase : controls)
      total.always_mw += process.p_pi_mw * wrap_phase(double(phase)) / std::numbers::pi;
    total.time_us += process.slot_us * readouts;
  }
  [[nodiscard]] std::optional<Climate> climate(const platform::Process& all) const override {
    const auto p = all.as<Process>();
    return Climate{p.reference_temperature_c, p.jitter_k, p.walk_time_s, p.walk_sigma_k};
  }

  void make_transmission(Index max_batch, std::unique_ptr<Transmission<float>>& made) const override {
    made = make_field_transmission<float>(own(), max_batch);
  }
  void make_transmission(Index max_batch, std::unique_ptr<Transmission<double>>& made) const override {
    made = make_field_transmission<double>(own(), max_batch);
  }
  void transmit(ConstMatrixView<float> weights, ConstMatrixView<float> inputs,
                MatrixView<float> outputs) const override {
    transmit_field(own(), weights, inputs, outputs);
  }
  void transmit_back(ConstMatrixView<float> weights, ConstMatrixView<float> inputs,
                     ConstMatrixView<float> by_outputs, MatrixView<float> by_weights) const override {
    transmit_field_back(own(), weights, inputs, by_outputs, by_weights);
  }

  void start(TransferMap<float>&, const platform::Process&, const StartSettings&, const Stream& stream,
             std::span<float> controls) const override {
    start_controls<float>(mesh(), stream, controls);
  }
  /// Uses a decomposition that accounts for the model's static phases (clements.hpp): exact for `svd`,
  /// otherwise the nearest unitary matrix. A target with the number of rows that `keep` leaves determines
  /// only those rows.
  StartOutcome start_from(TransferMap<float>& map, const platform::Process&, const StartSettings&,
                          const Stream&, const StartTarget& target,
                          std::span<float> controls) const override {
    const std::optional<ComplexMatrix> goal = complex_target(target, mesh().in);
    if (!goal) return {};
    StartOutcome outcome{true, 1, own().detection == Detection::coherent};
    outcome.scale = program_mesh(dynamic_cast<Mesh<float>&>(map), *goal, controls, outcome.remarks);
    if (target.plan == nullptr) remark_on_detection(target, outcome.remarks);
    return outcome;
  }

 private:
  [[nodiscard]] const MeshPlan& mesh() const { return own().mesh; }
  [[nodiscard]] bool detects_power() const { return own().detection == Detection::intensity; }
  [[nodiscard]] MeshErrors draw(const platform::Process& process, const DrawAddress& at) const {
    return draw_errors(process.as<Process>(), mesh(), at.seed, at.purpose, at.chip, at.device, at.step);
  }

  /// Programs a mesh with the target as closely as possible; outputs without a row of the target are
  /// arbitrary. Returns the output of the detectors as a fraction of what the target would give.
  float program_mesh(const Mesh<float>& map, const ComplexMatrix& target, std::span<float> controls,
                     std::vector<std::string>& remarks) const {
    const Index modes = mesh().in;
    ComplexMatrix whole = ComplexMatrix::Zero(modes, modes);
    whole.topRows(target.rows()) = target;
    MeshProgram found = program(map, whole);
    std::copy(found.controls.begin(), found.controls.end(), controls.begin());
    // for a unitary matrix only the requested rows count
    const bool unitary = mesh().layout == MeshLayout::unitary;
    if (unitary) found.gain *= double(modes) / double(target.rows());
    Matrix<float> stored(2 * modes, modes);
    Mesh<float> shown(map.plan(), {}, map.errors());
    shown.evaluate({std::span<const float>(controls).first(found.controls.size()), {}, 0}, view(stored));
    const ComplexMatrix got = complex_matrix(view(std::as_const(stored)));
    const double left = norm(target - found.gain * got.topRows(target.rows()));
    if (left > 0.02 * norm(target)) {
      remarks.push_back(
          (unitary ? "no unitary matrix is the given one, what is left is " : "splitter errors leave ") +
          format_short(100 * left / norm(target), 2) + " % of its norm");
    }
    if (gives_field() && std::abs(found.gain - 1) > 1e-3) {
      remarks.push_back("light is passed on as it is, so that the factor " + format_short(found.gain, 3) +
                        " of the matrix is dropped");
    }
    if (gives_field() || !(found.gain > 0)) return 1;
    return float(1 / (detects_power() ? found.gain * found.gain : found.gain));
  }

  /// Adds a remark if the detectors give another function of the product than the digital network used.
  void remark_on_detection(const StartTarget& target, std::vector<std::string>& remarks) const {
    const bool power = detects_power();
    if (!power && own().detection != Detection::modulus) return;
    if (power && target.squared_next) return;
    remarks.push_back(std::string("its detectors give ") + (power ? "|z|²" : "|z|") + " where " +
                      target.name + " gave z" +
                      (power ? "; with abs2 behind " + target.name + " they would agree" : ""));
  }
};

class Hardware final : public PlatformOf<Process> {
 public:
  [[nodiscard]] std::string word() const override { return "mzi"; }
  [[nodiscard]] RobustSettings robust() const override {
    return {.annealed_rate = 1e-3, .radius = 0, .anneals = true};
  }
  [[nodiscard]] std::string elements() const override { return "phase shifters"; }
  [[nodiscard]] std::vector<QuantityAlias> aliases() const override {
    return {{{"mzi.split", "1",
              "Spread of the splitters' power errors e, (1+e)/2 : (1-e)/2; another way to say mzi.bs.", 0, 1,
              false, true},
             "mzi.bs",
             split_angle}};
  }
  [[nodiscard]] std::vector<std::string> keys() const override {
    return {"modes", "layout", "detect", "keep"};
  }
  [[nodiscard]] std::string usage() const override {
    return "mzi:modes=N[,layout=unitary|svd][,detect=intensity|modulus|coherent|field][,keep=K]";
  }
  /// A mesh has as many outputs as inputs; the first ones are read.
  [[nodiscard]] std::string matrix_keys(Index out, Index in) const override {
    if (out > in) return {};
    return "modes=" + std::to_string(in) + ",layout=svd,detect=coherent,keep=" + std::to_string(out);
  }
  [[nodiscard]] bool takes_field() const override { return true; }
  [[nodiscard]] std::vector<std::string> examples(Index inputs) const override {
    const std::string mesh = "mzi:modes=" + std::to_string(inputs);
    return {mesh, mesh + ",layout=svd,detect=coherent", mesh + ",detect=modulus"};
  }
  [[nodiscard]] AnyPlan plan(const LayerRequest& request) const override {
    const LayerText& text = request.text;
    const Index modes = text.index("modes", 0, 1);
    const Shape& in = request.in;
    if ((in.field ? in.channels : in.size()) != modes) {
      throw UsageError(text.where + ": a mesh of " + std::to_string(modes) + " modes takes " +
                       std::to_string(modes) + " amplitudes, but " + in.to_string() +
                       " reach it; put a dense layer before it");
    }
    const bool svd = text.choice("layout", {"unitary", "svd"}) == "svd";
    const Detection detection =
        parse_detection(text.has("detect") ? text.values.at("detect") : "intensity", text.where);
    return make_plan<Layer>(MeshLayer{
        {request.name, modes, modes, svd ? MeshLayout::svd : MeshLayout::unitary}, detection, in.field});
  }
  [[nodiscard]] const ResponseOffset* response() const override { return &phase_offset(); }
  [[nodiscard]] const std::vector<TruthField>& truth_fields() const override {
    static const std::vector<TruthField> fields = {
        {"phase", "phase", "rad", "static error of each phase, in the order of the controls"},
        {"beta1", "interferometer", "rad", "error of the splitter that light meets first, as an angle"},
        {"beta2", "interferometer", "rad", "error of the splitter that light meets second, as an angle"},
    };
    return fields;
  }

 private:
  [[nodiscard]] std::vector<std::string> conflicts(const Process& process) const override {
    std::vector<std::string> wrong;
    for (const auto& complaint :
         {platform::complaint_about_shares("mzi.bs", {process.split_die, process.split_smooth}),
          platform::complaint_about_shares("mzi.ps", {process.phase_die, process.phase_smooth})})
      if (!complaint.empty()) wrong.push_back(complaint);
    return wrong;
  }
};

}  // namespace

const Platform& hardware() {
  static const Hardware one;
  return one;
}

MeshLayer::operator platform::AnyPlan() const {
  return make_plan<Layer>(*this);
}

const MeshLayer* mesh_of(const LayerPlan& plan) {
  return own_plan<Layer>(plan);
}

}  // namespace pnn::platforms::mzi
