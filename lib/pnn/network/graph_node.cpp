#include "pnn/network/graph_node.hpp"

#include <algorithm>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::network {

std::string numbers_text(const std::vector<double>& numbers) {
  std::vector<std::string> texts;
  for (const double number : numbers) texts.push_back(format_number(number));
  return join(texts, ",");
}

Array<double> transposed(const Array<double>& values) {
  const std::size_t rows = values.dim(0), cols = values.dim(1);
  Array<double> out({cols, rows});
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t col = 0; col < cols; ++col) out.data[col * rows + row] = values.data[row * cols + col];
  return out;
}

std::string NodeReader::origin() const {
  return "node " + (node_->name.empty() ? "\"" + node_->outputs.front() + "\"" : node_->name) + " (" +
         node_->op + ")";
}

void NodeReader::refuse(const std::string& why) const {
  const std::string name =
      node_->name.empty() && !node_->outputs.empty() ? node_->outputs.front() : node_->name;
  throw InputError(where_ + ": node " + name + " (" + node_->op + "): " + why);
}

bool NodeReader::is_known_before(const GraphNode& node) const {
  return std::all_of(node.inputs.begin(), node.inputs.end(), [&](const std::string& name) {
    return name.empty() || constants_.contains(name) || about_shapes_.contains(name);
  });
}

void NodeReader::compute_before(const GraphNode& node) {
  const auto known = [&](std::size_t k) {
    const auto it = k < node.inputs.size() ? constants_.find(node.inputs[k]) : constants_.end();
    return it == constants_.end() ? nullptr : &it->second;
  };
  if (node.op == "Constant") {
    for (const auto& [name, values] : node.arrays) constants_[node.outputs.front()] = values;
    for (const auto& [name, values] : node.numbers) {
      Array<double> array(std::vector<std::size_t>(values.size() == 1 ? 0 : 1, values.size()));
      array.data = values;
      constants_[node.outputs.front()] = array;
    }
    if (constants_.contains(node.outputs.front())) return;
  }
  if (node.op == "Identity" && known(0) != nullptr) {
    constants_[node.outputs.front()] = *known(0);
    return;
  }
  if (node.op == "Transpose" && known(0) != nullptr && known(0)->shape.size() == 2) {
    const std::vector<double> order = numbers("perm", {1, 0});
    constants_[node.outputs.front()] = order == std::vector<double>{1, 0} ? transposed(*known(0)) : *known(0);
    return;
  }
  if (std::optional<Array<double>> made = rearranged(node)) {
    constants_[node.outputs.front()] = std::move(*made);
  } else {
    about_shapes_.insert(node.outputs.front());
  }
}

std::optional<Array<double>> NodeReader::rearranged(const GraphNode& node) const {
  constexpr std::size_t most = 64;  // numbers
  std::vector<const Array<double>*> in;
  for (const std::string& name : node.inputs) {
    const auto it = constants_.find(name);
    if (it == constants_.end() || it->second.size() > most || it->second.shape.size() > 2)
      return std::nullopt;
    in.push_back(&it->second);
  }
  const auto is = [&](const char* op, std::size_t inputs) { return node.op == op && in.size() == inputs; };
  if (is("Cast", 1)) return *in[0];
  if (is("ConstantOfShape", 1) && in[0]->size() == 1 && in[0]->data[0] >= 0 &&
      in[0]->data[0] <= double(most)) {
    const auto value = node.arrays.find("value");
    const bool given = value != node.arrays.end() && value->second.size() == 1;
    return Array<double>({std::size_t(in[0]->data[0])}, given ? value->second.data[0] : 0.0);
  }
  if (node.op == "Concat" && number("axis", 0) == 0) {
    Array<double> all({0});
    for (const Array<double>* part : in) {
      if (part->shape.size() != 1) return std::nullopt;
      all.data.insert(all.data.end(), part->data.begin(), part->data.end());
    }
    all.shape = {all.data.size()};
    return all;
  }
  if (is("Reshape", 2)) {  // to pairs, or to one line
    const bool pairs = in[1]->data == std::vector<double>{-1, 2} && in[0]->size() % 2 == 0;
    if (!pairs && in[1]->data != std::vector<double>{-1}) return std::nullopt;
    Array<double> made = *in[0];
    made.shape = pairs ? std::vector<std::size_t>{made.size() / 2, 2} : std::vector<std::size_t>{made.size()};
    return made;
  }
  if (is("Slice", 5) && in[0]->shape.size() == 2 && in[1]->data == std::vector<double>{-1} &&
      in[2]->data.size() == 1 && in[2]->data[0] < -double(most) && in[3]->data == std::vector<double>{0} &&
      in[4]->data == std::vector<double>{-1}) {  // rows from the last to the first
    Array<double> made = *in[0];
    const std::size_t rows = made.dim(0), cols = made.dim(1);
    for (std::size_t row = 0; row < rows; ++row)
      std::copy_n(in[0]->data.begin() + std::ptrdiff_t((rows - 1 - row) * cols), cols,
                  made.data.begin() + std::ptrdiff_t(row * cols));
    return made;
  }
  return std::nullopt;
}

const Array<double>& NodeReader::constant(std::size_t k, const char* what) const {
  const std::string name = k < node_->inputs.size() ? node_->inputs[k] : "";
  const auto it = constants_.find(name);
  if (it != constants_.end()) return it->second;
  if (about_shapes_.contains(name))
    refuse(std::string("its ") + what +
           " are computed from other constants; export with do_constant_folding=True");
  refuse(std::string("its ") + what + " are not constants of the file; export with export_params=True");
}

bool NodeReader::has(std::size_t k) const {
  return k < node_->inputs.size() && !node_->inputs[k].empty();
}

std::vector<double> NodeReader::numbers(const std::string& name, std::vector<double> otherwise) const {
  const auto it = node_->numbers.find(name);
  return it == node_->numbers.end() ? std::move(otherwise) : it->second;
}

double NodeReader::number(const std::string& name, double otherwise) const {
  const std::vector<double> found = numbers(name, {otherwise});
  if (found.size() != 1) refuse(name + "=" + numbers_text(found) + "; expected one number");
  return found.front();
}

void NodeReader::expect(const std::string& name, double otherwise, double expected,
                        const std::string& what_to_do) const {
  const double found = number(name, otherwise);
  if (found != expected)
    refuse(name + "=" + format_number(found) + "; expected " + format_number(expected) + ": " + what_to_do);
}

Index NodeReader::alike(const std::string& name, std::size_t count, double otherwise,
                        const std::string& what_to_do) const {
  const std::vector<double> found = numbers(name, std::vector<double>(count, otherwise));
  const bool same = found.size() == count &&
                    std::all_of(found.begin(), found.end(), [&](double x) { return x == found[0]; });
  if (!same || !(found[0] >= 0 && found[0] <= 1e6))
    refuse(name + "=" + numbers_text(found) + "; expected " + std::to_string(count) +
           " equal numbers: " + what_to_do);
  return Index(found[0]);
}

std::vector<double> NodeReader::bias(std::size_t k) const {
  return has(k) ? constant(k, "biases").data : std::vector<double>();
}

std::vector<double> NodeReader::numbers_or_input(const std::string& name, std::size_t k) const {
  return has(k) ? constant(k, name.c_str()).data : numbers(name, {});
}

}  // namespace pnn::network
