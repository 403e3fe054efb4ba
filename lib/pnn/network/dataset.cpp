#include "pnn/network/dataset.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/finite.hpp"
#include "pnn/core/text.hpp"

namespace pnn::network {
namespace {

void check_split(const Split& split, const char* name, Index features, std::size_t classes,
                 std::size_t targets, std::vector<std::string>& complaints) {
  const std::string where = std::string("/") + name;
  if (targets > 0) {
    if (split.targets.rows() != split.size() || split.targets.cols() != Index(split.size() > 0 ? targets : 0))
      complaints.push_back(where + "/targets: expected " + std::to_string(targets) + " for each of " +
                           std::to_string(split.size()) + " samples, found " +
                           std::to_string(split.targets.rows()) + " x " +
                           std::to_string(split.targets.cols()));
    if (!all_finite(std::span<const float>(split.targets.data(), std::size_t(split.targets.size()))))
      complaints.push_back(where + "/targets: holds a value that is not finite");
    if (!split.y.empty()) complaints.push_back(where + "/y: labels in a data set of targets");
  } else if (split.size() != Index(split.y.size())) {
    complaints.push_back(where + ": " + std::to_string(split.size()) + " inputs but " +
                         std::to_string(split.y.size()) + " labels");
  }
  if (split.x.rows() > 0 && split.x.cols() != features) {
    complaints.push_back(where + "/x: expected " + std::to_string(features) + " features, found " +
                         std::to_string(split.x.cols()));
  }
  if (const auto wrong = first_not_finite(std::span(split.x.data(), std::size_t(split.x.size()))))
    complaints.push_back(where + "/x: row " + std::to_string(Index(*wrong) / split.x.cols()) +
                         " holds a value that is not finite");
  for (std::size_t i = 0; i < split.y.size(); ++i) {
    if (split.y[i] < 0 || std::size_t(split.y[i]) >= classes) {
      complaints.push_back(where + "/y: row " + std::to_string(i) + ": label " + std::to_string(split.y[i]) +
                           " is not one of the " + std::to_string(classes) + " classes");
      break;
    }
  }
}

}  // namespace

std::vector<std::string> check_dataset(const Dataset& data) {
  std::vector<std::string> complaints;
  if (data.classes.empty() && data.targets.empty())
    complaints.emplace_back("/classes: no class names, and no targets");
  if (!data.classes.empty() && !data.targets.empty())
    complaints.emplace_back("/targets: a data set has classes or targets, found both");
  for (const Target& target : data.targets)
    if (!std::isfinite(target.mean) || !(target.scale > 0) || !std::isfinite(target.scale))
      complaints.push_back("/target_scale: " + target.name + " has no finite mean and positive scale");
  if (data.train.size() == 0 && data.validation.size() == 0 && data.test.size() == 0)
    complaints.emplace_back("no samples");
  check_split(data.train, "train", data.shape.size(), data.classes.size(), data.targets.size(), complaints);
  check_split(data.validation, "validation", data.shape.size(), data.classes.size(), data.targets.size(),
              complaints);
  check_split(data.test, "test", data.shape.size(), data.classes.size(), data.targets.size(), complaints);
  return complaints;
}

double target_variance(const SplitView& split) {
  const ConstMatrixView<float>& t = split.targets;
  double sum = 0;
  for (Index k = 0; k < t.cols(); ++k) {
    double mean = 0;
    for (Index n = 0; n < t.rows(); ++n) mean += double(t(n, k));
    mean /= double(t.rows());  // of equal floats exactly their value
    for (Index n = 0; n < t.rows(); ++n) sum += (double(t(n, k)) - mean) * (double(t(n, k)) - mean);
  }
  return t.size() > 0 ? sum / double(t.size()) : 0;
}

Needed outputs_for(Task task, const Dataset& data, Index inputs, const std::string& where) {
  switch (traits_of(task).against) {
    case Against::classes:
      if (data.classes.empty())
        throw InputError(where + ": has targets and no classes; take --task " + word_of(Task::regress));
      return {Index(data.classes.size()), std::to_string(data.classes.size()) + " classes"};
    case Against::targets:
      if (data.targets.empty())
        throw InputError(where +
                         ": has classes and no targets; pnn-data --regression makes a data set that has");
      return {Index(data.targets.size()),
              std::to_string(data.targets.size()) + (data.targets.size() == 1 ? " target" : " targets")};
    case Against::inputs:
      break;
  }
  if (task == Task::generate)
    return {data.shape.size(), "pictures of " + std::to_string(data.shape.size()) + " numbers"};
  return {inputs, "a reconstruction has " + std::to_string(inputs) + " outputs"};
}

void check_scored(Task task, const SplitView& split, const std::string& where) {
  if (traits_of(task).against != Against::targets || split.size() == 0 || target_variance(split) > 0) return;
  throw InputError(where + ": " + std::to_string(split.size()) +
                   (split.size() == 1 ? " sample, of which R² says nothing"
                                      : " samples of equal targets, of which R² says nothing") +
                   "; take more");
}

void check_signs(const Resolved& network, const SplitView& split, const std::string& where) {
  const std::vector<bool> reached = network.signed_inputs(true);
  const auto first = std::find_if(network.layers.begin(), network.layers.end(), [&](const Layer& layer) {
    return layer.physical >= 0 && reached[std::size_t(layer.physical)] &&
           !(*layer.plan)->takes_negative_inputs();
  });
  if (first == network.layers.end() || split.size() == 0) return;
  const float least = split.stored != nullptr ? split.stored->least() : split.x.minCoeff();
  if (least >= 0) return;
  throw InputError(where + ": inputs down to " + format_short(double(least), 4) + " reach layer " +
                   first->name +
                   ", which takes no negative numbers; take inputs between 0 and 1 (pnn-data "
                   "--normalize minmax), or put a digital layer and relu before it");
}

void copy_inputs(const SplitView& split, std::span<const std::uint32_t> numbers, MatrixView<float> to) {
  require(to.rows() == Index(numbers.size()) && to.cols() == split.features(), "a row a sample");
  if (split.stored != nullptr) return split.stored->read(numbers, to);
  for (std::size_t k = 0; k < numbers.size(); ++k)
    std::copy_n(split.x.data() + Index(numbers[k]) * to.cols(), to.cols(), to.data() + Index(k) * to.cols());
}

SplitView first_samples(const SplitView& split, Index count) {
  const Index n = count > 0 ? std::min(count, split.size()) : split.size();
  SplitView first(split);
  new (&first.x) ConstMatrixView<float>(split.x.data(), n, split.x.cols());
  if (!split.y.empty()) first.y = split.y.first(std::size_t(n));
  if (split.targets.rows() > 0)
    new (&first.targets) ConstMatrixView<float>(split.targets.data(), n, split.targets.cols());
  return first;
}

}  // namespace pnn::network
