#include "pnn/network/graph_layers.hpp"

#include <cmath>
#include <functional>
#include <span>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/network/batchnorm.hpp"
#include "pnn/network/network.hpp"
#include "pnn/network/state_dictionary.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

namespace {

using namespace pnn;
using namespace pnn::network;
using Catch::Matchers::Contains;

Array<double> random_array(std::vector<std::size_t> shape, std::uint16_t stream) {
  Array<double> values(std::move(shape));
  fill_symmetric(Stream{5, Purpose::test, stream}, std::span<double>(values.data));
  return values;
}

/// A convolution without a border on 1x5x5, and a Gemm with its weights as [in, out].
Graph small_graph() {
  Graph graph;
  graph.input = "x", graph.output = "y";
  graph.input_shape = {0, 1, 5, 5};
  graph.constants = {
      {"k", random_array({2, 1, 2, 2}, 1)}, {"w", random_array({8, 3}, 2)}, {"b", random_array({3}, 3)}};
  graph.nodes = {{"conv", "Conv", {"x", "k"}, {"a"}, {{"strides", {1, 1}}}, {}, {}},
                 {"relu", "Relu", {"a"}, {"c"}, {}, {}, {}},
                 {"pool", "MaxPool", {"c"}, {"p"}, {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}}, {}, {}},
                 {"flat", "Flatten", {"p"}, {"f"}, {}, {}, {}},
                 {"gemm", "Gemm", {"f", "w", "b"}, {"y"}, {}, {}, {}}};
  return graph;
}

/// The outputs for one sample.
std::vector<float> outputs(const DigitalNetwork& network, const std::vector<float>& sample) {
  const Resolved resolved = resolve(network.spec(), {});
  const Index trained = digital_layout(resolved).trained_size;
  std::vector<float> digital, state;
  for (const NamedValues& values : segments_of(network, "net")) {
    auto& to = Index(digital.size()) < trained ? digital : state;
    to.insert(to.end(), values.values.data.begin(), values.values.data.end());
  }
  Pass<float> pass(resolved, 1);
  const ConstMatrixView<float> y =
      pass.forward({sample.data(), 1, Index(sample.size())}, {{}, digital, state}, Statistics::running);
  return {y.data(), y.data() + y.size()};
}

std::vector<float> sample_of(std::size_t size) {
  std::vector<float> sample(size);
  fill_symmetric(Stream{5, Purpose::test, 9}, std::span<float>(sample));
  for (float& x : sample) x = x * 0.5F + 0.5F;
  return sample;
}

void check_close(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) CHECK(a[k] == Approx(b[k]).epsilon(1e-4).margin(1e-5));
}

}  // namespace

TEST_CASE("a graph becomes the layers that it is, with its weights in our order") {
  const DigitalNetwork network = from_graph(small_graph(), "", "net");
  CHECK(network.spec().to_string() == "1x5x5 | conv:out=2,kernel=2 | relu | maxpool:2 | dense:out=3");
  const Graph graph = small_graph();
  const std::vector<float> x = sample_of(25), y = outputs(network, x);
  std::vector<double> expected = graph.constants.at("b").data;
  for (std::size_t c = 0; c < 2; ++c)
    for (std::size_t row = 0; row < 2; ++row)
      for (std::size_t col = 0; col < 2; ++col) {
        double largest = 0;  // behind a relu
        for (std::size_t k = 0; k < 4; ++k) {
          const std::size_t at = (2 * row + k / 2) * 5 + 2 * col + k % 2;
          double sum = 0;
          for (std::size_t tap = 0; tap < 4; ++tap)
            sum += graph.constants.at("k").data[4 * c + tap] * double(x[at + tap / 2 * 5 + tap % 2]);
          largest = std::max(largest, sum);
        }
        for (std::size_t out = 0; out < 3; ++out)
          expected[out] += largest * graph.constants.at("w").data[(4 * c + 2 * row + col) * 3 + out];
      }
  for (std::size_t out = 0; out < 3; ++out) CHECK(y[out] == Approx(expected[out]).margin(1e-5));
}

