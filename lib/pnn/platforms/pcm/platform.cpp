#include "pnn/platforms/pcm/platform.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/layer_plan_of.hpp"
#include "pnn/platform/readout.hpp"
#include "pnn/platform/start.hpp"
#include "pnn/platforms/pcm/age.hpp"
#include "pnn/platforms/pcm/crossbar.hpp"

namespace pnn::platforms::pcm {
namespace {

constexpr double most_cells = 1 << 26;

Cells cells_of(const Truth& truth) {
  return {truth[0], truth[1], truth[2], truth[3], truth[4], truth[5], truth[6], truth[7]};
}

Truth truth_of(const Cells& cells) {
  return {cells.amorphous,  cells.crystalline,  cells.bend,      cells.drift,
          cells.write_sine, cells.write_cosine, cells.row_split, cells.column_split};
}

class Layer final : public LayerPlanOf<Layer, Plan> {
 public:
  using LayerPlanOf::LayerPlanOf;

  [[nodiscard]] const Platform& platform() const override { return hardware(); }
  [[nodiscard]] const std::string& name() const override { return own().name; }
  [[nodiscard]] std::pair<Index, Index> size() const override { return {own().out, own().in}; }
  [[nodiscard]] Index controls() const override { return own().control_count(); }
  [[nodiscard]] Port controls_port() const override {
    const auto out = std::size_t(own().out), in = std::size_t(own().in);
    if (!own().differential())
      return {{out, in},
              {"out", "in"},
              "1",
              "levels of cells, 0 crystalline, 1 amorphous; against a reference column"};
    return {{2, out, in},
            {"polarity", "out", "in"},
            "1",
            "levels of cells, 0 crystalline, 1 amorphous: columns that count positive, then negative"};
  }
  [[nodiscard]] Port weights_port() const override {
    return {{std::size_t(own().out), std::size_t(own().in)}, {"out", "in"}};
  }

  [[nodiscard]] std::vector<std::string> followed() const override { return {age().name}; }

  [[nodiscard]] std::vector<std::size_t> truth_sizes() const override {
    return std::vector<std::size_t>(hardware().truth_fields().size(), std::size_t(own().cells()));
  }
  [[nodiscard]] Truth nominal_truth(const platform::Process& process) const override {
    return truth_of(nominal_cells(process.as<Process>(), own().cells()));
  }
  [[nodiscard]] Truth draw_truth(const platform::Process& process, const DrawAddress& at) const override {
    return truth_of(draw_cells(process.as<Process>(), own(), at));
  }
  void redraw(TransferMap<float>& map, const platform::Process& all, const DrawAddress& at) const override {
    const auto process = all.as<Process>();
    dynamic_cast<Crossbar<float>&>(map).set(device_table(process, own(), draw_cells(process, own(), at)));
  }
  template <class Real>
  std::unique_ptr<TransferMap<Real>> device_map(const platform::Process& all, const Truth& truth) const {
    const auto process = all.as<Process>();
    return std::make_unique<Crossbar<Real>>(own(), spread_of(process),
                                            device_table(process, own(), cells_of(truth)));
  }

  [[nodiscard]] std::vector<std::string> element_names() const override { return cell_names(own()); }
  /// What is read of a cell alone, in weights, and how its transmission bends.
  [[nodiscard]] Design design(const platform::Process& process) const override {
    const double bend = process.as<Process>().bend;
    return {{"low", "swing", "bend"},
            {"1", "1", "1"},
            own().differential() ? std::vector<double>{0, 1, bend} : std::vector<double>{-1, 2, bend}};
  }
  template <class Real>
  std::unique_ptr<TransferMap<Real>> model_map(const platform::Process& all, const ChipModel& chip,
                                               std::size_t device) const {
    const auto process = all.as<Process>();
    const Design designed = design(all);
    std::vector<std::vector<double>> known;
    for (std::size_t k = 0; k < designed.parameters.size(); ++k)
      known.push_back(
          parameter_of(chip, device, designed.parameters[k], own().control_count(), designed.values[k]));
    return std::make_unique<Crossbar<Real>>(own(), spread_of(process),
                                            model_table(process, own(), known[0], known[1], known[2]));
  }

  /// A source that has as many steps as cells have levels.
  [[nodiscard]] Source source(const platform::Process& process, std::optional<double> bits) const override {
    const double levels = process.as<Process>().levels;
    return {0, 1, bits.value_or(levels > 0 ? std::log2(levels) : 0)};
  }
  /// The inputs of an array: all of them at full power on cells whose weight is 1.
  [[nodiscard]] double full_scale(TransferMap<float>&) const override { return double(own().rows_of(0)); }
  /// The noise of a detector is a share of the light for which it is set, T_a of all inputs, however little
  /// of it a lossy array leaves: in weights that is T_a / ΔT (twice that against a reference) over the
  /// transmission of the crossings. The size of a sample is its largest |x|, √n for the sum of n arrays and
  /// √2 where some x are negative: powers of light are not, so that x⁺ and x⁻ are sent one after the other
  /// and subtracted.
  bool readout_sigma(const platform::Process& all, std::optional<double> noise, const Call& call,
                     MatrixView<float> sigma) const override {
    const auto process = all.as<Process>();
    const double loss_db = process.loss_db * double(own().longest_way());
    const double share = noise.value_or(process.readout_noise) * process.amorphous * unit_of(process, own()) *
                         std::pow(10.0, loss_db / 10);
    return sigma_by_size(share, call, sigma,
                         [&](std::span<const float> x) { return size_of_reads(x, double(own().stacks())); });
  }
  [[nodiscard]] int readouts(bool both_signs) const override { return both_signs ? 2 : 1; }

