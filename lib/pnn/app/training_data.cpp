#include "pnn/app/training_data.hpp"

#include "pnn/core/errors.hpp"

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
  const bool classify = task == network::Task::classify;
  const Index expected = classify   ? Index(data.classes.size())
                         : generate ? data.shape.size()
                                    : net.input.size();
  if (net.output().size() != expected) {
    throw InputError(data_name + ": " +
                     (classify   ? std::to_string(expected) + " classes"
                      : generate ? "pictures of " + std::to_string(expected) + " numbers"
                                 : "a reconstruction has " + std::to_string(expected) + " outputs") +
                     " but the network of " + model_name + " has " + std::to_string(net.output().size()) +
                     " outputs; end it with out=" + std::to_string(expected));
  }
}

}  // namespace pnn::app
