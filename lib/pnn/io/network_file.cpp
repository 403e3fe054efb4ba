#include "pnn/io/network_file.hpp"

#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/io/descriptor.hpp"
#include "pnn/io/hash.hpp"
#include "pnn/io/npy.hpp"
#include "pnn/io/onnx.hpp"
#include "pnn/io/safetensors.hpp"

namespace pnn::io {
namespace {

constexpr std::size_t most_bytes = std::size_t{16} << 30;

/// Whether the bytes are of torch.save: an archive with pickled objects, or formerly these alone.
bool is_pickled(const std::string& bytes) {
  const bool archive = bytes.starts_with("PK\x03\x04") && bytes.find("data.pkl") < std::size_t{4096};
  return archive || bytes.starts_with("\x80\x02");
}

std::vector<network::NamedValues> in_floats(const std::vector<std::pair<std::string, StoredArray>>& arrays,
                                            const std::string& path) {
  std::vector<network::NamedValues> all;
  for (const auto& [name, array] : arrays) {
    if (array.words() || array.type.kind == 'c')
      throw InputError(path + ": " + name + ": expected real numbers");
    network::NamedValues values{name, {}};
    values.values.shape = array.shape;
    for (std::size_t k = 0; k < array.count(); ++k) values.values.data.push_back(float(array.real(k)));
    all.push_back(std::move(values));
  }
  return all;
}

}  // namespace

NetworkFile read_network_file(const std::string& path) {
  const std::string bytes = read_bytes(path, most_bytes), name = path == "-" ? "standard input" : path;
  NetworkFile file;
  file.hash = text_hash(bytes);
  if (is_pickled(bytes))
    throw InputError(
        name +
        ": a file of torch.save, which only Python can read; export ONNX (torch.onnx.export), or run "
        "scripts/state-dictionary " +
        name + " -o state.npz");
  if (bytes.starts_with("\x89HDF"))
    throw InputError(name + ": a file of these tools, or HDF5; expected ONNX, safetensors or .npz");
  if (is_numpy(bytes)) {
    file.form = "npz";
    file.arrays = in_floats(numpy_arrays(bytes, name), name);
  } else if (is_safetensors(bytes)) {
    file.form = "safetensors";
    file.arrays = in_floats(safetensors_arrays(bytes, name), name);
  } else {
    file.form = "onnx";
    file.graph = onnx_graph(bytes, name);
  }
  return file;
}

}  // namespace pnn::io
