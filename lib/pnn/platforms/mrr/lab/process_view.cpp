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

}  // namespace

study::ProcessView view_of_process(const ChipModel& chip) {
  study::ProcessView view;
  if (!chip.kind.starts_with("airy")) return view;
  view.length = "mrr.correlation.length";
  view.parameters = {{"delta_nm", "mrr.delta", "mrr.delta.sigma", "mrr.delta", false},
                     {"beta_per_ma2", "mrr.beta", "mrr.beta.sigma", "mrr.beta", true},
                     {"r", "mrr.r", "mrr.r.sigma", "mrr.r", false}};
  const bool assumed = std::any_of(chip.assumed.begin(), chip.assumed.end(),
                                   [](const std::string& name) { return name.starts_with("mrr.eta "); });
  if (assumed) {
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
