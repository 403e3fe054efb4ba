#include "pnn/io/network_file.hpp"

#include <nlohmann/json.hpp>

#include "pnn/core/errors.hpp"
#include "pnn/io/numpy_output.hpp"
#include "pnn/io/onnx.hpp"
#include "pnn/io/safetensors.hpp"
#include "pnn/network/graph_layers.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"
#include "tests/temporary_folder.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;

std::vector<network::NamedValues> arrays() {
  network::NamedValues weight{"b.10.weight", Array<float>({2, 3})}, bias{"b.9.bias", Array<float>({2})};
  weight.values.data = {0, -1.5F, 2, 3e-8F, 4, 5};
  bias.values.data = {7, 8};
  return {weight, bias};
}

std::string entry(const std::string& type, const std::string& shape, const std::string& offsets,
                  const std::string& data) {
  const std::string header =
      R"({"a":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
  return io::little_endian(header.size(), 8) + header + data;
}

}  // namespace

TEST_CASE("arrays come back from safetensors and from .npz as they were") {
  const test::TemporaryFolder folder;
  folder.write("x.safetensors", io::safetensors_bytes(arrays()));
  std::vector<std::pair<std::string, std::string>> members;
  for (const network::NamedValues& array : arrays())
    members.emplace_back(array.name,
                         io::npy_bytes("<f4", array.values.shape, io::float_bytes(array.values.data)));
  folder.write("x.npz", io::npz_bytes(members));
  for (const char* name : {"x.safetensors", "x.npz"}) {
    const io::NetworkFile file = io::read_network_file(folder / name);
    CHECK_FALSE(file.graph);
    REQUIRE(file.arrays.size() == 2);
    const bool natural = file.form == "safetensors";  // b.9 before b.10
    for (const network::NamedValues& expected : arrays()) {
      const network::NamedValues& found = file.arrays[(expected.name == "b.9.bias") == natural ? 0 : 1];
      CHECK(found.name == expected.name);
      CHECK(found.values.shape == expected.values.shape);
      CHECK(found.values.data == expected.values.data);
    }
  }
}

TEST_CASE("safetensors of other types are numbers, and what lies is refused") {
  const auto read = [](const std::string& bytes) { return io::safetensors_arrays(bytes, "x"); };
  CHECK(read(entry("BF16", "[2]", "[0,4]", std::string("\x80\x3f\x20\xc0", 4)))[0].second.real(1) == -2.5);
  CHECK(read(entry("I64", "[]", "[0,8]", std::string("\xff\xff\xff\xff\xff\xff\xff\xff", 8)))[0].second.real(
            0) == -1);
  CHECK(read(entry("F32", "[0,3]", "[0,0]", ""))[0].second.count() == 0);
  for (const auto& [bytes, told] : std::vector<std::pair<std::string, const char*>>{
           {entry("F32", "[2]", "[0,8]", "1234"), "truncated"},
           {entry("F32", "[4294967296,4294967296]", "[0,4]", "1234"), "truncated"},
           {entry("F32", "[1]", "[4,0]", "1234"), "damaged header"},
           {entry("F32", "[-1]", "[0,4]", "1234"), "damaged header"},
           {entry("F32", "[1]", "[0,18446744073709551615]", "1234"), "truncated"},
           {entry("F32", "[1]", "[0,2]", "1234"), "2 bytes, where its shape and type need 4"},
           {entry("C64", "[1]", "[0,8]", "12345678"), "C64"},
           {io::little_endian(99, 8) + "{}", "truncated"},
           {io::little_endian(2, 8) + "{]", "damaged header"}})
    CHECK_THAT(test::message_of<Error>([&, &bytes = bytes] { read(bytes); }), Contains(told));
}

TEST_CASE("a graph comes back from ONNX as it was, and its bytes are the same each time") {
  network::Graph graph;
  graph.input = "x", graph.output = "y", graph.input_shape = {0, 1, 4, 4}, graph.output_shape = {0, 2};
  graph.constants["w"] = Array<double>({2, 1, 3, 3}, 0.5);
  graph.nodes = {
      {"one", "Conv", {"x", "w"}, {"a"}, {{"pads", {1, 1, 1, 1}}}, {}, {}},
      {"two", "BatchNormalization", {"a", "w", "w", "w", "w"}, {"y"}, {{"epsilon", {0.25}}}, {}, {}}};
  const std::string bytes = io::onnx_bytes(graph);
  CHECK(io::onnx_bytes(graph) == bytes);
  const network::Graph back = io::onnx_graph(bytes, "x");
  CHECK(back.input == graph.input);
  CHECK(back.output == graph.output);
  CHECK(back.input_shape == graph.input_shape);
  CHECK(back.output_shape == graph.output_shape);
  CHECK(back.constants.at("w").shape == graph.constants.at("w").shape);
  CHECK(back.constants.at("w").data == graph.constants.at("w").data);
  REQUIRE(back.nodes.size() == 2);
  CHECK(back.nodes[0].numbers == graph.nodes[0].numbers);
  CHECK(back.nodes[1].numbers == graph.nodes[1].numbers);
  CHECK(back.nodes[1].inputs == graph.nodes[1].inputs);
  for (std::size_t size : {std::size_t(0), std::size_t(5), bytes.size() / 2, bytes.size() - 1})
    CHECK_THROWS_AS(io::onnx_graph(bytes.substr(0, size), "x"), InputError);
}

TEST_CASE("a file of torch.onnx.export is a chain of layers") {
  const std::string path = PNN_SOURCE_DIR "/data/fashion-lenet.onnx";
  const io::NetworkFile file = io::read_network_file(path);
  REQUIRE(file.graph);
  const network::DigitalNetwork network = network::from_graph(*file.graph, "", path);
  CHECK(network.spec().to_string() ==
        "1x28x28 | conv:out=6,kernel=5,pad=2 | relu | maxpool:2 | conv:out=16,kernel=5 | relu | maxpool:2 | "
        "dense:out=10");
  CHECK(network::segments_of(network, path).size() == 6);
}

TEST_CASE("other files are told what they are") {
  const test::TemporaryFolder folder;
  for (const auto& [content, told] : std::vector<std::pair<std::string, const char*>>{
           {std::string("PK\x03\x04") + std::string(26, '\0') + "archive/data.pkl",
            "scripts/state-dictionary"},
           {std::string("\x80\x02\x8a\x0a", 4), "scripts/state-dictionary"},
           {std::string("\x89HDF\r\n\x1a\n") + std::string(100, '\0'), "expected ONNX, safetensors or .npz"},
           {"layer,weight\n1,2\n", "torch.onnx.export"}}) {
    folder.write("x", content);
    CHECK_THAT(test::message_of<Error>([&] { io::read_network_file(folder / "x"); }), Contains(told));
  }
}
