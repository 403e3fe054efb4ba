#include "pnn/platforms/mrr/platform.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/layer_plan_of.hpp"
#include "pnn/platform/readout.hpp"
#include "pnn/platform/start.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/model_rings.hpp"

namespace pnn::platforms::mrr {
namespace {

constexpr Index most_heated_rings = Index(1) << 14;  // their crosstalk is then 2 GiB

RingParameters rings_of(const Truth& truth) {
  RingParameters rings;
  rings.delta_nm = truth[0];
  rings.eta_nm_per_mw = truth[1];
  rings.resistance_ohm = truth[2];
  rings.beta_per_ma2 = truth[3];
  rings.r = truth[4];
  rings.a = truth[5];
  return rings;
}

Truth truth_of(const RingParameters& rings) {
  return {rings.delta_nm, rings.eta_nm_per_mw, rings.resistance_ohm, rings.beta_per_ma2, rings.r, rings.a};
}

void draw(const Process& process, const BankPlan& plan, const DrawAddress& at, RingParameters& rings) {
  draw_rings(process, plan.rings(), at.seed, at.purpose, at.chip, at.device, at.step,
             {plan.chip_rows, plan.chip_cols}, rings);
}

/// Heater power of each tile in mW, row by row; rings without a weight are at 0 mA.
std::vector<double> tile_powers(const BankPlan& bank, const Process& process,
                                std::span<const float> controls) {
  std::vector<double> powers(std::size_t(bank.tiles()), 0.0);
  for (Index i = 0; i < bank.out; ++i) {
    double* tiles = powers.data() + i / bank.chip_rows * bank.tile_cols();
    for (Index left = 0; left < bank.in; left += bank.chip_cols, ++tiles) {
      for (Index j = left; j < std::min(left + bank.chip_cols, bank.in); ++j)
        *tiles += heater_power_mw(double(controls[std::size_t(i * bank.in + j)]), process.resistance_ohm,
                                  process.beta_per_ma2);
    }
  }
  return powers;
}

/// Currents a little below or above the resonance, from which the inversion finds this flank. `stream`
/// addresses the random choice of a flank.
std::vector<float> flank_currents(const Process& process, const std::string& flank, const Stream& stream,
                                  std::size_t count) {
  const double resonance =
      std::sqrt(std::max(0.0, process.delta_nm / (process.eta_nm_per_mw * process.resistance_ohm * 1e-3)));
  const double step = 0.05 * (process.current_max_ma - process.current_min_ma);
  const FloatRange range = inwards(process.current_min_ma, process.current_max_ma);
  const auto clamped = [&](double current) { return std::clamp(float(current), range.lower, range.upper); };
  std::vector<float> currents(count, clamped(flank == "upper" ? resonance + step : resonance - step));
  if (flank == "both") {
    for (std::size_t k = 0; k < count; ++k)
      currents[k] = clamped(uniform(stream, std::uint32_t(k)) < 0.5 ? resonance + step : resonance - step);
  }
  return currents;
}

class Layer final : public LayerPlanOf<Layer, BankPlan> {
 public:
  using LayerPlanOf::LayerPlanOf;

  [[nodiscard]] const Platform& platform() const override { return hardware(); }
  [[nodiscard]] const std::string& name() const override { return own().name; }
  [[nodiscard]] std::pair<Index, Index> size() const override { return {own().out, own().in}; }
  [[nodiscard]] std::string chip_key() const override { return own().chip_key(); }
  [[nodiscard]] Index controls() const override { return own().weights(); }
  [[nodiscard]] Port controls_port() const override {
    return {{std::size_t(own().out), std::size_t(own().in)},
            {"out", "in"},
            "mA",
            "heater currents, row output, column input"};
  }
  [[nodiscard]] Port weights_port() const override {
    return {{std::size_t(own().out), std::size_t(own().in)}, {"out", "in"}};
  }