TEST_CASE(
    "a normalisation in front is what it was there, in the weights or, where a border is added, as a "
    "batchnorm") {
  const Affine normalisation = parse_normalisation("0.3:0.5", "--normalize");
  for (const bool border : {false, true}) {
    Graph graph = small_graph();
    if (border) {
      graph.nodes[0].numbers["pads"] = {1, 1, 1, 1};
      graph.constants["w"] = random_array({18, 3}, 2);
    }
    const DigitalNetwork plain = from_graph(graph, "", "net");
    DigitalNetwork front = plain;
    put_in_front(front, normalisation, "net");
    CHECK(front.layers.size() == plain.layers.size() + (border ? 1U : 0U));
    const std::vector<float> x = sample_of(25);
    std::vector<float> normalised = x;
    for (float& value : normalised) value = (value - 0.3F) / 0.5F;
    check_close(outputs(front, x), outputs(plain, normalised));
    // the same as nodes of the graph
    graph.constants["m"] = Array<double>({1, 1, 1}, 0.3);
    graph.constants["s"] = Array<double>({1}, 0.5);
    graph.nodes.insert(graph.nodes.begin(), {{"sub", "Sub", {"x", "m"}, {"x1"}, {}, {}, {}},
                                             {"div", "Div", {"x1", "s"}, {"x2"}, {}, {}, {}}});
    graph.nodes[2].inputs[0] = "x2";
    check_close(outputs(from_graph(graph, "", "net"), x), outputs(plain, normalised));
  }
  for (const char* wrong : {"0.3", "0.3:0", "a:1", "0.3:1,", "0.3:-1"})
    CHECK_THROWS_AS(parse_normalisation(wrong, "--normalize"), UsageError);
}

TEST_CASE("factors and offsets behind a matrix go into it, and another epsilon into the scale") {
  Graph graph = small_graph();
  graph.nodes.back().outputs = {"z"};
  graph.constants["factor"] = random_array({3}, 4);
  graph.nodes.push_back({"mul", "Mul", {"factor", "z"}, {"y1"}, {}, {}, {}});
  graph.nodes.push_back({"rest", "Sub", {"factor", "y1"}, {"y"}, {}, {}, {}});
  const std::vector<float> x = sample_of(25), plain = outputs(from_graph(small_graph(), "", "net"), x),
                           y = outputs(from_graph(graph, "", "net"), x);
  for (std::size_t k = 0; k < 3; ++k) {
    const double f = graph.constants.at("factor").data[k];
    CHECK(y[k] == Approx(f - f * double(plain[k])).margin(1e-5));
  }
  const double epsilon = 0.1, variance = 0.02;
  const DigitalLayer layer = batchnorm_layer({{2}, {0}}, {0}, {variance}, epsilon, "");
  const DigitalNetwork one{"1", {layer}};
  CHECK(outputs(one, {3.0F})[0] == Approx(2 * 3 / std::sqrt(variance + epsilon)).epsilon(1e-6));
}

