#include "pnn/app/training_data.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/platform.hpp"
#include "pnn/train/extent.hpp"
#include "pnn/train/initialise.hpp"

namespace pnn::app {

void check_training_data(const network::Resolved& net, const network::Dataset& data, network::Task task,
                         const std::string& data_name, const std::string& model_name) {
  const bool generate = task == network::Task::generate;
  if (generate && data.shape.field)
    throw InputError(data_name + ": inputs " + data.shape.to_string() +
                     " are fields, and a generator makes pictures; take a data set without --fft-crop");
  if (!generate && (data.shape.size() != net.input.size() || data.shape.field != net.input.field)) {
    throw InputError(data_name + ": inputs " + data.shape.to_string() + " but the network of " + model_name +
                     " takes " + net.input.to_string() + "; make a model with --inputs " +
                     data.shape.to_string());
  }
  if (!generate) {
    for (const network::Split* split : {&data.train, &data.validation, &data.test})
      network::check_signs(net, *split, data_name);
  }
  const network::Needed needed = network::outputs_for(task, data, net.input.size(), data_name);
  if (net.output().size() != needed.outputs)
    throw InputError(data_name + ": " + needed.what + " but the network of " + model_name + " has " +
                     std::to_string(net.output().size()) +
                     " outputs; end it with out=" + std::to_string(needed.outputs));
  for (const auto& [split, name] :
       {std::pair{&data.train, "training"}, {&data.validation, "validation"}, {&data.test, "test"}})
    network::check_scored(task, *split, data_name + ", " + name);
}

void refuse_asked(const std::vector<std::string>& options, const std::string& why,
                  const cli::Context& context) {
  for (const std::string& option : options)
    if (context.asked(option)) throw UsageError("--" + option + ": acts on nothing here; " + why);
}

std::vector<WithoutEffect> options_without_effect(const network::Resolved& net) {
  std::vector<WithoutEffect> all;
  if (!train::has_statistics(net))
    all.push_back({{"ascent-statistics", "perturbed-statistics", "freeze-statistics", "average-statistics"},
                   "the network has no batch normalisation"});
  const std::vector<platform::AnyPlan> plans = net.plans();
  if (plans.empty())
    all.push_back({{"lr-controls", "init-std", "draw-process", "limits", "fix", "extrapolate"},
                   "the network has no physical layer"});
  if (train::has_flanks(plans)) return all;
  std::vector<std::string> elements;
  for (const platform::Platform* platform : platform::registry())
    if (platform->has_flanks()) elements.push_back(platform->elements());
  all.push_back({{"init-flank"}, "the network has no " + join(elements, " and no ")});
  return all;
}

void check_training_options(const network::Resolved& net, const cli::Context& context) {
  for (const WithoutEffect& each : options_without_effect(net)) refuse_asked(each.options, each.why, context);
}

}  // namespace pnn::app
