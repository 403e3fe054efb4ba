#include "pnn/platforms/mrr/lab/lab.hpp"

#include <cmath>
#include <limits>
#include <map>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platforms/mrr/lab/characterize.hpp"
#include "pnn/platforms/mrr/lab/chip_fit.hpp"
#include "pnn/platforms/mrr/lab/coverage.hpp"
#include "pnn/platforms/mrr/lab/laser_sweeps.hpp"
#include "pnn/platforms/mrr/lab/predicted.hpp"
#include "pnn/platforms/mrr/lab/process_view.hpp"
#include "pnn/platforms/mrr/lab/readings.hpp"
#include "pnn/platforms/mrr/lab/spectral_model.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/study/heater.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

void check_all_pass(const std::vector<model::Spectrum>& spectra, const std::string& where) {
  for (const model::Spectrum& s : spectra)
    for (const model::PortTrace& trace : s.ports)
      if (trace.port != model::BusPort::through)
        throw InputError(where + ": bus " + s.bus + " has the port " + word_of(trace.port) +
                         ", and rings with one coupler have none but through; leave --all-pass out, or name "
                         "the ports of the sweeps again (pnn-characterize --channels)");
}

/// Of few pairs what each shows, and of many the mean over those at one distance.
void tell_crosstalk(const std::vector<SpectralCrosstalk>& pairs, std::vector<std::string>& notes) {
  const auto share = [](const Measured& m) {
    return format_short(100 * m.value, 3) + " ± " + format_short(100 * m.sigma, 2) + " % of its own shift";
  };
  constexpr std::size_t few = 6;
  if (pairs.size() <= few) {
    for (const SpectralCrosstalk& c : pairs)
      notes.push_back("crosstalk: the heater of " + c.aggressor + " moves " + c.victim + " by " +
                      share(c.share));
    return;
  }
  std::map<std::size_t, std::pair<double, double>> sums;  // of weights, and of weighted shares
  for (const SpectralCrosstalk& c : pairs) {
    const double weight = 1 / (c.share.sigma * c.share.sigma);
    sums[c.places].first += weight, sums[c.places].second += weight * c.share.value;
  }
  std::vector<std::string> told;
  for (const auto& [places, sum] : sums)
    told.push_back(share({sum.second / sum.first, 1 / std::sqrt(sum.first)}) + " at " +
                   std::to_string(places) + (places == 1 ? " ring's" : " rings'") + " distance");
  notes.push_back("crosstalk: a heater moves another ring of its bus by " + join(told, ", ") + " (means of " +
                  std::to_string(pairs.size()) + " pairs)");
}

class Laboratory final : public PlatformLab {
 public:
  [[nodiscard]] const Platform& platform() const override { return hardware(); }
  [[nodiscard]] std::vector<std::unique_ptr<Measurement>> measurements(
      device::Device& device, const CharacterizeSettings& settings) const override {
    return ring_sweeps(device, settings);
  }
  [[nodiscard]] std::vector<std::unique_ptr<Measurement>> laser_sweeps(
      device::Device& device, const CharacterizeSettings& settings) const override {
    return lab::laser_sweeps(device, settings);
  }
  [[nodiscard]] bool sweeps_pairs() const override { return true; }
  [[nodiscard]] bool sweeps_controls() const override { return true; }
  [[nodiscard]] bool sweeps_temperatures() const override { return true; }

