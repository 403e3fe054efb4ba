// The laboratory of a platform: how its chips are measured, how models are fitted to the measurements, and
// how measurements from elsewhere are imported. Fourth part of the contract in platform/platform.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pnn/core/progress.hpp"
#include "pnn/core/unit.hpp"
#include "pnn/device/device.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/model.hpp"
#include "pnn/model/spectra.hpp"
#include "pnn/platform/platform.hpp"
#include "pnn/study/characterize.hpp"
#include "pnn/study/fit.hpp"
#include "pnn/study/reading.hpp"
#include "pnn/study/trace.hpp"
#include "pnn/study/variance_fit.hpp"

namespace pnn::study {

/// The measurement of one chip of a device.
class Measurement {
 public:
  virtual ~Measurement() = default;
  /// Number of readings of all sweeps together.
  [[nodiscard]] virtual std::uint64_t readings() const = 0;
  /// Measures at the ambient temperature number `sweep` of the settings, into `curves`. `take` is called for
  /// the readings of each device call. Throws DeviceError for an output that is not finite.
  virtual void sweep(std::size_t sweep, const Take& take) = 0;
  /// The curves measured so far. The caller fills in their temperatures.
  model::ChipCurves curves;
  /// Of laser_sweeps(): the spectra so far, whose temperatures the caller fills in.
  std::vector<model::Spectrum> spectra;
  /// Of laser_sweeps(): moves the wavelengths of all lasers to so many nm beyond where they are used. The
  /// caller sets it before sweep().
  std::function<void(double offset_nm)> tune;
};

/// A kind of model that can be fitted to curves.
struct FitKind {
  std::string name;         ///< the word of --model: "airy"
  std::string description;  ///< what is fitted, for the help: "to each element its own formula"
  bool of_imports = true;   ///< whether it can be fitted to imported curves, whose layer is unknown
  bool has_knots = false;   ///< whether it is made of as many pieces as --knots says
  bool of_spectra = false;  ///< whether it is fitted to spectra, and not to curves
};

/// An array that some kinds of model have besides parameters (platform::ChipModel::more), as files store it.
struct ModelArray {
  std::string name, axes, unit, description;
  bool not_negative = false;
  /// For an array [device, entry] of a whole chip, whose standard errors are in NAME_sigma: name and unit of
  /// each entry.
  std::vector<std::pair<std::string, std::string>> entries = {};
};

/// Which values a parameter of a fitted model can have on this hardware, whatever the process.
struct PhysicalRange {
  std::string parameter;  ///< its name in the model
  double least = 0, most = 0;
  std::string why;  ///< "which no such element has"
};

/// A parameter of a model whose values tell a quantity of the process. Names are those of process values. A
/// value whose variance is 0 was taken from the process, and tells nothing.
struct DrawnParameter {
  std::string parameter;  ///< of the model: "delta_nm"
  std::string design;     ///< of its mean; empty if the design is 0, or not told
  std::string sigma;      ///< of its spread; empty if it is not drawn
  std::string shares;     ///< NAME of the shares NAME.die and NAME.smooth
  bool relative = false;  ///< whether the spread is a fraction of the mean
  /// Not empty for a quantity that is a constant of its column (a wavelength, say), which is not known, less
  /// this parameter, a resonance of any order: the parameter that is the distance to the next order, equally
  /// far in the inverse. What counts is the deviation from the mean of the column over all dies.
  std::string period = {};
  /// For messages.
  [[nodiscard]] const std::string& name() const { return sigma.empty() ? design : sigma; }
};

/// Which die of its device an element belongs to, and where it lies there, in the unit of the process's
/// correlation length.
struct ElementOfDie {
  std::size_t die = 0;
  ElementPlace place;
};

/// What the model of a chip tells about the process.
struct ProcessView {
  std::vector<DrawnParameter> parameters;  ///< empty: nothing
  std::string length;                      ///< process value of the correlation length
  std::vector<ElementOfDie> elements;      ///< [element]
  /// Spreads that are 0 in a process with these values, and why.
  std::vector<std::pair<std::string, std::string>> contained;
  /// Process values that the fit itself wrote, in which the processes of dies may differ.
  std::vector<std::string> own;
};

/// The spectra of one device, to which a model is fitted.
struct SpectraInput {
  const std::vector<model::Spectrum>& spectra;
  const std::vector<model::HeaterCurve>& heaters;
  const FitSettings& settings;
  const std::string& where;  ///< for messages
};

/// The curves of one chip, to which a model is fitted or with which it is compared.
struct FitInput {
  const model::ChipCurves& curves;
  const platform::Process& process;
  const std::vector<platform::AnyPlan>& plans;
  const platform::LayerPlan* layer;  ///< the first layer that runs on the chip; null for imported curves
  const FitSettings& settings;
};

/// A picture that sets controls of a layer which are pixels.
struct Frame {
  std::string name;  ///< within its layer, also for a file: "picture0"
  std::size_t width = 0, height = 0;
  std::vector<std::int64_t> control;  ///< [height, width]: number of the control at each pixel, −1: none
};

/// The laboratory of one platform. A platform that measures, fits, predicts or imports nothing leaves out
/// these functions; fit(), rate() and predicted() then throw InternalError.
class PlatformLab {
 public:
  virtual ~PlatformLab() = default;
  [[nodiscard]] virtual const platform::Platform& platform() const = 0;

