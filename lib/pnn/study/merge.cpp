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
  if (a.deployments != b.deployments) return "other adjustments of the devices";
  if (!same_axes(a.axes, b.axes)) return "other axes";
  if (a.devices != b.devices) return "other devices";
  if (a.repeats != b.repeats) return "other repeats";
  if (std::any_of(std::begin(evaluated), std::end(evaluated),
                  [&](const auto array) { return (a.*array).shape != (b.*array).shape; }) ||
      a.outputs.shape != b.outputs.shape || a.confusion.shape != b.confusion.shape)
    return "numbers of another shape";
  return {};
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

/// Takes everything that a part evaluated.
void take_part(Result& whole, const Part& from, Complaints& complaints) {
  const Result& part = from.result;
  for (const auto array : evaluated)
    if ((whole.*array).shape.size() > 1)  // heaters' numbers of files before 1.3 are of methods
      take_over(whole.*array, part.*array, from.name, complaints);
  if (!part.overflowed.data.empty()) {
    if (whole.overflowed.data.empty()) whole.overflowed = Array<double>(whole.loss.shape, 0.0);
    for (std::size_t k = 0; k < whole.overflowed.size(); ++k)
      whole.overflowed.data[k] = std::max(whole.overflowed.data[k], part.overflowed.data[k]);
  }
  take_over(whole.outputs, part.outputs, from.name, complaints);
  for (std::size_t k = 0; k < whole.confusion.size(); ++k) whole.confusion.data[k] += part.confusion.data[k];
}

}  // namespace

Result merge(std::size_t count, const std::function<Part(std::size_t)>& part) {
  require(count > 0, "a merge has parts");
  Complaints complaints("these parts make no whole");
  Part whole = part(0);
  Result& r = whole.result;
  const std::size_t shards = r.shards;
  std::vector<std::string> owners(shards);
  owners.at(r.shard) = whole.name;
  for (std::size_t p = 1; p < count; ++p) {
    const Part next = part(p);
    const std::string what = difference(r, next.result);
    if (!what.empty()) {
      complaints.add(next.name + " belongs to another run than " + whole.name + " (" + what + ")");
      continue;
    }
    std::string& owner = owners.at(next.result.shard);
    if (!owner.empty()) {
      complaints.add("shard " + std::to_string(next.result.shard) + " of " + std::to_string(shards) +
                     " stands twice, in " + owner + " and " + next.name);
      continue;
    }
    owner = next.name;
    take_part(r, next, complaints);
  }
  for (std::size_t k = 0; k < shards; ++k)
    if (owners[k].empty())
      complaints.add("missing shard " + std::to_string(k) + " of " + std::to_string(shards));
  complaints.raise();
  const std::vector<std::size_t> left = evaluations_left(r);
  for (std::size_t k = 0; k < shards; ++k) {
    if (left[k] > 0)
      complaints.add(owners[k] + " is unfinished (" + std::to_string(left[k]) +
                     " evaluations left); run its shard again with --resume");
  }
  complaints.raise();
  r.shard = 0;
  r.shards = 1;
  return std::move(whole.result);
}

std::vector<std::size_t> evaluations_left(const Result& result) {
  std::vector<std::size_t> left(result.shards, 0);
  for (std::size_t k = 0; k < result.loss.size(); ++k)
    if (std::isnan(result.loss.data[k]) && (result.overflowed.data.empty() || result.overflowed.data[k] == 0))
      ++left[k % result.shards];
  return left;
}

Result merge(std::vector<Part> parts) {
  return merge(parts.size(), [&](std::size_t k) { return std::move(parts[k]); });
}

}  // namespace pnn::study