  [[nodiscard]] std::string how_measured() const override {
    return "one ring is driven in equal steps of heater power while its neighbours are parked. Two "
           "temperatures or more identify the tuning efficiency, and --crosstalk adds sweeps of pairs.";
  }
  [[nodiscard]] std::string how_fitted() const override {
    return "lorentzian knows P_res and P_hw, the heater powers at resonance and to half its height; "
           "airy is the ring's formula with gain and offset, which take up the light that parked "
           "neighbours leak; airy+crosstalk has that light and the heat of neighbours in the model "
           "itself and wants curves at two temperatures or more, besides pair sweeps; spline asks for "
           "no formula. The resistance is taken from the process, and so is the tuning efficiency "
           "unless there are two temperatures.";
  }
  [[nodiscard]] std::vector<FitKind> kinds() const override {
    return {{"lorentzian", "fits to each ring a Lorentzian in heater power"},
            {"airy", "the ring's own formula"},
            {"airy+crosstalk", "that with its neighbours' light and heat"},
            {.name = "spectrum",
             .description = "to spectra the couplings and loss of each ring",
             .of_spectra = true},
            {.name = "spline", .description = "a smoothing spline", .has_knots = true}};
  }
  [[nodiscard]] ChipModel fit(const FitInput& input, Progress& progress) const override {
    const auto process = input.process.as<Process>();
    const ChipFitInput rings{input.curves, process, input.plans, input.settings};
    ChipModel chip =
        input.settings.kind == "spline" ? fit_splines(rings, progress) : fit_formula(rings, progress);
    // current and power of a heater are never both in a table, so that R and η are known as their product
    chip.assumed = {"mrr.resistance (ohm)"};
    if (!identifies_eta(input.curves))  // heat and ambient temperature were not compared
      chip.assumed.insert(chip.assumed.begin(), {"mrr.kappa (nm/K)", "mrr.eta (nm/mW)"});
    return chip;
  }
  [[nodiscard]] ChipModel fit_spectra(const study::SpectraInput& input, platform::Process& process,
                                      std::vector<std::string>& notes) const override {
    auto own = process.as<Process>();
    const bool all_pass = input.settings.all_pass;
    if (all_pass) check_all_pass(input.spectra, input.where);
    SpectralChip found = find_rings(input.spectra, own, input.where, input.heaters);
    for (const std::string& note : found.notes) notes.push_back(note);
    tell_crosstalk(found.crosstalk, notes);
    ChipModel chip = spectral_model(found, own, input.settings.circumference_um, all_pass);
    if (all_pass)
      notes.emplace_back(std::string("--all-pass: the weights of these rings are the light at their through "
                                     "port alone, and all of one sign, ") +
                         (own.polarity() == Polarity::drop_thru ? "negative" : "positive"));
    if (const double most = channels_of_bus(own.fsr_nm, own.channel_spacing_nm);
        own.chip_cols > most && most >= 1) {
      notes.push_back("a free spectral range of " + format_short(own.fsr_nm, 4) + " nm carries " +
                      format_number(most) + " channels: mrr.chip.cols is that now, and was " +
                      format_number(own.chip_cols));
      own.chip_cols = most;
    }
    process.set(own);
    return chip;
  }
  [[nodiscard]] std::vector<std::string> behind_temperature() const override {
    return {"mrr.kappa", "mrr.eta"};
  }
  /// Beyond them a curve has no such ring in it, or its response is no weight.
  [[nodiscard]] std::vector<PhysicalRange> physical_ranges(const platform::Process& all) const override {
    const auto process = all.as<Process>();
    const double any = std::numeric_limits<double>::infinity();
    std::vector<PhysicalRange> ranges = {
        {"r", 0.5, 0.9999, "which no ring has that a bank can use"},
        {"delta_nm", -process.fsr_nm, process.fsr_nm, "more than a free spectral range away"},
        {"gain", -2, 2, "a weight lies between -1 and 1: is the response scaled to one?"},
        {"amplitude", -4, 4, "a weight lies between -1 and 1: is the response scaled to one?"},
        {"p_res_mw", 0, any, "the resonance would be reached by cooling"},
    };
    if (process.beta_per_ma2 > 0)
      ranges.push_back({"beta_per_ma2", 0, any, "the resistance of this process rises with heat"});
    if (process.beta_per_ma2 < 0)
      ranges.push_back({"beta_per_ma2", -any, 0, "the resistance of this process falls with heat"});
    return ranges;
  }
  void rate(const FitInput& input, ChipModel& nominal) const override {
    const auto process = input.process.as<Process>();
    rate_nominal({input.curves, process, input.plans, input.settings}, nominal);
  }
  [[nodiscard]] std::vector<ModelArray> arrays() const override {
    return {
        {"crosstalk",
         "device,crosstalk",
         "1 and pitch",
         "thermal crosstalk: strength at one pitch, decay length",
         false,
         {{"crosstalk", "1"}, {"crosstalk_length", "pitch"}}},
        {"crosstalk_sigma", "device,crosstalk", "1 and pitch", "standard errors of the crosstalk", true},
        {"knot_detuning", "device,element,knot", "nm", "knots of the spline, ascending"},
        {"knot_weight", "device,element,knot", "1", "weight at each knot"},
    };
  }
  [[nodiscard]] study::ProcessView process_view(const ChipModel& chip) const override {
    return view_of_process(chip);
  }
  [[nodiscard]] std::vector<std::string> complaints_about(const ChipModel& chip) const override {
    std::vector<std::string> wrong;
    const auto crosstalk = chip.more.find("crosstalk");
    if (crosstalk != chip.more.end() && crosstalk->second.dim(1) != 2)
      wrong.push_back("/crosstalk: expected strength and length, found " +
                      std::to_string(crosstalk->second.dim(1)) + " numbers");
    if (chip.kind == "spline" && !chip.more.contains("knot_detuning"))
      wrong.emplace_back(": a spline without knots");
    if (chip.kind == "airy+crosstalk" && crosstalk == chip.more.end())
      wrong.emplace_back(": airy+crosstalk without crosstalk");
    return wrong;
  }