TEST_CASE("what a graph has and layers do not is named with its node, what was found and what to do") {
  struct Case {
    std::function<void(Graph&)> change;
    const char* told;
  };
  const std::vector<Case> cases = {
      {[](Graph& g) { g.nodes[1].op = "LeakyRelu"; },
       "node relu (LeakyRelu): no layer of these tools does it"},
      {[](Graph& g) { g.nodes[0].numbers["group"] = {0.5}; }, "node conv (Conv): group=0.5"},
      {[](Graph& g) {
         g.constants["k"] = random_array({2, 1, 3, 3}, 1);
         g.nodes[0].numbers["pads"] = {1, 1, 1, 1};
         g.nodes[2] = {"sum", "Add", {"c", "x"}, {"p"}, {}, {}, {}};
       },
       "2x5x5 reaches it, and what was saved is 1x5x5"},
      {[](Graph& g) {
         g.nodes[2] = {"sum", "Add", {"c", "nowhere"}, {"p"}, {}, {}, {}};
       },
       "adds \"nowhere\", which is no output of an earlier layer"},
      {[](Graph& g) {
         g.constants["b"] = Array<double>({2, 1, 1});
         g.nodes[1] = {"shift", "Add", {"a", "b"}, {"c"}, {}, {}, {}};
         g.nodes[2] = {"sum", "Add", {"c", "a"}, {"p"}, {}, {}, {}};
       },
       "adds \"a\", which is no output of an earlier layer any more"},
      {[](Graph& g) {
         g.nodes[2] = {"mean", "ReduceMean", {"c"}, {"p"}, {{"axes", {1, 2}}}, {}, {}};
       },
       "axes 2 and 3"},
      {[](Graph& g) {
         g.nodes[0].numbers["strides"] = {1, 2};
       },
       "strides=1,2; expected 2 equal numbers"},
      {[](Graph& g) {
         g.nodes[0].numbers["dilations"] = {2, 2};
       },
       "dilation=1"},
      {[](Graph& g) { g.nodes[0].texts["auto_pad"] = "SAME_UPPER"; }, "auto_pad=SAME_UPPER"},
      {[](Graph& g) {
         g.nodes[2].numbers["strides"] = {1, 1};
       },
       "side by side"},
      {[](Graph& g) { g.nodes[2].numbers["ceil_mode"] = {1}; }, "ceil_mode=1"},
      {[](Graph& g) { g.nodes[4].numbers["alpha"] = {2}; }, "alpha=2"},
      {[](Graph& g) { g.nodes[4].inputs[1] = "nowhere"; }, "takes \"nowhere\" besides"},
      {[](Graph& g) { g.nodes[3].inputs[0] = "c"; }, "takes \"c\" besides the output of the node before"},
      {[](Graph& g) {
         g.constants["w"] = Array<double>({7, 3});
       },
       "weight of [3, 7]"},
      {[](Graph& g) { g.constants["b"] = Array<double>({2}); }, "a bias of 2 numbers for 3 outputs"},
      {[](Graph& g) { g.constants["w"].data[0] = 1e300; }, "not finite"},
      {[](Graph& g) { g.output = "f"; }, "is not that of its last layer"},
      {[](Graph& g) { g.input_shape = {}; }, "say --inputs"},
      {[](Graph& g) { g.nodes[1].op = "Softmax"; }, "as the last node only"},
      {[](Graph& g) {
         g.constants["factor"] = Array<double>({2, 1});
         g.nodes[1] = {"add", "Add", {"a", "factor"}, {"c"}, {}, {}, {}};
       },
       "neither one number nor one for each channel"}};
  for (const Case& wrong : cases) {
    Graph graph = small_graph();
    wrong.change(graph);
    INFO(wrong.told);
    const std::string message =
        test::message_of<Error>([&] { segments_of(from_graph(graph, "", "net.onnx"), "net.onnx"); });
    CHECK_THAT(message, Contains(wrong.told));
    CHECK_THAT(message, Contains("net.onnx: "));
  }
}