  [[nodiscard]] std::vector<std::string> followed() const override { return {"temperature"}; }
  [[nodiscard]] std::vector<std::string> complaints_about(const platform::Process& all) const override {
    const auto process = all.as<Process>();
    std::vector<std::string> wrong;
    const BankPlan& bank = own();
    const double channels = channels_of_bus(process.fsr_nm, process.channel_spacing_nm);
    if (double(bank.chip_cols) > channels) {
      wrong.push_back(
          name() + ": its chip has " + std::to_string(bank.chip_cols) +
          " columns, but a bus carries at most " + format_number(channels) +
          " channels (floor(mrr.fsr / mrr.channel.spacing)); take chip=ROWSxCOLUMNS with at most " +
          format_number(channels) + " columns, or a closer mrr.channel.spacing");
    }
    const Index heated = std::min<Index>(bank.out, bank.chip_rows) * std::min<Index>(bank.in, bank.chip_cols);
    if (process.crosstalk > 0 && heated > most_heated_rings) {
      wrong.push_back(name() + ": heat of " + std::to_string(heated) +
                      " rings of one chip on each other is a matrix of " +
                      format_short(8e-9 * double(heated) * double(heated), 3) +
                      " GB; take a chip of at most " + std::to_string(most_heated_rings) +
                      " rings, or mrr.crosstalk=0");
    }
    return wrong;
  }
  using LayerPlan::complaints_about;

  [[nodiscard]] std::vector<std::size_t> truth_sizes() const override {
    return std::vector<std::size_t>(hardware().truth_fields().size(), std::size_t(own().rings()));
  }
  [[nodiscard]] Truth nominal_truth(const platform::Process& process) const override {
    return truth_of(nominal_rings(process.as<Process>(), own().rings(), false));
  }
  [[nodiscard]] Truth draw_truth(const platform::Process& process, const DrawAddress& at) const override {
    RingParameters rings;
    draw(process.as<Process>(), own(), at, rings);
    return truth_of(rings);
  }
  void redraw(TransferMap<float>& map, const platform::Process& process,
              const DrawAddress& at) const override {
    thread_local RingParameters rings;  // as large as a layer: making it anew takes longer than a step
    draw(process.as<Process>(), own(), at, rings);
    dynamic_cast<Bank<float>&>(map).set_rings(rings);
  }
  template <class Real>
  std::unique_ptr<TransferMap<Real>> device_map(const platform::Process& process, const Truth& truth) const {
    return make_bank<Real>(own(), full_physics(process.as<Process>()), rings_of(truth));
  }

  [[nodiscard]] std::vector<std::string> element_names() const override { return ring_names(own()); }
  [[nodiscard]] Design design(const platform::Process& all) const override {
    const auto p = all.as<Process>();
    return {{"delta_nm", "eta_nm_per_mw", "resistance_ohm", "r", "a"},
            {"nm", "nm/mW", "Ohm", "1", "1"},
            {p.delta_nm, p.eta_nm_per_mw, p.resistance_ohm, p.r, p.a}};
  }
  template <class Real>
  std::unique_ptr<TransferMap<Real>> model_map(const platform::Process& all, const ChipModel& chip,
                                               std::size_t device) const {
    const auto process = all.as<Process>();
    return make_bank<Real>(own(), model_physics(process, chip, device),
                           model_rings(process, chip, own(), device));
  }

  [[nodiscard]] Source source(const platform::Process& all, std::optional<double> bits) const override {
    const auto process = all.as<Process>();
    return {process.current_min_ma, process.current_max_ma, bits.value_or(process.dac_bits)};
  }
  /// All channels of the chip at full power: the number of its columns.
  [[nodiscard]] double full_scale(TransferMap<float>&) const override { return double(own().chip_cols); }
  /// The size of a sample is its largest |x|, times √n for n tiles that are read one after the other and
  /// added, times √2 if some x are negative: powers of light are not, so that x⁺ and x⁻ are sent one after
  /// the other and subtracted, y = W x⁺ − W x⁻, in two read-outs.
  bool readout_sigma(const platform::Process& process, std::optional<double> noise, const Call& call,
                     MatrixView<float> sigma) const override {
    return sigma_by_size(
        noise.value_or(process.as<Process>().readout_noise), call, sigma,
        [&](std::span<const float> x) { return size_of_reads(x, double(own().tile_cols())); });
  }
  [[nodiscard]] int readouts(bool both_signs) const override { return both_signs ? 2 : 1; }
  /// Chips of reuse=space are always on. A chip of reuse=time holds one tile at a time, for one slot of the
  /// process, and is off while other layers compute.
  void add_heat(const platform::Process& all, std::span<const float> controls, int readouts,
                Heat& total) const override {
    const auto process = all.as<Process>();
    const std::vector<double> tiles = tile_powers(own(), process, controls);
    const double sum = std::accumulate(tiles.begin(), tiles.end(), 0.0), slot = process.slot_us * readouts;
    if (own().reuse == Reuse::space) {
      total.always_mw += sum;
      total.time_us += slot;
    } else {
      total.changing_mw_us += sum * slot;
      total.time_us += slot * double(tiles.size());
      total.largest_part_mw = std::max(total.largest_part_mw, *std::max_element(tiles.begin(), tiles.end()));
    }
  }
  [[nodiscard]] std::optional<Climate> climate(const platform::Process& all) const override {
    const auto p = all.as<Process>();
    return Climate{p.reference_temperature_c, p.jitter_k, p.walk_time_s, p.walk_sigma_k};
  }

