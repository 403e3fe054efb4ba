// A folder for the files of one test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <system_error>

namespace pnn::test {

/// Made empty under the system's place for temporary files, and gone with its owner. Names are relative to
/// it; an absolute name stands for itself.
class TemporaryFolder {
 public:
  /// Throws std::runtime_error where no folder can be made.
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "pnn-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error(name + ": no temporary folder");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;  // a test's leftovers are no failure of the test
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  [[nodiscard]] bool holds(const std::string& name) const { return std::filesystem::exists(path_ / name); }
  /// Number of entries.
  [[nodiscard]] std::size_t size() const {
    return std::size_t(std::distance(std::filesystem::directory_iterator(path_), {}));
  }

  /// The bytes of a file; throws std::runtime_error where there is none, which an empty string would hide.
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream in(path_ / name, std::ios::binary);
    if (!in) throw std::runtime_error(name + ": cannot be read");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// Writes a file, with the folders that it lies in, and answers its path. Throws std::runtime_error.
  std::string write(const std::string& name, const std::string& bytes) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::binary);
    out.write(bytes.data(), std::streamsize(bytes.size()));
    if (!out.flush()) throw std::runtime_error(name + ": cannot be written");
    return file.string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace pnn::test
