#include "pnn/platforms/mzi/lab/lab.hpp"

#include <numbers>

#include "pnn/core/text.hpp"
#include "pnn/platforms/mzi/lab/fringe_bench.hpp"
#include "pnn/platforms/mzi/lab/fringes.hpp"
#include "pnn/platforms/mzi/lab/mesh_fit.hpp"
#include "pnn/platforms/mzi/lab/process_view.hpp"
#include "pnn/platforms/mzi/platform.hpp"
#include "pnn/platforms/mzi/process.hpp"
#include "pnn/study/heater.hpp"

namespace pnn::platforms::mzi::lab {
namespace {

class Fringes final : public Measurement {
 public:
  Fringes(device::Device& device, std::size_t layer, const CharacterizeSettings& settings)
      : device_(device),
        layer_(layer),
        settings_(settings),
        readings_(fringe_readings(device, layer, settings)) {}
  [[nodiscard]] std::uint64_t readings() const override { return readings_; }
  void sweep(std::size_t, const Take& take) override {
    curves = measure_fringes(device_, layer_, settings_, take);
  }

 private:
  device::Device& device_;
  std::size_t layer_;
  const CharacterizeSettings& settings_;
  std::uint64_t readings_;
};

class Laboratory final : public PlatformLab {
 public:
  [[nodiscard]] const Platform& platform() const override { return hardware(); }
  [[nodiscard]] std::vector<std::unique_ptr<Measurement>> measurements(
      device::Device& device, const CharacterizeSettings& settings) const override {
    return measure_layers<Fringes>(platform(), shortest_sweep_rad, device, settings);
  }
  [[nodiscard]] std::string how_measured() const override {
    return "of a mesh of interferometers one phase shifter after the other is swept over a turn, the "
           "rest without current (the cross state): theta with one input lit, phi with the two that "
           "meet at its interferometer; currents stand for phases by the nominal shifter.";
  }
  [[nodiscard]] std::string how_fitted() const override {
    return "fringe tells static phase, power for a phase of pi, visibility and offset of each phase "
           "shifter; the model then knows the phases, while its splitters stay as designed.";
  }
  [[nodiscard]] std::vector<FitKind> kinds() const override {
    return {{"fringe", "to each phase shifter of a mesh its fringe"}};
  }
  [[nodiscard]] ChipModel fit(const FitInput& input, Progress& progress) const override {
    const auto process = input.process.as<Process>();
    ChipModel chip = fit_fringes({input.curves, process, plan_of(input), input.settings}, progress);
    // fringes are measured at one temperature, and R and P_π enter as their quotient alone
    chip.assumed = {"mzi.kappa (rad/K)", "mzi.resistance (ohm)"};
    return chip;
  }
  [[nodiscard]] std::vector<std::string> behind_temperature() const override { return {"mzi.kappa"}; }
  [[nodiscard]] std::vector<PhysicalRange> physical_ranges(const platform::Process&) const override {
    return {{"visibility", 0, 1, "light would be negative at the minimum"},
            {"offset", 0, 1, "it is a share of the light"}};
  }
  [[nodiscard]] study::ProcessView process_view(const ChipModel& chip) const override {
    return view_of_process(chip);
  }
  void rate(const FitInput& input, ChipModel& nominal) const override {
    const auto process = input.process.as<Process>();
    rate_nominal_mesh({input.curves, process, plan_of(input), input.settings}, nominal);
  }
  [[nodiscard]] bool imports() const override { return true; }
  [[nodiscard]] std::optional<double> control_of(Dimension dimension, double value,
                                                 const platform::Process& process) const override {
    return heater_current_ma(dimension, value, process.as<Process>().resistance_ohm);
  }
  [[nodiscard]] std::string conversion(const platform::Process& process) const override {
    return "mzi.resistance (" + format_number(process.as<Process>().resistance_ohm) + " ohm)";
  }
  /// Of the nominal shifter: phases are what its heat adds. A phase beyond one turn has no value: it wants to
  /// be wrapped first.
  [[nodiscard]] std::optional<double> stated_control(Dimension dimension, double phase_rad,
                                                     const platform::Process& all) const override {
    if (!(phase_rad >= 0 && phase_rad <= float(2 * std::numbers::pi))) return std::nullopt;
    const auto process = all.as<Process>();
    return heater_quantity(dimension, heating_current_ma(process, phase_rad), process.resistance_ohm);
  }
  [[nodiscard]] std::string stated_through(const platform::Process& process) const override {
    return "mzi.p.pi (" + format_number(process.as<Process>().p_pi_mw) + " mW) and " + conversion(process);
  }
  [[nodiscard]] double largest_control(const platform::Process& process) const override {
    return heating_current_ma(process.as<Process>(), 2 * std::numbers::pi);
  }
  [[nodiscard]] bool even_in_control() const override { return true; }
  [[nodiscard]] std::optional<double> strangeness(const Curves& curves,
                                                  const platform::Process& process) const override {
    return strangeness_of_fringes(curves, process.as<Process>());
  }
  [[nodiscard]] std::vector<bool> needed(const std::string& chip_key,
                                         const std::vector<AnyPlan>& plans) const override {
    for (const LayerPlan& plan : plans) {
      if (plan.chip_key() != chip_key || mesh_of(plan) == nullptr) continue;
      const MeshPlan& mesh = mesh_of(plan)->mesh;
      const CrossedPaths paths = crossed_paths(mesh);
      std::vector<bool> out;
      for (Index control = 0; control < mesh.control_count(); ++control)
        out.push_back(shows_fringe(mesh, paths, control));
      return out;
    }
    return {};
  }
  [[nodiscard]] double reference_temperature_c(const platform::Process& process) const override {
    return process.as<Process>().reference_temperature_c;
  }

 private:
  static const MeshPlan* plan_of(const FitInput& input) {
    return input.layer != nullptr ? &mesh_of(*input.layer)->mesh : nullptr;
  }
};

}  // namespace

const PlatformLab& laboratory() {
  static const Laboratory one;
  return one;
}

}  // namespace pnn::platforms::mzi::lab
