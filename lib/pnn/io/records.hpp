// A pair of functions for each file type that converts a plain struct to an HDF5 file and back. No other part
// of the library reads or writes files of these types.
#pragma once

#include <optional>
#include <string>

#include "pnn/core/provenance.hpp"
#include "pnn/core/version.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/model.hpp"
#include "pnn/model/spectra.hpp"
#include "pnn/network/dataset.hpp"
#include "pnn/network/spec.hpp"
#include "pnn/study/placement.hpp"
#include "pnn/study/result.hpp"
#include "pnn/study/tuning.hpp"
#include "pnn/train/params.hpp"

namespace pnn::io {

/// A value that was read from a file, with the file's header, type, content hash and format version.
template <class T>
struct Read {
  T value;
  Provenance header;
  std::string hash;
  std::string filetype;
  FormatVersion format = {};
};

/// The public part of a device file: everything except the ground truth.
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
  network::NetworkSpec network;  ///< empty for imported curves
  platform::Process process;
  model::Curves curves;
  model::ReadingLog unfinished = {};  ///< readings of a measurement that ended early and has no curves yet
  std::vector<model::Spectrum> spectra = {};
  std::vector<model::HeaterCurve> heaters = {};  ///< of the elements of the spectra
  std::vector<std::string> notes = {};      ///< sentences: what an import assumed, left out or passed over
  study::PlacementSettings placement = {};  ///< how an import came to the network, for the fit to go on with
};
struct ModelFile {
  network::NetworkSpec network;  ///< empty when fitted to imported curves without a network
  model::Model model;
};

// Every reader takes a path or "-" (standard input), and throws InputError with one line that says which
// path, what was expected, what was found, and what to do. Every writer takes a path or "-" (standard
// output). The file appears complete or not at all, and the same value always gives the same bytes.
/// With `parts` the samples of other parts are not read, unless the file has none of what is asked for.
struct DataParts {
  bool train = true, validation = true, test = true;
  bool stored = false;  ///< the inputs of training samples stay in the file (Split::stored)
};
Read<network::Dataset> read_dataset(const std::string& path, DataParts parts = {});
Read<DeviceFile> read_device(const std::string& path);
/// Reads the public part alone and never opens /truth.
Read<DevicePublic> read_device_public(const std::string& path);
Read<CurvesFile> read_curves(const std::string& path);
Read<ModelFile> read_model(const std::string& path);
Read<train::Params> read_params(const std::string& path);
Read<study::Result> read_result(const std::string& path);
Read<study::Tuning> read_tuning(const std::string& path);

void write_dataset(const std::string& path, const network::Dataset& data, const Provenance& header);
void write_device(const std::string& path, const DeviceFile& device, const Provenance& header);
void write_curves(const std::string& path, const CurvesFile& curves, const Provenance& header);
void write_model(const std::string& path, const ModelFile& model, const Provenance& header);
void write_params(const std::string& path, const train::Params& params, const Provenance& header);
void write_result(const std::string& path, const study::Result& result, const Provenance& header);
void write_tuning(const std::string& path, const study::Tuning& tuning, const Provenance& header);

/// The type of a file ("model"), read after the checks that make opening safe. The input of "-" is stored
/// once, so that the readers above can read it again.
std::string filetype_of(const std::string& path);

}  // namespace pnn::io
