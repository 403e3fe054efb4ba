#include "pnn/study/lab.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::study {

std::vector<std::unique_ptr<Measurement>> PlatformLab::measurements(device::Device&,
                                                                    const CharacterizeSettings&) const {
  return {};
}

model::ChipModel PlatformLab::fit_spectra(const SpectraInput&, platform::Process&,
                                          std::vector<std::string>&) const {
  throw InternalError("a laboratory without spectra");
}
model::ChipModel PlatformLab::fit(const FitInput&, Progress&) const {
  throw InternalError("a fit of a platform that has none");
}

void PlatformLab::rate(const FitInput&, model::ChipModel&) const {
  throw InternalError("curves of a platform to which nothing is fitted");
}

model::ChipCurves PlatformLab::predicted(const platform::Process&, const model::ChipModel&,
                                         const model::ChipCurves&, std::size_t) const {
  throw InternalError("predicted curves of a platform that has none");
}

double PlatformLab::reference_temperature_c(const platform::Process&) const {
  return platform::Climate{}.reference_temperature_c;
}

std::optional<double> PlatformLab::control_of(Dimension dimension, double value,
                                              const platform::Process&) const {
  return dimension == Dimension::number ? std::optional(value) : std::nullopt;
}

std::vector<bool> PlatformLab::needed(const std::string& chip_key,
                                      const std::vector<platform::AnyPlan>& plans) const {
  for (const platform::LayerPlan& plan : plans)
    if (plan.chip_key() == chip_key) return std::vector<bool>(plan.element_names().size(), true);
  return {};
}

void PlatformLab::take_polarity(const model::Curves&, const std::string&, const std::string&,
                                platform::Process&) const {}

std::optional<Trace> PlatformLab::weight_trace(std::vector<double>, const std::vector<double>&,
                                               const platform::Process&, double, bool) const {
  return std::nullopt;
}

std::string said_of_platforms(std::string (PlatformLab::*what)() const) {
  std::string text;
  for (const PlatformLab* lab : labs())
    if (const std::string said = (lab->*what)(); !said.empty())
      text += "\n" + lab->platform().word() + ": " + said + "\n";
  return text;
}

const PlatformLab& lab_of(const platform::Platform& platform) {
  for (const PlatformLab* lab : labs())
    if (&lab->platform() == &platform) return *lab;
  throw InternalError("a platform without a laboratory: " + platform.word());
}

const PlatformLab* lab_of_kind(std::string_view kind) {
  for (const PlatformLab* lab : labs()) {
    for (const FitKind& known : lab->kinds())
      if (known.name == kind) return lab;
  }
  return nullptr;
}

const platform::LayerPlan* layer_of_chip(const model::ChipCurves& chip,
                                         const std::vector<platform::AnyPlan>& plans) {
  for (const platform::LayerPlan& plan : plans)
    if (plan.chip_key() == chip.key) return &plan;
  return nullptr;
}

const PlatformLab& lab_of_chip(const model::ChipCurves& chip, const std::string& kind,
                               const std::vector<platform::AnyPlan>& plans) {
  if (const platform::LayerPlan* layer = layer_of_chip(chip, plans)) return lab_of(layer->platform());
  if (const platform::Platform* said = platform::find_platform(chip.platform)) return lab_of(*said);
  const PlatformLab* lab = lab_of_kind(kind);
  return lab != nullptr ? *lab : *labs().front();
}

std::vector<ModelArray> model_arrays() {
  // what several platforms tell
  std::vector<ModelArray> all = {
      {"fall", "device,element", "1/mW",
       "share by which the light of an element falls a mW of its heat, where a curve demanded it, which its "
       "model leaves out (since 1.3)"},
      {"fall_sigma", "device,element", "1/mW", "standard errors of the fall", true},
      {"fall_linear", "device,element", "1", "1 where it falls as 1 - fall P, 0 as exp(-fall P)", true}};
  for (const PlatformLab* lab : labs()) {
    const std::vector<ModelArray> own = lab->arrays();
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

std::vector<std::string> model_kinds() {
  std::vector<std::string> kinds = {"nominal"};
  for (const PlatformLab* lab : labs())
    for (const FitKind& kind : lab->kinds()) kinds.push_back(kind.name);
  return kinds;
}

void check_whole_range(const device::LayerPort& port, double whole) {
  if (port.upper - port.lower >= whole - 1e-6) return;
  throw UsageError("layer " + port.plan->name() + ": its curves take a range of at least " +
                   format_short(whole, 3) + " " + port.plan->controls_port().unit +
                   " of every control, and its controls are limited to " + format_number(port.lower) + ":" +
                   format_number(port.upper));
}

}  // namespace pnn::study
