// Everything that reads what strangers made, as one call.
#pragma once

#include <string>

namespace fuzz {

/// What a corpus file is, by the end of its name: .idx and .gz, .csv, .npy and .npz, .mat, .png, .onnx and
/// .safetensors, and HDF5 otherwise.
enum class Kind { hdf5, idx, csv, numpy, matlab, png, network };
Kind kind_of(const std::string& name);

/// Reads the file with every reader that its kind has, and shows and prints what was read. Answers the
/// complaint, empty where there is none. A bug is whatever else happens: another exception, a crash, no end.
std::string read_all(Kind kind, const std::string& path);

}  // namespace fuzz
