#include "pnn/platforms/pcm/lab/lab.hpp"

#include "pnn/platforms/pcm/age.hpp"
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
    return measure_layers<CellSweeps>(platform(), 1, device, settings);
  }

  [[nodiscard]] std::string how_measured() const override {
    return "all cells of one polarity are programmed to one level after the other while those of the "
           "other polarity are crystalline, and one input is lit at a time.";
  }
  [[nodiscard]] std::string how_fitted() const override {
    return "levels tells low, swing and bend of each cell: what is read of it at level 0, how much "
           "more at level 1, and how far it hangs below a straight line between. Curves that were "
           "taken under --set age=... become a model of age 0, with the drift of the process.";
  }
  [[nodiscard]] std::vector<FitKind> kinds() const override {
    return {{"levels", "to each phase-change cell its response against the level"}};
  }
  [[nodiscard]] ChipModel fit(const FitInput& input, Progress& progress) const override {
    return fit_levels(input, progress);
  }
  [[nodiscard]] std::vector<std::string> fits_under() const override { return {age().name}; }
  void rate(const FitInput& input, ChipModel& nominal) const override { rate_nominal(input, nominal); }

  [[nodiscard]] bool sweeps_controls() const override { return true; }
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
