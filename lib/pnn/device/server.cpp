#include "pnn/device/server.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/matrix.hpp"
#include "pnn/device/channel.hpp"
#include "pnn/device/messages.hpp"

namespace pnn::device {

namespace {

/// More than any batch that makes sense: 16 GiB.
constexpr std::size_t most_numbers = std::size_t{1} << 32U;

class Session {
 public:
  Session(const Offer& offer, const std::function<std::unique_ptr<Device>(std::size_t)>& open)
      : offer_(offer), open_(open) {}

  /// False after bye.
  bool answer(Channel& channel, const Message& question) {
    shape_.clear();
    Json fields;
    bool goes_on = true;
    try {
      const std::string verb = question.fields.at("do").get<std::string>();
      fields = act(verb, question);
      goes_on = verb != "bye";
    } catch (const UsageError& error) {
      fields = {{"error", error.what()}, {"kind", "usage"}};
    } catch (const Json::exception&) {
      fields = {{"error", "a question that makes no sense: " + question.fields.dump().substr(0, 200)},
                {"kind", "usage"}};
    } catch (const Error& error) {
      fields = {{"error", error.what()}};
    }
    if (fields.contains("error")) shape_.clear();
    fields["id"] = question.fields.value("id", Json());
    send(channel, fields, form_, shape_,
         {outputs_.data(), std::size_t(shape_.empty() ? 0 : outputs_.size())});
    return goes_on;
  }

  void make_safe() {
    if (device_) device_->make_safe();
  }

 private:
  Json act(const std::string& verb, const Message& question) {
    const Json& fields = question.fields;
    if (verb == "hello") return hello(fields);
    if (verb == "bye" || verb == "safe") return make_safe(), Json::object();
    if (!device_) throw UsageError("\"" + verb + "\" before a device was asked for in \"hello\"");
    if (verb == "read") return {{"value", device_->read(fields.at("sensor").get<std::string>())}};
    if (verb == "wait") return device_->wait(fields.at("seconds").get<double>()), Json::object();
    if (verb == "impose") return device_->impose(conditions_of(fields.at("conditions"))), Json::object();
    if (verb != "set" && verb != "run") throw UsageError("\"" + verb + "\" is no part of the protocol");
    const auto layer = fields.at("layer").get<std::size_t>();
    if (layer >= offer_.layers.size()) throw UsageError("there is no layer " + std::to_string(layer));
    return verb == "set" ? set(layer, question) : run(layer, question);
  }

  Json hello(const Json& fields) {
    const auto& versions = fields.at("versions");
    const int version = std::min(newest_protocol, versions.at(1).get<int>());
    if (version < std::max(oldest_protocol, versions.at(0).get<int>()))
      throw UsageError("this driver speaks versions " + std::to_string(oldest_protocol) + " to " +
                       std::to_string(newest_protocol) + " of the protocol, and was asked for " +
                       versions.dump());
    const auto forms = fields.value("arrays", std::vector<std::string>{});
    const bool raw = std::find(forms.begin(), forms.end(), "raw") != forms.end();
    form_ = raw ? ArrayForm::raw : ArrayForm::base64;
    if (const auto number = fields.find("device"); number != fields.end()) {
      make_safe();
      device_.reset();
      device_ = open_(number->get<std::size_t>());
    }
    Json answer = to_json(offer_);
    answer["version"] = version;
    answer["arrays"] = raw ? "raw" : "base64";
    return answer;
  }

  Json set(std::size_t layer, const Message& question) {
    if (question.values.size() != std::size_t(offer_.layers[layer].controls))
      throw UsageError("layer " + offer_.layers[layer].name + ": as many controls as it has");
    device_->set_controls(layer, question.values);
    return Json::object();
  }

  Json run(std::size_t layer, const Message& question) {
    const LayerOffer& offered = offer_.layers[layer];
    if (question.shape.size() != 2 || question.shape[1] != std::size_t(offered.inputs))
      throw UsageError("layer " + offered.name + ": expected inputs [batch, " +
                       std::to_string(offered.inputs) + "]");
    const Index batch = Index(question.shape[0]);
    outputs_.resize(batch, offered.outputs);
    const ConstMatrixView<float> inputs(question.values.data(), batch, offered.inputs);
    if (const auto first = question.fields.find("first"); first != question.fields.end()) {
      device_->run_samples(layer, inputs, view(outputs_), first->get<std::uint64_t>());
    } else {
      device_->run(layer, inputs, view(outputs_));
    }
    shape_ = {question.shape[0], std::size_t(offered.outputs)};
    return Json::object();
  }

  const Offer& offer_;
  const std::function<std::unique_ptr<Device>(std::size_t)>& open_;
  std::unique_ptr<Device> device_;
  ArrayForm form_ = ArrayForm::base64;
  Matrix<float> outputs_;
  std::vector<std::size_t> shape_;  ///< of the array of the answer under way
};

}  // namespace

void serve(const Offer& offer, const std::function<std::unique_ptr<Device>(std::size_t)>& open, int input,
           int output, const std::function<bool()>& stop) {
  Channel channel(input, output, stop);
  Session session(offer, open);
  try {
    for (bool goes_on = true; goes_on;) {
      const std::optional<Message> question = receive(channel, {most_numbers});
      goes_on = question && session.answer(channel, *question);
    }
  } catch (...) {
    session.make_safe();
    throw;
  }
  session.make_safe();
}

}  // namespace pnn::device
