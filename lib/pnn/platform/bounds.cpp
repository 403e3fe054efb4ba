#include "pnn/platform/bounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {
namespace {

constexpr float far = std::numeric_limits<float>::infinity();

/// The number of the plan with this name.
std::size_t layer_named(const std::string& name, const std::vector<AnyPlan>& plans,
                        const std::string& option) {
  const std::vector<std::string> names = layer_names(plans);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return std::size_t(found - names.begin());
  throw UsageError(option + ": no layer \"" + name + "\"" + did_you_mean(name, names) + " (there " +
                   (names.empty() ? "is none" : "are " + join(names, ", ")) + ")" +
                   (name.find('[') != std::string::npos ? "; --fix is for single controls" : ""));
}

/// One value of --fix, taken apart.
struct Fixed {
  std::size_t layer, control;
  double value;
};

Fixed parse_fixed(const std::string& text, const std::vector<AnyPlan>& plans) {
  const auto refuse = [&](const std::string& why) -> UsageError {
    return UsageError("--fix: expected LAYER[INDEX]=VALUE, as " +
                      (plans.empty() ? std::string("LAYER") : plans.front()->name()) + "[3]=0" + why +
                      ", found \"" + text + "\"");
  };
  const std::size_t open = text.find('['), close = text.find("]=");
  if (open == std::string::npos || close == std::string::npos || close < open) throw refuse("");
  const std::string name(trim(std::string_view(text).substr(0, open)));
  Fixed fixed{};
  const std::optional<double> number = read_number(name);
  if (number && *number >= 1 && *number <= double(plans.size()) && *number == std::floor(*number)) {
    fixed.layer = std::size_t(*number) - 1;  // layers are numbered from 1, as their names are
  } else {
    fixed.layer = layer_named(name, plans, "--fix");
  }
  const LayerPlan& plan = plans[fixed.layer];
  const std::vector<std::size_t> shape = plan.controls_port().shape;
  const std::vector<std::string> places = split(text.substr(open + 1, close - open - 1), ',');
  if (places.size() != 1 && places.size() != shape.size())
    throw refuse("; an index is the number of a control, or one for each of its " +
                 std::to_string(shape.size()) + " axes");
  for (std::size_t axis = 0; axis < places.size(); ++axis) {
    const std::size_t count = places.size() == 1 ? std::size_t(plan.controls()) : shape[axis];
    const std::int64_t place = parse_integer(trim(places[axis]), "--fix " + text);
    if (place < 0 || std::size_t(place) >= count)
      throw UsageError("--fix: " + plan.name() + " has no such control: " + std::to_string(count) +
                       (places.size() == 1 ? " controls" : " along " + plan.controls_port().axes[axis]) +
                       ", numbered from 0, found \"" + text + "\"");
    fixed.control = fixed.control * count + std::size_t(place);
  }
  fixed.value = parse_number(text.substr(close + 2), "--fix " + text.substr(0, close + 1));
  return fixed;
}

}  // namespace

void BoundSettings::describe(Options& o) {
  o.list(
      "fix", fixed, "LAYER[INDEX]=VALUE",
      "hold one control at a value (mA, rad, 1), as a heater that is stuck: LAYER by name or by its number "
      "from 1, INDEX the number of the control from 0 or its row,column");
  o.flag("extrapolate", extrapolate,
         "let controls leave the range in which their elements were measured, up to that of the process")
      .later = true;
}

OwnersLimits parse_limits(const std::string& text, const std::vector<AnyPlan>& plans) {
  const std::size_t equal = text.find('=');
  OwnersLimits out;
  if (equal != std::string::npos) out.layer = std::string(trim(std::string_view(text).substr(0, equal)));
  const std::vector<std::string> ends =
      split(equal == std::string::npos ? text : text.substr(equal + 1), ':');
  if (ends.size() != 2) {
    throw UsageError("--limits: expected LOWER:UPPER or LAYER=LOWER:UPPER, found \"" + text + "\"");
  }
  out.lower = parse_number(ends[0], "--limits");
  out.upper = parse_number(ends[1], "--limits");
  if (!(out.lower <= out.upper))
    throw UsageError("--limits: expected the lower end first, found \"" + text + "\"");
  if (!out.layer.empty()) static_cast<void>(layer_named(out.layer, plans, "--limits"));
  return out;
}

std::vector<ControlBounds> source_bounds(const std::vector<AnyPlan>& plans, const Process& process) {
  std::vector<ControlBounds> all;
  for (const LayerPlan& plan : plans) {
    const Source source = plan.source(process, {});
    const FloatRange range = plan.periodic() ? FloatRange{-far, far} : inwards(source.lower, source.upper);
    const auto count = std::size_t(plan.controls());
    all.push_back({std::vector<float>(count, range.lower), std::vector<float>(count, range.upper)});
  }
  return all;
}

