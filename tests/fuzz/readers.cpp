#include "readers.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "pnn/core/errors.hpp"
#include "pnn/io/curve_columns.hpp"
#include "pnn/io/idx.hpp"
#include "pnn/io/import.hpp"
#include "pnn/io/inspect.hpp"
#include "pnn/io/network_file.hpp"
#include "pnn/io/npy.hpp"
#include "pnn/io/png_picture.hpp"
#include "pnn/io/records.hpp"
#include "pnn/io/table.hpp"
#include "pnn/io/walk.hpp"
#include "pnn/model/import.hpp"
#include "pnn/network/graph_layers.hpp"
#include "pnn/network/state_dictionary.hpp"

namespace fuzz {
namespace {

using namespace pnn;

void read_hdf5(const std::string& path) {
  io::validate(path);
  const io::Summary summary = io::inspect(path, io::Truth::shown);
  io::summary_json(summary);
  constexpr std::size_t printed = 3;  // each opens the file again
  for (std::size_t k = 0; k < std::min(printed, summary.entries.size()); ++k)
    io::dataset_csv(path, summary.entries[summary.bytes / (k + 1) % summary.entries.size()].path,
                    io::Truth::shown);
  // a reader of another filetype stops at the header
  io::read_model(path);
}

void read_idx(const std::string& path) {
  const io::StoredArray idx = io::read_idx(path);
  if (idx.shape.size() < 3) return;
  io::make_dataset(io::import_idx({path, path, "", ""}, {}, "fuzz"), {}, 1);
}

void read_csv(const std::string& path) {
  const io::Table csv = io::read_table(path);
  io::csv_cell(csv.header.front());
  if (csv.has("response")) {
    const io::Table turned = io::read_table(path, io::Layout::any_side);
    model::import_curves(io::find_curves(turned, {}).table, {}, path);
  } else {
    io::make_dataset(io::import_csv(csv, {csv.header.back()}, "fuzz"), {}, 1);
  }
}

void read_numpy(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  for (const auto& [name, array] : io::numpy_arrays(bytes, path))
    if (array.count() > 0) static_cast<void>(array.text(array.count() - 1));
  read_csv(path);
}

void read_network(const std::string& path) {
  const io::NetworkFile file = io::read_network_file(path);
  if (file.graph) {
    network::segments_of(network::from_graph(*file.graph, "", path), path);
  } else {
    network::from_state_dictionary({"3", {"dense:out=2", "batchnorm"}}, file.arrays, path);
  }
}

}  // namespace

Kind kind_of(const std::string& name) {
  if (name.ends_with(".csv")) return Kind::csv;
  if (name.ends_with(".npy") || name.ends_with(".npz")) return Kind::numpy;
  if (name.ends_with(".mat")) return Kind::matlab;
  if (name.ends_with(".png")) return Kind::png;
  if (name.ends_with(".onnx") || name.ends_with(".safetensors")) return Kind::network;
  return name.ends_with(".idx") || name.ends_with(".gz") ? Kind::idx : Kind::hdf5;
}

std::string read_all(Kind kind, const std::string& path) {
  try {
    switch (kind) {
      case Kind::hdf5:
        read_hdf5(path);
        break;
      case Kind::idx:
        read_idx(path);
        break;
      case Kind::csv:
        read_csv(path);
        break;
      case Kind::numpy:
        read_numpy(path);
        break;
      case Kind::matlab:
        read_csv(path);  // a table knows its form by its first bytes
        break;
      case Kind::png:
        io::read_png(path);
        break;
      case Kind::network:
        read_network(path);
        break;
    }
    return {};
  } catch (const InputError& error) {
    return error.what();
  } catch (const UsageError& error) {
    return error.what();
  }
}

}  // namespace fuzz
