#include "pnn/network/state_dictionary.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/network/batchnorm.hpp"
#include "pnn/network/layer_text.hpp"
#include "pnn/network/network.hpp"

namespace pnn::network {
namespace {

std::string sizes_text(const std::vector<std::size_t>& shape) {
  std::vector<std::string> sizes;
  for (const std::size_t size : shape) sizes.push_back(std::to_string(size));
  return join(sizes, "x");
}

/// The arrays of one module, by the ends of their names.
struct Module {
  std::string name;
  std::map<std::string, const Array<float>*> arrays;
  bool taken = false;

  [[nodiscard]] const Array<float>* find(const std::string& part) const {
    const auto it = arrays.find(part);
    return it == arrays.end() ? nullptr : it->second;
  }
  [[nodiscard]] std::optional<Kind> kind() const {
    if (find("running_mean") != nullptr && find("running_var") != nullptr) return Kind::batchnorm;
    const Array<float>* weight = find("weight");
    if (weight == nullptr) return std::nullopt;
    if (weight->shape.size() == 2) return Kind::dense;
    if (weight->shape.size() == 4) return Kind::conv;
    return std::nullopt;
  }
  [[nodiscard]] std::string text() const {
    std::vector<std::string> parts;
    for (const auto& [part, values] : arrays) parts.push_back(part + " " + sizes_text(values->shape));
    return (name.empty() ? "(no name)" : name) + " (" + join(parts, ", ") + ")";
  }
};

std::vector<Module> modules_of(const std::vector<NamedValues>& arrays) {
  std::vector<Module> modules;
  for (const NamedValues& array : arrays) {
    const std::size_t dot = array.name.rfind('.');
    const std::string name = dot == std::string::npos ? "" : array.name.substr(0, dot),
                      part = dot == std::string::npos ? array.name : array.name.substr(dot + 1);
    if (part == "num_batches_tracked") continue;
    auto it = std::find_if(modules.begin(), modules.end(), [&](const Module& m) { return m.name == name; });
    if (it == modules.end()) it = modules.insert(it, Module{name, {}});
    it->arrays.emplace(part, &array.values);
  }
  return modules;
}

/// The axes of the weights of a layer there.
std::vector<std::size_t> weight_shape(const Layer& layer) {
  const auto out = std::size_t(layer.matrix_rows), k = std::size_t(layer.kernel);
  if (layer.kind == Kind::batchnorm) return {std::size_t(layer.in.channels)};
  if (layer.kind == Kind::dense) return {out, std::size_t(layer.matrix_cols)};
  return {out, std::size_t(layer.in.channels / layer.groups()), k, k};
}

bool fits(const Module& module, const Layer& layer) {
  if (module.kind() != layer.kind) return false;
  const Array<float>* first = module.find(layer.kind == Kind::batchnorm ? "running_mean" : "weight");
  return first->shape == weight_shape(layer);
}

std::vector<double> numbers_of(const Array<float>* values, std::size_t count, double otherwise) {
  if (values == nullptr) return std::vector<double>(count, otherwise);
  return {values->data.begin(), values->data.end()};
}

/// The numbers of a module as those of a layer.
DigitalLayer taken(const Layer& layer, const std::string& text, const Module& module) {
  const std::string origin = "module " + module.name;
  const std::size_t out = weight_shape(layer).front();
  if (layer.kind == Kind::batchnorm) {
    const std::vector<double> mean = numbers_of(module.find("running_mean"), out, 0),
                              variance = numbers_of(module.find("running_var"), out, 1),
                              scale = numbers_of(module.find("weight"), out, 1),
                              shift = numbers_of(module.find("bias"), out, 0);
    DigitalLayer made = {text, origin};
    for (const auto& [name, values] :
         {std::pair{"scale", &scale}, {"shift", &shift}, {"mean", &mean}, {"variance", &variance}}) {
      made.values.push_back({name, Array<float>({values->size()})});
      std::copy(values->begin(), values->end(), made.values.back().values.data.begin());
    }
    return made;
  }
  const Array<float>* bias = module.find("bias");
  return {text,
          origin,
          {{"weight", *module.find("weight")}, {"bias", bias != nullptr ? *bias : Array<float>({out})}}};
}

}  // namespace

DigitalNetwork from_state_dictionary(const NetworkSpec& spec, const std::vector<NamedValues>& arrays,
                                     const std::string& where) {
  const Resolved network = resolve(spec, {});
  std::vector<Module> modules = modules_of(arrays);
  Complaints complaints(where);
  for (const Module& module : modules) {
    if (!module.kind())
      complaints.add("no layer of these tools has " + module.text() +
                     "; those of Linear, Conv2d and BatchNorm can be taken");
    for (const auto& [part, values] : module.arrays) {
      const bool known =
          part == "weight" || part == "bias" ||
          (module.kind() == Kind::batchnorm && (part == "running_mean" || part == "running_var"));
      if (module.kind() && !known)
        complaints.add(module.text() + ": " + part + " has no place in a layer of these tools");
    }
  }
  complaints.raise();
  DigitalNetwork made{spec.inputs, {}};
  for (const std::string& text : network.spec.layers) {
    if (parse_layer(text).kind->platform != nullptr)
      throw UsageError("--layer " + text + ": a network of " + where +
                       " is digital; give dense, conv, batchnorm …, and --onto places "
                       "its matrices on hardware");
  }
  const std::vector<const Layer*> layers = layers_of(network.spec, network);
  for (std::size_t k = 0; k < layers.size(); ++k) {
    const std::string& text = network.spec.layers[k];
    if (layers[k] == nullptr || (!is_digital_matrix(layers[k]->kind) && layers[k]->kind != Kind::batchnorm)) {
      made.layers.push_back({text, text});
      continue;
    }
    const Layer& layer = *layers[k];
    const auto module = std::find_if(modules.begin(), modules.end(),
                                     [&](const Module& m) { return !m.taken && fits(m, layer); });
    if (module == modules.end()) {
      std::vector<std::string> left;
      for (const Module& m : modules)
        if (!m.taken) left.push_back(m.text());
      complaints.add("--layer " + text + " needs a module with " +
                     (layer.kind == Kind::batchnorm ? "statistics of " : "weights of ") +
                     sizes_text(weight_shape(layer)) + ", and there is none" +
                     (left.empty() ? "" : "; not taken: " + join(left, ", ")));
      break;
    }
    module->taken = true;
    made.layers.push_back(taken(layer, text, *module));
  }
  for (const Module& module : modules)
    if (complaints.empty() && !module.taken) complaints.add("no --layer takes module " + module.text());
  complaints.raise();
  return made;
}

}  // namespace pnn::network
