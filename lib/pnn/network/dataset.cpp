#include "pnn/network/dataset.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::network {
namespace {

void check_split(const Split& split, const char* name, Index features, std::size_t classes,
                 std::vector<std::string>& complaints) {
  const std::string where = std::string("/") + name;
  if (split.x.rows() != Index(split.y.size())) {
    complaints.push_back(where + ": " + std::to_string(split.x.rows()) + " inputs but " +
                         std::to_string(split.y.size()) + " labels");
  }
  if (split.x.rows() > 0 && split.x.cols() != features) {
    complaints.push_back(where + "/x: expected " + std::to_string(features) + " features, found " +
                         std::to_string(split.x.cols()));
  }
  for (Index i = 0; i < split.x.size(); ++i) {
    if (!std::isfinite(split.x.data()[i])) {
      complaints.push_back(where + "/x: row " + std::to_string(i / split.x.cols()) +
                           " holds a value that is not finite");
      break;
    }
  }
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
  if (data.classes.empty()) complaints.emplace_back("/classes: no class names");
  if (data.train.size() == 0 && data.test.size() == 0)
    complaints.emplace_back("neither training nor test samples");
  check_split(data.train, "train", data.shape.size(), data.classes.size(), complaints);
  check_split(data.validation, "validation", data.shape.size(), data.classes.size(), complaints);
  check_split(data.test, "test", data.shape.size(), data.classes.size(), complaints);
  return complaints;
}

void check_signs(const Resolved& network, const SplitView& split, const std::string& where) {
  const auto first = std::find_if(network.layers.begin(), network.layers.end(),
                                  [](const Layer& layer) { return layer.kind != Kind::maxpool; });
  if (first == network.layers.end() || !first->plan || (*first->plan)->takes_negative_inputs() ||
      split.x.size() == 0)
    return;
  const float least = split.x.minCoeff();
  if (least >= 0) return;
  throw InputError(where + ": inputs down to " + format_short(double(least), 4) + " reach layer " +
                   first->name +
                   ", which takes no negative numbers; take inputs between 0 and 1 (pnn-data "
                   "--normalize minmax), or put a digital layer and relu before it");
}

SplitView first_samples(const SplitView& split, Index count) {
  const Index n = count > 0 ? std::min(count, split.size()) : split.size();
  SplitView first(split);
  new (&first.x) ConstMatrixView<float>(split.x.data(), n, split.x.cols());
  first.y = split.y.first(std::size_t(n));
  return first;
}

}  // namespace pnn::network