void apply_limits(std::vector<ControlBounds>& bounds, const std::vector<AnyPlan>& plans,
                  const std::vector<std::string>& limits) {
  for (const std::string& text : limits) {
    const OwnersLimits allowed = parse_limits(text, plans);
    for (std::size_t layer = 0; layer < plans.size(); ++layer) {
      const std::string& name = plans[layer]->name();
      if (!allowed.layer.empty() && allowed.layer != name) continue;
      const FloatRange range = within(allowed.lower, allowed.upper, "--limits: layer " + name);
      ControlBounds& own = bounds[layer];
      for (std::size_t k = 0; k < own.lower.size(); ++k) {
        const float lower = std::max(own.lower[k], range.lower), upper = std::min(own.upper[k], range.upper);
        if (!(lower <= upper))
          throw UsageError("--limits: " + text + " leaves nothing of the range of layer " + name +
                           ", which is " + format_short(double(own.lower[k]), 6) + ":" +
                           format_short(double(own.upper[k]), 6) + " " + plans[layer]->controls_port().unit);
        own.lower[k] = lower, own.upper[k] = upper;
      }
    }
  }
}

void apply_fixed(std::vector<ControlBounds>& bounds, const std::vector<AnyPlan>& plans,
                 const std::vector<std::string>& fixed) {
  std::vector<std::pair<std::size_t, std::size_t>> named;
  for (const std::string& text : fixed) {
    const auto [layer, control, value] = parse_fixed(text, plans);
    if (std::find(named.begin(), named.end(), std::pair(layer, control)) != named.end())
      throw UsageError("--fix: " + text + " fixes a control that was fixed before");
    named.emplace_back(layer, control);
    ControlBounds& own = bounds[layer];
    float& lower = own.lower[control];
    float& upper = own.upper[control];
    const auto rounding = double(std::nextafter(float(std::abs(value)), far)) - std::abs(value);
    if (!std::isfinite(value) || value < double(lower) - rounding || value > double(upper) + rounding)
      throw UsageError("--fix: " + text + " is outside the range of that control, " +
                       format_short(double(lower), 6) + ":" + format_short(double(upper), 6) + " " +
                       plans[layer]->controls_port().unit +
                       " (what was measured, --limits and the process allow; --extrapolate leaves out what "
                       "was measured)");
    lower = upper = std::clamp(float(value), lower, upper);
  }
}

void intersect(std::vector<ControlBounds>& bounds, const std::vector<ControlBounds>& others) {
  require(others.empty() || others.size() == bounds.size(), "bounds of the same layers");
  for (std::size_t layer = 0; layer < others.size(); ++layer) {
    if (others[layer].empty()) continue;
    ControlBounds& own = bounds[layer];
    require(own.lower.size() == others[layer].lower.size(), "bounds of the same controls");
    for (std::size_t k = 0; k < own.lower.size(); ++k) {
      const float lower = own.lower[k], upper = own.upper[k];
      own.lower[k] = std::clamp(others[layer].lower[k], lower, upper);
      own.upper[k] = std::clamp(others[layer].upper[k], lower, upper);
    }
  }
}

void keep_held(std::vector<ControlBounds>& bounds, const std::vector<ControlBounds>& others) {
  for (std::size_t layer = 0; layer < others.size(); ++layer) {
    if (others[layer].empty()) continue;
    for (std::size_t k = 0; k < bounds[layer].lower.size(); ++k) {
      if (!others[layer].held(k)) continue;
      float &lower = bounds[layer].lower[k], &upper = bounds[layer].upper[k];
      lower = upper = std::clamp(others[layer].lower[k], lower, upper);
    }
  }
}

bool narrower(const ControlBounds& bounds, const ControlBounds& whole) {
  return bounds.lower != whole.lower || bounds.upper != whole.upper;
}

void release_held(const std::vector<ControlBounds>& bounds, std::span<float> gradient) {
  std::size_t begin = 0;
  for (const ControlBounds& own : bounds) {
    for (std::size_t k = 0; k < own.lower.size(); ++k)
      if (own.held(k)) gradient[begin + k] = 0;
    begin += own.lower.size();
  }
}

std::uint64_t project(std::span<float> controls, const std::vector<ControlBounds>& bounds,
                      const std::vector<AnyPlan>& plans) {
  std::uint64_t moved = 0;
  std::size_t begin = 0;
  for (std::size_t layer = 0; layer < plans.size(); ++layer) {
    const auto count = std::size_t(plans[layer]->controls());
    moved += project(controls.subspan(begin, count), bounds[layer], plans[layer]->periodic());
    begin += count;
  }
  return moved;
}

}  // namespace pnn::platform
