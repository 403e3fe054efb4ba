// Puts curves that were measured elsewhere onto the elements of a network, by their names.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pnn/core/options.hpp"
#include "pnn/core/words.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/platform/layer_plan.hpp"

namespace pnn::study {

/// What happens to elements that the network needs and that have no curve.
enum class Missing { refuse, design, mean };
constexpr auto words_of(Missing) {
  using enum Missing;
  return std::to_array<Word<Missing>>({{refuse, "refuse", "is an error"},
                                       {design, "design", "takes the design values of the process"},
                                       {mean, "mean", "takes the mean of the fitted elements of the chip"}});
}

/// The names of elements in a table, and the elements of the network that they are.
using ElementMap = std::vector<std::pair<std::string, std::string>>;

/// How imported curves come to the elements of a network.
struct PlacementSettings {
  Missing missing = Missing::refuse;
  bool repeat = false;  ///< whether the measured elements stand in turn for all elements of the network
  void describe(Options& options);
  /// Why it acts on nothing where design values are taken.
  static std::string idle(bool design_values) { return design_values ? "design values need no curve" : ""; }
};

/// Curves on the chips of a network, and what is to be said of them.
struct Placement {
  model::Curves curves;
  std::vector<std::string> notes;
};

/// A name as it is compared: words in small letters and numbers, whatever joins them, with "row" for "r" and
/// "col" for "c" and "column": "R03_C2" is "row 3 col 2".
std::string comparable_name(const std::string& name);

/// Puts imported curves onto the chips of those plans that are on `platform`, each element where its name, or
/// its place in `map`, is: the name of an element of the network ("row 0 col 3"), with the layer or chip in
/// front where several chips have such an element; or a name that abbreviates it, with the beginnings of some
/// of its words ("T_0_0-1" is "theta col 0 modes 0-1") and of a row and a column the numbers alone, and with
/// words that all names share ("ring_0_3"): a note says so. Elements without a curve are NaN there. Throws
/// InputError, with all complaints and naming `where`: names that no element or several elements have, two
/// names of one element, a name that the map sends nowhere, and elements without a curve that are needed
/// (lab.hpp). With another setting than Missing::refuse names that the network does not have, and elements
/// without a curve, are notes; none at all is still an error. Throws UsageError if no layer is on the
/// platform.
Placement place_curves(const model::Curves& imported, const platform::Platform& platform,
                       const std::vector<platform::AnyPlan>& plans, const PlacementSettings& settings,
                       const ElementMap& map, const std::string& where);

/// For each element of a chip whether it is needed and `device`, or if none is given any of the devices, has
/// no curve of it.
std::vector<bool> without_curve(const model::ChipCurves& chip, const std::vector<platform::AnyPlan>& plans,
                                std::optional<std::size_t> device = {});

}  // namespace pnn::study