  /// The measurements of the device's chips on this platform, in the order of their first layers. Throws
  /// UsageError for settings that are impossible here.
  [[nodiscard]] virtual std::vector<std::unique_ptr<Measurement>> measurements(
      device::Device& device, const CharacterizeSettings& settings) const;
  /// The same over the wavelength of the device's lasers, for spectra in place of curves; none unless a
  /// platform has lasers to tune.
  [[nodiscard]] virtual std::vector<std::unique_ptr<Measurement>> laser_sweeps(
      device::Device&, const CharacterizeSettings&) const {
    return {};
  }
  /// Whether its curves are taken over the controls themselves, so that controls were measured where curves
  /// are.
  [[nodiscard]] virtual bool sweeps_controls() const { return false; }
  /// Whether pairs of elements can be swept, to measure their crosstalk.
  [[nodiscard]] virtual bool sweeps_pairs() const { return false; }
  /// Whether curves can be measured at several temperatures.
  [[nodiscard]] virtual bool sweeps_temperatures() const { return false; }

  /// How its curves are measured, and what its kinds of model tell, for the help of the tools: sentences, or
  /// nothing.
  [[nodiscard]] virtual std::string how_measured() const { return {}; }
  [[nodiscard]] virtual std::string how_fitted() const { return {}; }

