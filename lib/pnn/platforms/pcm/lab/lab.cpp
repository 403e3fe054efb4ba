#include "pnn/platforms/pcm/lab/lab.hpp"

#include "pnn/platforms/pcm/lab/bench.hpp"
#include "pnn/platforms/pcm/lab/levels_fit.hpp"
#include "pnn/platforms/pcm/platform.hpp"

namespace pnn::platforms::pcm::lab {
namespace {

class Laboratory final : public PlatformLab {
 public:
  [[nodiscard]] const Platform& platform() const override { return hardware(); }
  [[nodiscard]] std::vector<std::unique_ptr<Measurement>> measurements(
      device::Device& device, const CharacterizeSettings& settings) const override {
    std::vector<std::unique_ptr<Measurement>> all;
    for (std::size_t layer = 0; layer < device.layers().size(); ++layer) {
      const device::LayerPort& port = device.layers()[layer];
      if (arrays_of(*port.plan) == nullptr) continue;
      check_whole_range(port, 1);
      all.push_back(std::make_unique<CellSweeps>(device, layer, settings));
    }
    return all;
  }

  [[nodiscard]] std::vector<FitKind> kinds() const override {
    return {{"levels", "to each phase-change cell its response against the level"}};
  }
  [[nodiscard]] ChipModel fit(const FitInput& input, Progress& progress) const override {
    return fit_levels(input, progress);
  }
  void rate(const FitInput& input, ChipModel& nominal) const override { rate_nominal(input, nominal); }

  [[nodiscard]] bool predicts() const override { return true; }
  [[nodiscard]] ChipCurves predicted(const platform::Process&, const ChipModel& chip,
                                     const ChipCurves& measured, std::size_t points) const override {
    return predicted_levels(chip, measured, points);
  }
  [[nodiscard]] bool imports() const override { return true; }
  [[nodiscard]] std::string control_unit() const override { return "1"; }
};

}  // namespace

const PlatformLab& laboratory() {
  static const Laboratory one;
  return one;
}

}  // namespace pnn::platforms::pcm::lab