  void start(TransferMap<float>& map, const platform::Process&, const StartSettings& settings,
             const Stream& stream, std::span<float> controls) const override {
    const Matrix<float> weights = draw_weights(stream, settings.spread, own().out, own().in);
    place(map, view(weights), controls);
  }
  StartOutcome start_from(TransferMap<float>& map, const platform::Process&, const StartSettings&,
                          const Stream&, const StartTarget& target,
                          std::span<float> controls) const override {
    if (target.matrix.size() != own().weights()) return {};
    const ScaledWeights goal = scale_weights(target.matrix, own().out, own().in);
    const double left = place(map, view(goal.weights), controls);
    return {true, goal.scale, true, remark_on_reach(left)};
  }

 private:
  /// One standard deviation of the transmission of a cell in the middle of its range.
  static double spread_of(const Process& process) {
    return std::hypot(process.amorphous_sigma / 2, process.crystalline_sigma / 2,
                      process.contrast() * process.programming_sigma);
  }
  /// Levels that give the weights, from crystalline cells on: of the two cells of a weight one stays
  /// crystalline, and does not drift. Returns the largest error left.
  static double place(TransferMap<float>& map, ConstMatrixView<float> weights, std::span<float> controls) {
    std::fill(controls.begin(), controls.end(), 0.0F);
    return map.invert(weights, controls);
  }
};

class Hardware final : public PlatformOf<Process> {
 public:
  [[nodiscard]] std::string word() const override { return "pcm"; }
  [[nodiscard]] RobustSettings robust() const override { return {1e-2, 1e-2, 1e-3}; }
  [[nodiscard]] std::string elements() const override { return "phase-change cells"; }
  [[nodiscard]] std::vector<std::string> keys() const override { return {"out", "array", "signed"}; }
  [[nodiscard]] std::string usage() const override {
    return "pcm:out=N[,array=16x16][,signed=differential|reference] (inputs of both signs are sent in two "
           "read-outs)";
  }
  [[nodiscard]] std::string matrix_keys(Index out, Index) const override {
    return "out=" + std::to_string(out);
  }
  [[nodiscard]] std::vector<std::string> examples(Index) const override {
    return {"pcm:out=3", "pcm:out=5,array=4x6", "pcm:out=5,array=4x4,signed=reference",
            "pcm:out=3,signed=reference"};
  }
  [[nodiscard]] bool convolves() const override { return true; }
  [[nodiscard]] AnyPlan plan(const LayerRequest& request) const override {
    const LayerText& text = request.text;
    const auto process = request.process.as<Process>();
    Plan plan;
    plan.name = request.name;
    plan.out = text.index("out", 0, 1);
    plan.in = request.in.size();
    const auto [rows, cols] =
        text.size("array", {int(process.array_rows), int(process.array_cols)}, 1, most_array_side);
    if (cols < 2)
      throw UsageError(text.where +
                       ": array: expected 2 or more columns, found 1: a sign takes two, or a reference");
    plan.array_rows = rows;
    plan.array_cols = cols;
    plan.signs = text.choice("signed", {"differential", "reference"}) == "reference" ? Signs::reference
                                                                                     : Signs::differential;
    check_numbers(2 * double(plan.out) * double(plan.in), most_cells, "phase-change cells", text.where);
    return make_plan<Layer>(std::move(plan));
  }

  [[nodiscard]] std::vector<SystemParameter> own_system_parameters() const override {
    return {age_parameter()};
  }
  [[nodiscard]] const ResponseOffset* response() const override {
    static const ResponseOffset offset{
        {"transmission", "1", "transmission added to all phase-change cells", -1, 1},
        {"transmission-spread", "1", "individual transmission of those cells, 1 sigma; one draw a repeat", 0,
         1}};
    return &offset;
  }
  [[nodiscard]] const std::vector<TruthField>& truth_fields() const override {
    static const std::vector<TruthField> fields = {
        {"amorphous", "cell", "1", "transmission of each cell, amorphous"},
        {"crystalline", "cell", "1", "transmission of each cell, crystalline"},
        {"bend", "cell", "1", "how far its transmission against level hangs below a straight line"},
        {"aging", "cell", "1", "drift of each cell a decade of time, amorphous, in parts of its contrast"},
        {"write-sine", "cell", "1",
         "programming error of each cell: part that goes as the sine of its level"},
        {"write-cosine", "cell", "1",
         "programming error of each cell: part that goes as the cosine of its level"},
        {"row-split", "cell", "1", "relative power error of the coupler from row to cell"},
        {"column-split", "cell", "1", "relative power error of the coupler from cell to column"},
    };
    return fields;
  }

 private:
  [[nodiscard]] std::vector<std::string> conflicts(const Process& process) const override {
    return conflicts_of(process);
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

const Plan* arrays_of(const LayerPlan& plan) {
  return own_plan<Layer>(plan);
}

}  // namespace pnn::platforms::pcm
