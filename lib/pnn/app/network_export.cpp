#include "pnn/app/network_export.hpp"

#include <utility>
#include <vector>

#include "pnn/app/table_output.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/io/numpy_output.hpp"
#include "pnn/io/onnx.hpp"
#include "pnn/io/safetensors.hpp"
#include "pnn/study/network_export.hpp"

namespace pnn::app {
namespace {

std::string npz_of(const std::vector<network::NamedValues>& arrays) {
  std::vector<std::pair<std::string, std::string>> members;
  for (const network::NamedValues& array : arrays)
    members.emplace_back(array.name,
                         io::npy_bytes("<f4", array.values.shape, io::float_bytes(array.values.data)));
  return io::npz_bytes(members);
}

}  // namespace

bool holds_weights(const std::string& path) {
  return path.ends_with(".onnx") || path.ends_with(".safetensors");
}

void export_network(const train::Params& params, const std::string& path, const std::string& output) {
  if (!holds_weights(output) && !output.ends_with(".npz"))
    throw UsageError("--weights: expected -o NAME with an ending of .npz, .safetensors or .onnx, found \"" +
                     output + "\"");
  if (!params.optimizer.finished)
    throw InputError(path + ": an unfinished training; finish it with pnn-train --resume " + path);
  if (output.ends_with(".onnx")) return write_text(output, io::onnx_bytes(study::graph_of(params, path)));
  const std::vector<network::NamedValues> arrays = study::state_dictionary_of(params);
  write_text(output, output.ends_with(".npz") ? npz_of(arrays) : io::safetensors_bytes(arrays));
}

}  // namespace pnn::app