  /// The kinds of model that can be fitted to its curves; may be empty.
  [[nodiscard]] virtual std::vector<FitKind> kinds() const { return {}; }
  /// Fits a model to the curves of a chip. Parameters that the curves do not determine are taken from the
  /// process. A fit that does not converge is a result (with a remark) and no exception.
  [[nodiscard]] virtual model::ChipModel fit(const FitInput& input, Progress& progress) const;
  /// Fits the model of a kind of_spectra, of a chip model::imported_chip with the elements that the sweeps
  /// show. Writes to the process what all elements share. `notes` gets what is to be told besides the remarks
  /// on elements. Throws InputError, naming `where`, for sweeps that show none, or not what settings say.
  [[nodiscard]] virtual model::ChipModel fit_spectra(const SpectraInput& input, platform::Process& process,
                                                     std::vector<std::string>& notes) const;
  /// The parameters of its fits that have a range; what lies outside is told of each element.
  [[nodiscard]] virtual std::vector<PhysicalRange> physical_ranges(const platform::Process&) const {
    return {};
  }
  /// Which of the values that a fit may have to assume (model::ChipModel::assumed, by the name in front)
  /// results over temperature lean on.
  [[nodiscard]] virtual std::vector<std::string> behind_temperature() const { return {}; }
  /// Names of the conditions that fit() and rate() take into account where curves were taken under them,
  /// besides the temperature. Curves that were taken under others are refused.
  [[nodiscard]] virtual std::vector<std::string> fits_under() const { return {}; }
  /// Computes the residuals of a `nominal` model, given curves to compare it with.
  virtual void rate(const FitInput& input, model::ChipModel& nominal) const;
  /// The arrays of its kinds of model, in the order in which files store them.
  [[nodiscard]] virtual std::vector<ModelArray> arrays() const { return {}; }
  /// What the model of a chip tells about the process. Throws InputError for elements without a place.
  [[nodiscard]] virtual ProcessView process_view(const model::ChipModel&) const { return {}; }
  /// All complaints about the model of a chip that was read from a file; empty when fine.
  [[nodiscard]] virtual std::vector<std::string> complaints_about(const model::ChipModel&) const {
    return {};
  }

  /// Whether predicted() is available.
  [[nodiscard]] virtual bool predicts() const { return false; }
  /// The curves that a chip's model predicts for the elements and temperatures of `measured`
  /// (study::predicted_curves).
  [[nodiscard]] virtual model::ChipCurves predicted(const platform::Process& process,
                                                    const model::ChipModel& chip,
                                                    const model::ChipCurves& measured,
                                                    std::size_t points) const;

  /// Whether a table of curves can be imported for this platform.
  [[nodiscard]] virtual bool imports() const { return false; }
  /// Unit of the controls of such a table.
  [[nodiscard]] virtual std::string control_unit() const { return "mA"; }
  /// A control of such a table in that unit, where it was stated as another quantity: `value` in the base
  /// unit of its dimension (core/unit). Nothing if the platform knows no such conversion.
  [[nodiscard]] virtual std::optional<double> control_of(Dimension dimension, double value,
                                                         const platform::Process& process) const;
  /// How control_of() converts a voltage or a power, for messages: "WORD.resistance (500 ohm)".
  [[nodiscard]] virtual std::string conversion(const platform::Process&) const { return {}; }
  /// The reverse, for controls that go out to an instrument: a control of a layer, in the unit of its port,
  /// as another quantity, in the base unit of its dimension. Grows with the control. Nothing if the platform
  /// knows no such conversion, or the control has no such value.
  [[nodiscard]] virtual std::optional<double> stated_control(Dimension, double /*control*/,
                                                             const platform::Process&) const {
    return std::nullopt;
  }
  /// Through which values of the process stated_control() goes, for messages.
  [[nodiscard]] virtual std::string stated_through(const platform::Process& process) const {
    return conversion(process);
  }
  /// The time slot of each control of a layer, from 0: of those that one element takes in turn. All 0 unless
  /// a platform uses its elements several times for a sample.
  [[nodiscard]] virtual std::vector<std::size_t> slots(const platform::LayerPlan& plan) const {
    return std::vector<std::size_t>(std::size_t(plan.controls()), 0);
  }
  /// The pictures that set the controls of a layer, in the order in which they are shown; none
  /// where controls are no pixels. In all of them together every control is at least at one pixel.
  [[nodiscard]] virtual std::vector<Frame> frames(const platform::LayerPlan&) const { return {}; }
  /// The largest control that the process expects, to recognise controls in another unit.
  [[nodiscard]] virtual double largest_control(const platform::Process&) const { return 1; }
  /// Whether a control and its negative do the same, as the heat of a current does.
  [[nodiscard]] virtual bool even_in_control() const { return false; }
  /// The largest magnitude of a response that the process expects, to which responses in watts, amperes or
  /// volts are scaled.
  [[nodiscard]] virtual double largest_response(const platform::Process&) const { return 1; }
  /// How far imported curves are from what the process makes, to recognise controls in another unit: about
  /// the sum of the logarithms of how many times too large or small the parameters of a typical curve are.
  /// Nothing if the platform cannot tell.
  [[nodiscard]] virtual std::optional<double> strangeness(const model::Curves&,
                                                          const platform::Process&) const {
    return std::nullopt;
  }
  /// Which elements of a chip, in the order of their names, have a curve that the layers `plans` need and
  /// that can be measured. All of them unless a platform knows better.
  [[nodiscard]] virtual std::vector<bool> needed(const std::string& chip_key,
                                                 const std::vector<platform::AnyPlan>& plans) const;
  /// Words for the sign conventions that the detector of a table may have; empty if there is only one.
  [[nodiscard]] virtual std::vector<std::string> polarities() const { return {}; }
  /// Temperature (°C) of curves whose table does not give one.
  [[nodiscard]] virtual double reference_temperature_c(const platform::Process& process) const;
  /// Writes the sign convention of imported curves to the process: `polarity` is one of the words, or "auto"
  /// to determine it from the curves. Throws InputError if the curves do not agree.
  virtual void take_polarity(const model::Curves& curves, const std::string& polarity,
                             const std::string& where, platform::Process& process) const;

