#include "pnn/platforms/mrr/lab/process_view.hpp"

#include <algorithm>
#include <cstdio>

#include "pnn/core/errors.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

study::ElementOfDie place_of(const std::string& name) {
  unsigned tile = 0, row = 0, col = 0;
  int end = 0;
  const auto whole = [&] { return end == int(name.size()); };
  if ((std::sscanf(name.c_str(), "row %u col %u%n", &row, &col, &end) == 2 && whole()) ||
      (std::sscanf(name.c_str(), "tile %u row %u col %u%n", &tile, &row, &col, &end) == 3 && whole()))
    return {tile, {double(col), double(row)}};
  throw InputError("element \"" + name +
                   "\" has no place on its die; fit its curves with --inputs and --layer, and --element-map "
                   "where their names are others");
}

/// Whether a process value stands in the model in place of a measured one, of some element at least.
bool is_assumed(const ChipModel& chip, const std::string& name) {
  return std::any_of(chip.assumed.begin(), chip.assumed.end(),
                     [&](const std::string& one) { return one.starts_with(name + " "); });
}

/// What models of spectra tell. Values that single rings assume have no variance.
void tell_spectra(const ChipModel& chip, study::ProcessView& view) {
  const auto r2 =
      std::size_t(std::find(chip.parameters.begin(), chip.parameters.end(), "r2") - chip.parameters.begin());
  for (std::size_t ring = 0; r2 < chip.parameters.size() && ring < chip.elements.size(); ++ring)
    if (chip.values.data[ring * chip.parameters.size() + r2] == 1)
      throw InputError("element \"" + chip.elements[ring] +
                       "\" has one coupler (--all-pass), and the process makes rings with two");
  if (is_assumed(chip, "mrr.delta"))
    view.parameters.push_back({"resonance_nm", "", "mrr.delta.sigma", "mrr.delta", false, "fsr_nm"});
  else
    view.parameters.push_back({"delta_nm", "mrr.delta", "mrr.delta.sigma", "mrr.delta", false});
  view.parameters.push_back({"r", "mrr.r", "mrr.r.sigma", "mrr.r", false});
  view.parameters.push_back({"beta_per_ma2", "mrr.beta", "mrr.beta.sigma", "mrr.beta", true});
  view.parameters.push_back({"eta_nm_per_mw", "mrr.eta", "mrr.eta.sigma", "mrr.eta", true});
  view.parameters.push_back(
      {"resistance_ohm", "mrr.resistance", "mrr.resistance.sigma", "mrr.resistance", true});
  for (const auto& [parameter, design] :
       {std::pair("a", "mrr.a"), std::pair("fsr_nm", "mrr.fsr"), std::pair("kappa_nm_per_k", "mrr.kappa")})
    view.parameters.push_back({parameter, design, "", "", false});
  if (is_assumed(chip, "mrr.resistance") && !is_assumed(chip, "mrr.eta"))
    view.contained = {{"mrr.resistance.sigma",
                       "currents alone tell efficiency times resistance: its spread is part of that of eta"}};
  view.own = {"mrr.fsr", "mrr.kappa", "mrr.chip.cols"};
}

}  // namespace

study::ProcessView view_of_process(const ChipModel& chip) {
  study::ProcessView view;
  view.length = "mrr.correlation.length";
  if (chip.kind == "spectrum") {
    tell_spectra(chip, view);
    for (const std::string& name : chip.elements) view.elements.push_back(place_of(name));
    return view;
  }
  if (!chip.kind.starts_with("airy")) return view;
  view.parameters = {{"delta_nm", "mrr.delta", "mrr.delta.sigma", "mrr.delta", false},
                     {"beta_per_ma2", "mrr.beta", "mrr.beta.sigma", "mrr.beta", true},
                     {"r", "mrr.r", "mrr.r.sigma", "mrr.r", false}};
  if (is_assumed(chip, "mrr.eta")) {
    const char* why =
        "curves at one temperature tell no efficiency: its spread is part of those of delta, r and beta";
    view.contained = {{"mrr.eta.sigma", why}, {"mrr.resistance.sigma", why}};
  } else {
    view.parameters.push_back({"eta_nm_per_mw", "mrr.eta", "mrr.eta.sigma", "mrr.eta", true});
    view.contained = {{"mrr.resistance.sigma",
                       "curves tell efficiency times resistance: its spread is part of that of eta"}};
  }
  for (const std::string& name : chip.elements) view.elements.push_back(place_of(name));
  return view;
}

}  // namespace pnn::platforms::mrr::lab
