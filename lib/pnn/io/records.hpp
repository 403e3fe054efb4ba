// One pair of functions a filetype: plain struct ↔ HDF5 file. The only door between the library's
// values and files; this room alone knows HDF5.
#pragma once

#include <optional>
#include <string>

#include "pnn/core/provenance.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/model.hpp"
#include "pnn/network/dataset.hpp"
#include "pnn/network/spec.hpp"
#include "pnn/study/result.hpp"
#include "pnn/train/params.hpp"

namespace pnn::io {

/// A value that was read, with the header of its file and the hash of its bytes.
template <class T>
struct Read {
  T value;
  Provenance header;
  std::string hash;
  std::string filetype;
};

/// The parts of a device file that anyone may read.
struct DevicePublic {
  network::NetworkSpec network;
  platform::Process process;
  std::size_t count = 0;
  std::uint64_t seed = 1;
};
struct DeviceFile {
  network::NetworkSpec network;
  device::DeviceSet set;
};
struct CurvesFile {
  network::NetworkSpec network;  ///< empty for an import
  platform::Process process;
  model::Curves curves;
  model::ReadingLog unfinished = {};  ///< of a measurement that ended early, whose curves are not there yet
};
struct ModelFile {
  network::NetworkSpec network;  ///< empty when fitted to imported curves without a network
  model::Model model;
};

// Every reader takes a path or "-" (standard input), and throws InputError with one line: path,
// expected, found, what to do. Every writer takes a path or "-" (standard output); the file appears
// whole or not at all; writing the same value twice gives the same bytes.
Read<network::Dataset> read_dataset(const std::string& path);
Read<DeviceFile> read_device(const std::string& path);
/// Opens only what is public: never /truth.
Read<DevicePublic> read_device_public(const std::string& path);
Read<CurvesFile> read_curves(const std::string& path);
Read<ModelFile> read_model(const std::string& path);
Read<train::Params> read_params(const std::string& path);
Read<study::Result> read_result(const std::string& path);

void write_dataset(const std::string& path, const network::Dataset& data, const Provenance& header);
void write_device(const std::string& path, const DeviceFile& device, const Provenance& header);
void write_curves(const std::string& path, const CurvesFile& curves, const Provenance& header);
void write_model(const std::string& path, const ModelFile& model, const Provenance& header);
void write_params(const std::string& path, const train::Params& params, const Provenance& header);
void write_result(const std::string& path, const study::Result& result, const Provenance& header);

/// The filetype attribute alone ("model"), after the checks that make opening safe. For "-" the input is
/// spooled once and may be read again by the readers above.
std::string filetype_of(const std::string& path);

}  // namespace pnn::io
