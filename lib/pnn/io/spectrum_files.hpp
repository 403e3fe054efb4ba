// Reads wavelength sweeps as instruments and test benches write them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pnn/core/unit.hpp"
#include "pnn/io/table.hpp"
#include "pnn/model/spectra.hpp"

namespace pnn::io {

/// One channel of a sweep, as the file has it.
struct SpectrumChannel {
  std::string name;
  std::optional<Unit> unit;    ///< nothing if the file does not say it
  std::vector<double> values;  ///< NaN where there was no reading
};

/// The sweeps of one file, which share their wavelengths.
struct SpectrumFile {
  std::string path, hash;
  std::vector<double> wavelength_nm;  ///< rising
  std::vector<SpectrumChannel> channels;
  std::map<std::string, std::string> said;  ///< lines "Key: value" before the numbers; keys in small letters
  /// The columns of a file of currents and voltages, which has no wavelengths; without names.
  std::optional<model::HeaterCurve> heater;
  std::vector<Note> notes;
};

/// Reads a file of MATLAB, with an array whose name ends in "wavelength" and channels of the same length; or
/// a table (io/table) in columns or rows, of text or of NumPy, whose wavelengths are the column of that name
/// or unit, of a frequency, or the first; lines "Key: value" before it are kept. Wavelengths in m and um
/// become nm, which is told; falling ones are turned; ones that repeat because they were rounded are spread
/// evenly, if that moves none by more than the rounding. A table with a column of voltages and one of
/// currents, and none of wavelengths, is a heater's, over a column of temperatures if there is one. Throws
/// InputError with what the file has instead.
SpectrumFile read_spectrum_file(const std::string& path);

}  // namespace pnn::io