  void start(TransferMap<float>& map, const platform::Process& process, const StartSettings& settings,
             const Stream& stream, std::span<float> controls) const override {
    const Matrix<float> weights = draw_weights(stream, settings.spread, own().out, own().in);
    place(map, view(weights), process, settings, stream, controls);
  }
  StartOutcome start_from(TransferMap<float>& map, const platform::Process& process,
                          const StartSettings& settings, const Stream& stream, const StartTarget& target,
                          std::span<float> controls) const override {
    if (target.matrix.size() != own().weights()) return {};
    const ScaledWeights goal = scale_weights(target.matrix, own().out, own().in);
    const double left = place(map, view(goal.weights), process, settings, stream, controls);
    return {true, goal.scale, true, remark_on_reach(left)};
  }

 private:
  /// Sets `controls` that give the weights, on the chosen flank; returns the largest remaining error.
  double place(TransferMap<float>& map, ConstMatrixView<float> weights, const platform::Process& process,
               const StartSettings& settings, Stream stream, std::span<float> controls) const {
    ++stream.stream;
    const auto currents = flank_currents(process.as<Process>(), settings.flank, stream, controls.size());
    std::copy(currents.begin(), currents.end(), controls.begin());
    return map.invert(weights, controls);
  }
};

class Hardware final : public PlatformOf<Process> {
 public:
  [[nodiscard]] std::string word() const override { return "mrr"; }
  [[nodiscard]] std::string elements() const override { return "rings"; }
  [[nodiscard]] std::vector<std::string> keys() const override { return {"out", "chip", "reuse"}; }
  [[nodiscard]] std::string usage() const override {
    return "mrr:out=N[,chip=16x8][,reuse=time|space] (time: all layers and tiles meet the rings of one chip; "
           "space: every weight has its own; inputs of both signs are sent in two read-outs)";
  }
  [[nodiscard]] bool convolves() const override { return true; }
  [[nodiscard]] bool has_flanks() const override { return true; }
  [[nodiscard]] std::string matrix_keys(Index out, Index) const override {
    return "out=" + std::to_string(out);
  }
  [[nodiscard]] std::vector<std::string> examples(Index) const override {
    return {"mrr:out=3", "mrr:out=5,chip=2x3,reuse=space", "mrr:out=5,chip=4x3"};
  }
  [[nodiscard]] AnyPlan plan(const LayerRequest& request) const override {
    const LayerText& text = request.text;
    const auto process = request.process.as<Process>();
    const Index out = text.index("out", 0, 1);
    const auto [rows, cols] =
        text.size("chip", {int(process.chip_rows), int(process.chip_cols)}, 1, most_chip_side);
    const Reuse reuse = text.choice("reuse", {"time", "space"}) == "space" ? Reuse::space : Reuse::time;
    return make_plan<Layer>(BankPlan{request.name, out, request.in.size(), rows, cols, reuse});
  }
  [[nodiscard]] const ResponseOffset* response() const override {
    static const ResponseOffset offset{
        {"detuning", "nm", "detuning common to all rings", -100, 100},
        {"detuning-spread", "nm", "individual detuning, 1 sigma over rings; one draw a repeat", 0, 100}};
    return &offset;
  }
  [[nodiscard]] const std::vector<TruthField>& truth_fields() const override {
    static const std::vector<TruthField> fields = {
        {"delta", "ring", "nm", "cold offset of each ring from its channel"},
        {"eta", "ring", "nm/mW", "tuning efficiency of each heater"},
        {"resistance", "ring", "ohm", "cold resistance of each heater"},
        {"beta", "ring", "1/mA^2", "self-heating of each resistance"},
        {"r", "ring", "1", "field self-coupling of both couplers of each ring"},
        {"a", "ring", "1", "single-pass field amplitude of each ring"},
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

BankPlan::operator platform::AnyPlan() const {
  return make_plan<Layer>(*this);
}

const BankPlan* bank_of(const LayerPlan& plan) {
  return own_plan<Layer>(plan);
}

}  // namespace pnn::platforms::mrr