TEST_CASE(
    "a sum takes what an earlier node gave, or lines, columns and zeros of it, and says what it saves") {
  Graph graph;
  graph.input = "x", graph.output = "y";
  graph.input_shape = {0, 2, 6, 6};
  const auto whole = [](std::vector<double> values) {
    Array<double> array({values.size()});
    array.data = std::move(values);
    return array;
  };
  graph.constants = {{"k", random_array({4, 2, 3, 3}, 1)},
                     {"g", random_array({4, 2, 1, 1}, 2)},
                     {"zero", whole({0})},
                     {"end", whole({9223372036854775807.0})},
                     {"two", whole({2})},
                     {"axis", whole({3})},
                     {"pads", whole({0, 0, 0, 0, 0, 2, 0, 0})}};
  graph.nodes = {
      {"lines", "MaxPool", {"x"}, {"l"}, {{"kernel_shape", {1, 1}}, {"strides", {2, 2}}}, {}, {}},
      {"columns", "Slice", {"l", "zero", "end", "axis", "two"}, {"s"}, {}, {}, {}},
      {"conv", "Conv", {"x", "k"}, {"a"}, {{"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}}, {}, {}},
      {"zeros", "Pad", {"s", "pads"}, {"z"}, {}, {}, {}},
      {"sum", "Add", {"z", "a"}, {"b"}, {}, {}, {}},
      {"relu", "Relu", {"b"}, {"c"}, {}, {}, {}},
      {"groups", "Conv", {"c", "g"}, {"d"}, {{"group", {2}}}, {}, {}},
      {"more", "Add", {"d", "c"}, {"e"}, {}, {}, {}},
      {"pool", "AveragePool", {"e"}, {"f"}, {{"kernel_shape", {3, 3}}, {"strides", {3, 3}}}, {}, {}},
      {"all", "GlobalAveragePool", {"f"}, {"y"}, {}, {}, {}}};
  graph.nodes[1].inputs[4] = "one";
  graph.constants["one"] = whole({1});
  const DigitalNetwork network = from_graph(graph, "", "net");
  CHECK(network.spec().to_string() ==
        "2x6x6 | save:v0 | conv:out=4,kernel=3,pad=1,stride=2 | add:v0,stride=2 | relu | save:v3 | "
        "conv:out=4,kernel=1,groups=2 | add:v3 | avgpool:3 | avgpool:global");
  // half of the lines and columns the one way, and half the other, is the same
  graph.nodes[0] = {"lines", "Slice", {"x", "zero", "end", "row", "two"}, {"l"}, {}, {}, {}};
  graph.constants["row"] = whole({2});
  graph.nodes[1].inputs[4] = "two";
  CHECK(from_graph(graph, "", "net").spec() == network.spec());
  graph.nodes[1].inputs[4] = "one";
  CHECK_THAT(test::message_of<InputError>([&] { from_graph(graph, "", "net"); }),
             Contains("one step for both"));
  graph.constants["pads"].data[1] = 2;
  CHECK_THAT(test::message_of<InputError>([&] { from_graph(graph, "", "net"); }),
             Contains("node zeros (Pad): pads=0,2,"));
  // a normalisation in front of a network that saves its inputs is a layer of its own
  DigitalNetwork front = network;
  put_in_front(front, parse_normalisation("0.3:0.5", "--normalize"), "net");
  CHECK(front.layers.front().text == "batchnorm");
  std::vector<float> normalised = sample_of(72);
  for (float& value : normalised) value = (value - 0.3F) / 0.5F;
  check_close(outputs(front, sample_of(72)), outputs(network, normalised));
}

TEST_CASE("a state dictionary gives each layer the first module that fits, and nothing is left") {
  const NetworkSpec spec{"4", {"dense:out=3", "batchnorm", "relu", "dense:out=2"}};
  const auto values = [](std::vector<std::size_t> shape, float first) {
    Array<float> array(std::move(shape));
    for (std::size_t k = 0; k < array.size(); ++k) array.data[k] = first + float(k);
    return array;
  };
  std::vector<NamedValues> arrays = {
      {"head.weight", values({2, 3}, 1)},        {"head.bias", values({2}, 2)},
      {"bn.running_mean", values({3}, 3)},       {"bn.running_var", values({3}, 4)},
      {"bn.num_batches_tracked", values({}, 5)}, {"body.weight", values({3, 4}, 6)}};
  const DigitalNetwork network = from_state_dictionary(spec, arrays, "net");
  CHECK(network.layers[0].origin == "module body");
  CHECK(network.layers[3].origin == "module head");
  const std::vector<NamedValues> segments = segments_of(network, "net");
  CHECK(segments[0].name == "dense1/weight");
  CHECK(segments[0].values.data == arrays[5].values.data);
  CHECK(segments[1].values.data == std::vector<float>{0, 0, 0});
  CHECK(segments[2].values.data == std::vector<float>{1, 1, 1});  // affine=False
  const auto told = [&](const NetworkSpec& other) {
    return test::message_of<Error>([&] { from_state_dictionary(other, arrays, "net.npz"); });
  };
  CHECK_THAT(told({"4", {"dense:out=3", "batchnorm"}}),
             Contains("no --layer takes module head (bias 2, weight 2x3)"));
  CHECK_THAT(told({"4", {"dense:out=5"}}),
             Contains("needs a module with weights of 5x4") && Contains("not taken: head"));
  arrays.push_back({"lstm.weight_ih", values({2, 2}, 0)});
  CHECK_THAT(told(spec), Contains("no layer of these tools has lstm"));
}