  /// A weight of one element, recorded over time, converted to the drift of ambient temperature that would
  /// have the same effect (trace.hpp); empty if the platform has no such conversion.
  [[nodiscard]] virtual std::optional<Trace> weight_trace(std::vector<double> time_s,
                                                          const std::vector<double>& weight,
                                                          const platform::Process& process, double scale,
                                                          bool upper_flank) const;
};

/// The laboratories of all platforms, in the order of platform::registry(). Defined in
/// platforms/registry.cpp.
const std::vector<const PlatformLab*>& labs();

/// What all laboratories say of how they measure, or fit: a paragraph each, which begins with the word of the
/// platform.
std::string said_of_platforms(std::string (PlatformLab::*what)() const);

const PlatformLab& lab_of(const platform::Platform& platform);
/// The laboratory that fits models of this kind; null for "nominal" and for unknown kinds.
const PlatformLab* lab_of_kind(std::string_view kind);

/// The first layer that runs on a chip; null for imported curves.
const platform::LayerPlan* layer_of_chip(const model::ChipCurves& chip,
                                         const std::vector<platform::AnyPlan>& plans);
/// The laboratory of the platform of a chip. Imported curves say it, or, in files before 1.3, the kind of
/// model.
const PlatformLab& lab_of_chip(const model::ChipCurves& chip, const std::string& kind,
                               const std::vector<platform::AnyPlan>& plans);

/// The arrays of all kinds of model, in the order in which files store them.
std::vector<ModelArray> model_arrays();
/// "nominal" and the names of all kinds of model.
std::vector<std::string> model_kinds();

/// Throws UsageError if the controls of a layer have a smaller range than `whole`, which its curves need at
/// least.
void check_whole_range(const device::LayerPort& port, double whole);

/// A measurement of each layer of the device that is on this platform, for platforms of which every layer is
/// a chip of its own. `One` is constructed from the device, the number of the layer and the settings. Throws
/// UsageError as check_whole_range does.
template <class One>
std::vector<std::unique_ptr<Measurement>> measure_layers(const platform::Platform& platform, double whole,
                                                         device::Device& device,
                                                         const CharacterizeSettings& settings) {
  std::vector<std::unique_ptr<Measurement>> all;
  for (std::size_t layer = 0; layer < device.layers().size(); ++layer) {
    const device::LayerPort& port = device.layers()[layer];
    if (&port.plan->platform() != &platform) continue;
    check_whole_range(port, whole);
    all.push_back(std::make_unique<One>(device, layer, settings));
  }
  return all;
}

}  // namespace pnn::study
