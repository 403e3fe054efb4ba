#include "pnn/study/merge.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"

namespace pnn::study {
namespace {

/// Numbers between two looks at whether to stop.
constexpr std::size_t look_every = std::size_t{1} << 16;

bool same_axes(const std::vector<Axis>& a, const std::vector<Axis>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Axis& x, const Axis& y) {
    return x.name == y.name && x.unit == y.unit && x.description == y.description && x.values == y.values;
  });
}

/// What of `b` is not the study of `a`, or empty.
std::string difference(const Result& a, const Result& b) {
  if (a.tool != b.tool) return "made by " + b.tool + " instead of " + a.tool;
  if (a.shards != b.shards)
    return "cut in " + std::to_string(b.shards) + " shards instead of " + std::to_string(a.shards);
  if (a.network != b.network) return "another network";
  if (a.task != b.task) return "another task";
  if (a.dataset != b.dataset || a.images != b.images || a.classes != b.classes || a.targets != b.targets ||
      a.wanted.data != b.wanted.data || a.pictures.data != b.pictures.data)
    return "other samples";
  if (a.methods != b.methods) return "other parameters";
  if (!same_axes(a.axes, b.axes)) return "other axes";
  if (a.devices != b.devices) return "other devices";
  if (a.repeats != b.repeats) return "other repeats";
  if (std::any_of(std::begin(evaluated), std::end(evaluated),
                  [&](const auto array) { return (a.*array).shape != (b.*array).shape; }) ||
      a.outputs.shape != b.outputs.shape || a.confusion.shape != b.confusion.shape)
    return "numbers of another shape";
  return {};
}

void check_parts(const std::vector<Part>& parts) {
  Complaints complaints("these parts make no whole");
  const Part& first = parts.front();
  const std::size_t shards = first.result.shards;
  std::vector<const Part*> owner(shards, nullptr);
  for (const Part& part : parts) {
    const std::string what = difference(first.result, part.result);
    if (!what.empty()) {
      complaints.add(part.name + " belongs to another run than " + first.name + " (" + what + ")");
      continue;
    }
    const Part*& place = owner.at(part.result.shard);
    if (place != nullptr) {
      complaints.add("shard " + std::to_string(part.result.shard) + " of " + std::to_string(shards) +
                     " stands twice, in " + place->name + " and " + part.name);
    }
    place = &part;
  }
  for (std::size_t k = 0; k < shards; ++k)
    if (owner[k] == nullptr)
      complaints.add("missing shard " + std::to_string(k) + " of " + std::to_string(shards));
  complaints.raise();
}

/// Takes the numbers that `from` has and `into` has not.
template <class Real>
void take_over(Array<Real>& into, const Array<Real>& from, const std::string& name, Complaints& complaints) {
  std::size_t twice = 0;
  for (std::size_t k = 0; k < into.size(); ++k) {
    if (k % look_every == 0) stop_if_asked();
    if (std::isnan(from.data[k])) continue;
    if (!std::isnan(into.data[k])) ++twice;
    into.data[k] = from.data[k];
  }
  if (twice > 0) complaints.add(name + " repeats " + std::to_string(twice) + " evaluations of another part");
}

}  // namespace

Result merge(std::vector<Part> parts) {
  require(!parts.empty(), "a merge has parts");
  std::sort(parts.begin(), parts.end(),
            [](const Part& a, const Part& b) { return a.result.shard < b.result.shard; });
  check_parts(parts);
  Complaints complaints("these parts make no whole");
  Result whole = parts.front().result;
  for (std::size_t p = 1; p < parts.size(); ++p) {
    const Result& part = parts[p].result;
    for (const auto array : evaluated)
      if ((whole.*array).shape.size() > 1)  // heaters' numbers of files before 1.3 are of methods
        take_over(whole.*array, part.*array, parts[p].name, complaints);
    if (!part.overflowed.data.empty()) {
      if (whole.overflowed.data.empty()) whole.overflowed = Array<double>(whole.loss.shape, 0.0);
      for (std::size_t k = 0; k < whole.overflowed.size(); ++k)
        whole.overflowed.data[k] = std::max(whole.overflowed.data[k], part.overflowed.data[k]);
    }
    take_over(whole.outputs, part.outputs, parts[p].name, complaints);
    for (std::size_t k = 0; k < whole.confusion.size(); ++k)
      whole.confusion.data[k] += part.confusion.data[k];
  }
  std::vector<std::size_t> left(parts.size(), 0);
  for (std::size_t k = 0; k < whole.loss.size(); ++k)
    if (std::isnan(whole.loss.data[k]) && (whole.overflowed.data.empty() || whole.overflowed.data[k] == 0))
      ++left[k % parts.size()];
  for (std::size_t p = 0; p < parts.size(); ++p) {
    if (left[p] > 0)
      complaints.add(parts[p].name + " is unfinished (" + std::to_string(left[p]) +
                     " evaluations left); run its shard again with --resume");
  }
  complaints.raise();
  whole.shard = 0;
  whole.shards = 1;
  return whole;
}

}  // namespace pnn::study
