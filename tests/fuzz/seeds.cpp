#include "seeds.hpp"

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "pnn/io/column_table.hpp"
#include "pnn/io/import.hpp"
#include "pnn/io/onnx.hpp"
#include "pnn/io/png_output.hpp"
#include "pnn/io/safetensors.hpp"
#include "readers.hpp"
#include "tests/io/samples.hpp"
#include "tests/io/strangers.hpp"

namespace fuzz {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path.string() + ": cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

Seed seed_of(const std::string& name, std::string bytes) {
  Seed seed{name, std::move(bytes), {}};
  if (kind_of(name) == Kind::hdf5) seed.blocks = find_blocks(seed.bytes);
  return seed;
}

std::string pictures() {
  std::string bytes{0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 5};
  for (int k = 0; k < 60; ++k) bytes += static_cast<char>(4 * k);
  return bytes;
}

std::string gzip(const std::string& bytes) {
  const pnn::test::TemporaryFolder folder;
  const gzFile out = gzopen((folder / "x.gz").c_str(), "wb");
  gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(out);
  return folder.read("x.gz");
}

/// Readings of two rings, as a table that other programs read.
pnn::io::ColumnTable readings() {
  pnn::io::ColumnTable table;
  std::vector<std::string> elements;
  std::vector<double> controls, responses;
  for (int k = 0; k < 20; ++k) {
    elements.push_back(k % 2 == 0 ? "row 0 col 0" : "row 0 col 1");
    controls.push_back(k * 0.25), responses.push_back(k % 7 / 7.0);
  }
  table.add("element", pnn::io::Column::Kind::text).texts = elements;
  table.add("control", pnn::io::Column::Kind::real64).numbers = controls;
  table.add("response", pnn::io::Column::Kind::real64).numbers = responses;
  return table;
}

/// A picture of 5 by 3 pixels: colours of 8 bits, or grey of 16.
std::string picture(bool wide) {
  pnn::io::LevelPicture levels;
  levels.width = 5, levels.height = 3, levels.channels = wide ? 1 : 3, levels.wide = wide;
  for (std::size_t k = 0; k < 15 * levels.channels; ++k) levels.values.push_back(std::uint16_t(5 * k));
  return pnn::io::png_of(levels);
}

/// A convolution and a matrix, as ONNX.
std::string graph() {
  pnn::network::Graph graph;
  graph.input = "x", graph.output = "y", graph.input_shape = {0, 1, 4, 4};
  graph.constants = {{"k", pnn::Array<double>({2, 1, 3, 3}, 0.5)}, {"w", pnn::Array<double>({3, 8}, 0.25)}};
  graph.nodes = {{"one", "Conv", {"x", "k"}, {"a"}, {{"strides", {1, 1}}}, {}, {}},
                 {"two", "Flatten", {"a"}, {"b"}, {{"axis", {1}}}, {}, {}},
                 {"three", "Gemm", {"b", "w"}, {"y"}, {{"transB", {1}}}, {}, {}}};
  return pnn::io::onnx_bytes(graph);
}

/// A matrix and statistics, as safetensors.
std::string arrays() {
  std::vector<pnn::network::NamedValues> arrays;
  for (const auto& [name, shape] : std::vector<std::pair<std::string, std::vector<std::size_t>>>{
           {"one.weight", {2, 3}}, {"two.running_mean", {2}}, {"two.running_var", {2}}})
    arrays.push_back({name, pnn::Array<float>(shape, 0.5F)});
  return pnn::io::safetensors_bytes(arrays);
}

}  // namespace

std::vector<Seed> made_seeds() {
  using namespace pnn;
  const test::TemporaryFolder folder;
  const std::string path = folder / "x";
  std::vector<Seed> seeds;
  const auto add = [&](const std::string& name) { seeds.push_back(seed_of(name, folder.read("x"))); };
  io::write_dataset(path, samples::dataset(), samples::header()), add("dataset.h5");
  io::write_device(path, samples::device(), samples::header()), add("device.h5");
  io::write_curves(path, samples::curves(), samples::header()), add("curves.h5");
  io::write_model(path, samples::model(), samples::header()), add("model.h5");
  io::write_params(path, samples::params(), samples::header()), add("params.h5");
  io::write_result(path, samples::result(), samples::header()), add("result.h5");
  io::write_tuning(path, samples::tuning(), samples::header()), add("tuning.h5");
  for (const strangers::Stranger& stranger : strangers::all())
    stranger.write(path), add(stranger.name + ".h5");
  seeds.push_back(seed_of("pictures.idx", pictures()));
  seeds.push_back(seed_of("labels.idx", std::string{0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 2, 3}));
  seeds.push_back(seed_of("pictures.gz", gzip(pictures())));
  seeds.push_back(seed_of("iris.csv", io::iris_csv().substr(0, 1500)));
  std::string curves = "element,control,response\n";
  for (int k = 0; k < 20; ++k)
    curves += "\"ring, " + std::to_string(k % 2) + "\"," + std::to_string(k * 0.25) + "," +
              std::to_string(k % 7) + "\n";
  seeds.push_back(seed_of("curves.csv", curves));
  const std::string archive = io::npz_of(readings());
  seeds.push_back(seed_of("curves.npz", archive));
  seeds.push_back(seed_of("control.npy", archive.substr(archive.find("\x93NUMPY"))));
  seeds.push_back(seed_of("curves.mat", io::matlab_of(readings())));
  seeds.push_back(seed_of("graph.onnx", graph()));
  seeds.push_back(seed_of("arrays.safetensors", arrays()));
  for (const bool wide : {false, true})
    seeds.push_back(seed_of(wide ? "wide.png" : "colour.png", picture(wide)));
  return seeds;
}

std::vector<Seed> folder_seeds(const std::string& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Seed> seeds;
  for (const fs::path& path : paths) {
    if (path.extension() != ".md") seeds.push_back(seed_of(path.filename().string(), bytes_of(path)));
  }
  return seeds;
}

}  // namespace fuzz
