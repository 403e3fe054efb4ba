#include "pnn/io/onnx.hpp"

#include <onnx.pb.h>

#include <limits>

#include "pnn/core/errors.hpp"
#include "pnn/io/safetensors.hpp"

namespace pnn::io {
namespace {

using onnx::AttributeProto;
using onnx::TensorProto;

constexpr int ir_version = 8, operators_version = 13;

/// How the values of a type lie in raw_data; no bytes for what is no number.
ValueType type_of(int data_type) {
  switch (data_type) {
    case TensorProto::DOUBLE:
      return {'f', 8};
    case TensorProto::FLOAT:
      return {'f', 4};
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
      return {'f', 2};
    case TensorProto::INT64:
      return {'i', 8};
    case TensorProto::INT32:
      return {'i', 4};
    case TensorProto::INT8:
      return {'i', 1};
    case TensorProto::UINT8:
      return {'u', 1};
    case TensorProto::BOOL:
      return {'b', 1};
    default:
      return {'u', 0};
  }
}

Array<double> raw_numbers(const TensorProto& tensor, const std::vector<std::size_t>& shape) {
  StoredArray stored{
      shape, {tensor.raw_data().begin(), tensor.raw_data().end()}, type_of(tensor.data_type())};
  if (tensor.data_type() == TensorProto::BFLOAT16) stored = widened(stored);
  Array<double> values;
  values.shape = shape;
  for (std::size_t k = 0; k < stored.count(); ++k) values.data.push_back(stored.real(k));
  return values;
}

Array<double> numbers_of(const TensorProto& tensor, const std::string& where) {
  if (tensor.data_location() == TensorProto::EXTERNAL || tensor.external_data_size() > 0)
    throw InputError(where + ": its values lie in another file; save the network as one file");
  const std::size_t bytes = type_of(tensor.data_type()).size;
  if (bytes == 0)
    throw InputError(where + ": values of type " + std::to_string(tensor.data_type()) +
                     " of ONNX; expected numbers, as floats");
  std::vector<std::size_t> shape;
  std::size_t count = 1;
  for (const std::int64_t size : tensor.dims()) {
    if (size < 0 || (size > 0 && count > std::numeric_limits<std::size_t>::max() / 16 / std::size_t(size)))
      throw InputError(where + ": damaged; copy it again");
    shape.push_back(std::size_t(size));
    count *= std::size_t(size);
  }
  const auto check = [&](std::size_t found) {
    if (found != count)
      throw InputError(where + ": " + std::to_string(found) + " values, where its shape needs " +
                       std::to_string(count) + "; copy it again");
  };
  if (tensor.has_raw_data()) {
    check(tensor.raw_data().size() / bytes);
    return raw_numbers(tensor, shape);
  }
  Array<double> values;
  values.shape = shape;
  const auto take = [&](const auto& field) {
    check(std::size_t(field.size()));
    values.data.assign(field.begin(), field.end());
  };
  switch (tensor.data_type()) {
    case TensorProto::FLOAT:
      take(tensor.float_data());
      break;
    case TensorProto::DOUBLE:
      take(tensor.double_data());
      break;
    case TensorProto::INT64:
      take(tensor.int64_data());
      break;
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
      throw InputError(where + ": floats of 16 bits as whole numbers; expected raw data, as PyTorch writes");
    default:
      take(tensor.int32_data());
  }
  return values;
}

void take_attribute(const AttributeProto& attribute, network::GraphNode& node, const std::string& where) {
  const std::string& name = attribute.name();
  switch (attribute.type()) {
    case AttributeProto::FLOAT:
      node.numbers[name] = {double(attribute.f())};
      break;
    case AttributeProto::INT:
      node.numbers[name] = {double(attribute.i())};
      break;
    case AttributeProto::FLOATS:
      node.numbers[name] = {attribute.floats().begin(), attribute.floats().end()};
      break;
    case AttributeProto::INTS:
      node.numbers[name] = {attribute.ints().begin(), attribute.ints().end()};
      break;
    case AttributeProto::STRING:
      node.texts[name] = attribute.s();
      break;
    case AttributeProto::TENSOR:
      node.arrays[name] = numbers_of(attribute.t(), where + ": " + name + " of node " + node.name);
      break;
    default:
      node.texts[name] = "";  // a graph, or several of something: only its presence
  }
}

std::vector<std::size_t> shape_of(const onnx::ValueInfoProto& value) {
  std::vector<std::size_t> shape;
  for (const auto& axis : value.type().tensor_type().shape().dim())
    shape.push_back(axis.dim_value() > 0 ? std::size_t(axis.dim_value()) : 0);
  return shape;
}

void add_shape(onnx::ValueInfoProto& value, const std::string& name, const std::vector<std::size_t>& shape) {
  value.set_name(name);
  auto& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(TensorProto::FLOAT);
  for (const std::size_t size : shape) {
    auto& axis = *tensor.mutable_shape()->add_dim();
    if (size > 0) {
      axis.set_dim_value(std::int64_t(size));
    } else {
      axis.set_dim_param("samples");
    }
  }
}

void add_tensor(TensorProto& tensor, const std::string& name, const Array<double>& values, bool whole) {
  tensor.set_name(name);
  tensor.set_data_type(whole ? TensorProto::INT64 : TensorProto::FLOAT);
  for (const std::size_t size : values.shape) tensor.add_dims(std::int64_t(size));
  if (whole) {
    for (const double value : values.data) tensor.add_int64_data(std::int64_t(value));
    return;
  }
  tensor.set_raw_data(float_bytes({values.data.begin(), values.data.end()}));
}

void add_node(onnx::NodeProto& made, const network::GraphNode& node) {
  made.set_name(node.name);
  made.set_op_type(node.op);
  for (const std::string& input : node.inputs) made.add_input(input);
  for (const std::string& output : node.outputs) made.add_output(output);
  for (const auto& [name, numbers] : node.numbers) {  // whole numbers: those that this project writes
    AttributeProto& attribute = *made.add_attribute();
    attribute.set_name(name);
    attribute.set_type(numbers.size() == 1 ? AttributeProto::INT : AttributeProto::INTS);
    if (name == "epsilon") {
      attribute.set_type(AttributeProto::FLOAT);
      attribute.set_f(float(numbers.front()));
    } else if (numbers.size() == 1) {
      attribute.set_i(std::int64_t(numbers.front()));
    } else {
      for (const double number : numbers) attribute.add_ints(std::int64_t(number));
    }
  }
}

}  // namespace

network::Graph onnx_graph(const std::string& bytes, const std::string& name) {
  onnx::ModelProto model;
  if (bytes.size() > std::size_t(std::numeric_limits<int>::max()))
    throw InputError(name + ": more than 2 GiB; save the weights as safetensors");
  if (!model.ParseFromArray(bytes.data(), int(bytes.size())) || !model.has_graph() ||
      model.graph().node_size() == 0)
    throw InputError(
        name + ": no network as ONNX, or a damaged one; copy it again, or export it with torch.onnx.export");
  const onnx::GraphProto& from = model.graph();
  network::Graph graph;
  for (const TensorProto& tensor : from.initializer())
    graph.constants[tensor.name()] = numbers_of(tensor, name + ": " + tensor.name());
  if (from.sparse_initializer_size() > 0)
    throw InputError(name + ": sparse weights; save them as dense ones");
  for (const onnx::ValueInfoProto& input : from.input()) {
    if (graph.constants.contains(input.name())) continue;
    if (!graph.input.empty())
      throw InputError(name + ": inputs \"" + graph.input + "\" and \"" + input.name() + "\"; expected one");
    graph.input = input.name();
    graph.input_shape = shape_of(input);
  }
  if (graph.input.empty()) throw InputError(name + ": a network without an input");
  if (from.output_size() != 1)
    throw InputError(name + ": " + std::to_string(from.output_size()) + " outputs; expected one");
  graph.output = from.output(0).name();
  graph.output_shape = shape_of(from.output(0));
  for (const onnx::NodeProto& node : from.node()) {
    network::GraphNode made;
    made.name = node.name();
    made.op = node.domain().empty() || node.domain() == "ai.onnx" ? node.op_type()
                                                                  : node.domain() + "::" + node.op_type();
    made.inputs.assign(node.input().begin(), node.input().end());
    made.outputs.assign(node.output().begin(), node.output().end());
    for (const AttributeProto& attribute : node.attribute()) take_attribute(attribute, made, name);
    graph.nodes.push_back(std::move(made));
  }
  return graph;
}

std::string onnx_bytes(const network::Graph& graph) {
  onnx::ModelProto model;
  model.set_ir_version(ir_version);
  model.set_producer_name("pnntools");
  model.add_opset_import()->set_version(operators_version);
  onnx::GraphProto& to = *model.mutable_graph();
  to.set_name("network");
  add_shape(*to.add_input(), graph.input, graph.input_shape);
  add_shape(*to.add_output(), graph.output, graph.output_shape);
  for (const auto& [name, values] : graph.constants)
    add_tensor(*to.add_initializer(), name, values, graph.whole.contains(name));
  for (const network::GraphNode& node : graph.nodes) add_node(*to.add_node(), node);
  return model.SerializeAsString();
}

}  // namespace pnn::io
