#include "pnn/platforms/freespace/lab/lab.hpp"

#include "pnn/platforms/freespace/freespace.hpp"
#include "pnn/platforms/freespace/lab/registration.hpp"
#include "pnn/platforms/freespace/lab/registration_fit.hpp"
#include "pnn/platforms/freespace/platform.hpp"

namespace pnn::platforms::freespace::lab {
namespace {

class Targets final : public Measurement {
 public:
  Targets(device::Device& device, std::size_t layer, const CharacterizeSettings& settings)
      : device_(device), layer_(layer), settings_(settings) {}
  [[nodiscard]] std::uint64_t readings() const override { return registration_readings(device_, layer_); }
  void sweep(std::size_t, const Take& take) override {
    curves = measure_targets(device_, layer_, settings_, take);
  }

 private:
  device::Device& device_;
  std::size_t layer_;
  const CharacterizeSettings& settings_;
};

class Laboratory final : public PlatformLab {
 public:
  [[nodiscard]] const Platform& platform() const override { return hardware(); }
  [[nodiscard]] std::vector<std::unique_ptr<Measurement>> measurements(
      device::Device& device, const CharacterizeSettings& settings) const override {
    return measure_layers<Targets>(platform(), 1, device, settings);
  }
  [[nodiscard]] std::string how_measured() const override {
    return "the display shows targets (stripes, crosses) through others on the modulator, from which "
           "pnn-fit --model registration tells where the planes lie.";
  }
  [[nodiscard]] std::string how_fitted() const override {
    return "registration tells rotation, magnification, shift, blur and uneven gain, from the readings "
           "of targets.";
  }
  [[nodiscard]] std::vector<FitKind> kinds() const override {
    return {{"registration", "to each display and camera where their planes lie, blur and gain", false}};
  }
  [[nodiscard]] ChipModel fit(const FitInput& input, Progress& progress) const override {
    const auto process = input.process.as<Process>();
    return fit_registration({input.curves, process, *planes_of(*input.layer), input.settings}, progress);
  }
  void rate(const FitInput& input, ChipModel& nominal) const override {
    const auto process = input.process.as<Process>();
    rate_nominal_registration({input.curves, process, *planes_of(*input.layer), input.settings}, nominal);
  }
  [[nodiscard]] std::vector<ModelArray> arrays() const override {
    return {{"gain_knots", "device,element,gain_knot", "1",
             "knots of the field by which the gain of a free-space system is uneven; since 1.1"}};
  }
  [[nodiscard]] std::vector<study::Frame> frames(const platform::LayerPlan& layer) const override {
    const Plan& plan = *planes_of(layer);
    std::vector<study::Frame> all;
    for (Index picture = 0; picture < plan.pictures(); ++picture)
      for (Index exposure = 0; exposure < (plan.signs == Signs::exposures ? 2 : 1); ++exposure) {
        study::Frame& frame = all.emplace_back();
        frame.name = "picture" + std::to_string(picture) + (exposure == 0 ? "" : "-negative");
        frame.width = std::size_t(plan.width()), frame.height = std::size_t(plan.height());
        for (Index y = 0; y < plan.height(); ++y)
          for (Index x = 0; x < plan.width(); ++x) {
            const Index cell = y / plan.cell_height() * plan.grid_cols + x / plan.cell_width();
            const Index polarity = exposure + cell / plan.cells();  // `halves`: negative cells are below
            const Index output = picture * plan.cells() + cell % plan.cells();
            const Index site = plan.site_at(x % plan.cell_width(), y % plan.cell_height());
            frame.control.push_back(site < 0 || output >= plan.out ? -1
                                                                   : plan.control(polarity, output, site));
          }
      }
    return all;
  }
  [[nodiscard]] std::vector<std::string> complaints_about(const ChipModel& chip) const override {
    const auto knots = chip.more.find("gain_knots");
    if (knots == chip.more.end() || Index(knots->second.dim(2)) == gain_knots) return {};
    return {"/gain_knots: expected " + std::to_string(gain_knots) + ", found " +
            std::to_string(knots->second.dim(2))};
  }
};

}  // namespace

const PlatformLab& laboratory() {
  static const Laboratory one;
  return one;
}

}  // namespace pnn::platforms::freespace::lab