  [[nodiscard]] bool predicts() const override { return true; }
  [[nodiscard]] ChipCurves predicted(const platform::Process& process, const ChipModel& chip,
                                     const ChipCurves& measured, std::size_t points) const override {
    return predicted_rings(process.as<Process>(), chip, measured, points);
  }

  [[nodiscard]] bool imports() const override { return true; }
  [[nodiscard]] std::optional<double> control_of(Dimension dimension, double value,
                                                 const platform::Process& process) const override {
    return heater_current_ma(dimension, value, process.as<Process>().resistance_ohm);
  }
  [[nodiscard]] std::string conversion(const platform::Process& process) const override {
    return "mrr.resistance (" + format_number(process.as<Process>().resistance_ohm) + " ohm)";
  }
  [[nodiscard]] std::optional<double> stated_control(Dimension dimension, double current_ma,
                                                     const platform::Process& process) const override {
    if (current_ma < 0) return std::nullopt;
    return heater_quantity(dimension, current_ma, process.as<Process>().resistance_ohm);
  }
  /// A chip of reuse=time takes one tile after the other.
  [[nodiscard]] std::vector<std::size_t> slots(const LayerPlan& plan) const override {
    std::vector<std::size_t> out(std::size_t(plan.controls()), 0);
    const BankPlan& bank = *bank_of(plan);
    if (bank.reuse == Reuse::time)
      for (Index k = 0; k < bank.weights(); ++k)
        out[std::size_t(k)] =
            std::size_t(k / bank.in / bank.chip_rows * bank.tile_cols() + k % bank.in / bank.chip_cols);
    return out;
  }
  [[nodiscard]] double largest_control(const platform::Process& process) const override {
    return process.as<Process>().current_max_ma;
  }
  [[nodiscard]] bool even_in_control() const override { return true; }
  [[nodiscard]] double largest_response(const platform::Process& process) const override {
    return largest_weight(process.as<Process>());
  }
  [[nodiscard]] std::optional<double> strangeness(const Curves& curves,
                                                  const platform::Process& process) const override {
    return strangeness_of_rings(curves, process.as<Process>());
  }
  [[nodiscard]] std::vector<bool> needed(const std::string& chip_key,
                                         const std::vector<AnyPlan>& plans) const override {
    for (const ChipCoverage& chip : chip_coverage(plans)) {
      if (chip.key != chip_key) continue;
      std::vector<bool> out;
      for (const int by : chip.measured_by) out.push_back(by >= 0);
      return out;
    }
    return {};
  }
  [[nodiscard]] std::vector<std::string> polarities() const override { return {"drop-thru", "thru-drop"}; }
  [[nodiscard]] double reference_temperature_c(const platform::Process& process) const override {
    return process.as<Process>().reference_temperature_c;
  }
  void take_polarity(const Curves& curves, const std::string& polarity, const std::string& where,
                     platform::Process& process) const override {
    if (polarity != "auto") return set_process_value(process, "mrr.polarity=" + polarity);
    const auto shown = detect_polarity(curves);
    if (!shown)
      throw InputError(where + ": the curves start at either end; say --polarity drop-thru or thru-drop");
    auto own = process.as<Process>();
    own.set(*shown);
    process.set(own);
  }
  [[nodiscard]] std::optional<Trace> weight_trace(std::vector<double> time_s,
                                                  const std::vector<double>& weight,
                                                  const platform::Process& process, double scale,
                                                  bool upper_flank) const override {
    return lab::weight_trace(std::move(time_s), weight, process.as<Process>(), scale, upper_flank);
  }
};

}  // namespace

const PlatformLab& laboratory() {
  static const Laboratory one;
  return one;
}

}  // namespace pnn::platforms::mrr::lab
