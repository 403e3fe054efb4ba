#include "pnn/app/table_output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/io/atomic_file.hpp"

namespace pnn::app {

void write_text(const std::string& path, const std::string& bytes) {
  if (path.empty() || path == "-") {
    const int error = write_or_stop(STDOUT_FILENO, bytes.data(), bytes.size());
    if (error != 0 && error != EPIPE) throw RunError("standard output: " + io::explain_write_error(error));
    return;
  }
  io::AtomicFile file(path);
  std::ofstream out(file.path(), std::ios::binary);
  file.opened();
  out.write(bytes.data(), std::streamsize(bytes.size()));
  out.close();
  if (!out) throw RunError(path + ": " + io::explain_write_error(errno));
  file.commit();
}

void write_table(const std::string& path, const io::ColumnTable& table) {
  const std::string ending = std::filesystem::path(path).extension().string();
  const std::vector<std::string> known = {"", ".csv", ".txt", ".json", ".npz", ".mat"};
  if (std::find(known.begin(), known.end(), ending) == known.end())
    throw UsageError("--output " + path + ": no table is written as " + ending +
                     "; take an ending of .csv, .json, .npz (NumPy) or .mat (MATLAB)");
  const auto form = path.ends_with(".json")  ? io::json_of
                    : path.ends_with(".npz") ? io::npz_of
                    : path.ends_with(".mat") ? io::matlab_of
                                             : io::csv_of;
  write_text(path, form(table));
}

}  // namespace pnn::app
