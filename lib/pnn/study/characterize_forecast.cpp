#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/study/characterize.hpp"

namespace pnn::study {
namespace {

/// Takes every call and answers zero: what is asked of a device does not depend on its answers.
class MuteDevice final : public device::Device {
 public:
  explicit MuteDevice(std::vector<device::LayerPort> layers) : layers_(std::move(layers)) {}
  [[nodiscard]] const std::vector<device::LayerPort>& layers() const override { return layers_; }
  void set_controls(std::size_t, std::span<const float>) override {}
  void run(std::size_t, ConstMatrixView<float>, MatrixView<float> outputs) override {
    outputs.setZero();
    ++calls_;
  }
  void wait(double) override {}
  double read(std::string_view) override { return 0; }
  void impose(const device::Conditions&) override {}

 private:
  std::vector<device::LayerPort> layers_;
};

/// Counts the readings; passes on only the wish to stop.
class Readings final : public Progress {
 public:
  explicit Readings(const Progress& outer) : outer_(outer) {}
  void update(std::uint64_t done, std::uint64_t, std::string_view, std::string_view) override {
    done_ = done;
  }
  [[nodiscard]] bool stop_requested() const override { return outer_.stop_requested(); }
  [[nodiscard]] std::uint64_t count() const { return done_; }

 private:
  const Progress& outer_;
  std::uint64_t done_ = 0;
};

}  // namespace

Forecast forecast(device::Device& device, const CharacterizeSettings& settings, std::size_t devices,
                  const Progress& progress) {
  MuteDevice mute(device.layers());
  Readings readings(progress);
  Recorder none;
  std::size_t numbers = 0;
  if (settings.lasers.sweep) {
    for (const model::Spectrum& s : characterize_lasers(mute, settings, readings, none))
      numbers += s.wavelength_nm.size() * (1 + s.ports.size());
  } else {
    for (const model::ChipCurves& chip : characterize(mute, settings, readings).chips)
      numbers += 3 * (chip.response.size() + chip.pair_response.size());
  }

  Rehearsal rehearsal(progress);
  try {
    Recorder rehearsed;
    if (settings.lasers.sweep)
      static_cast<void>(characterize_lasers(device, settings, rehearsal, rehearsed));
    else
      static_cast<void>(characterize(device, settings, rehearsal, rehearsed));
  } catch (const Interrupted&) {
    if (progress.stop_requested()) throw Interrupted("interrupted; a dry run writes nothing");
  }
  Forecast f;
  f.counts = {{"readings", readings.count() * devices}, {"device calls", mute.calls() * devices}};
  f.seconds = rehearsal.seconds_each() * double(mute.calls() * devices);
  f.rehearsed = rehearsal.units();
  f.unit = "device calls";
  // the curves of each device, and a second copy while they are joined
  f.held_bytes = 2 * devices * numbers * sizeof(double);
  return f;
}

}  // namespace pnn::study
