// Runs the tools as a user does: a command line in a folder of its own.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace pnn::test {

/// A folder that goes away with its owner, and commands run in it with the tools on PATH.
class Shell {
 public:
  Shell() {
    std::string name = (std::filesystem::temp_directory_path() / "pnn-tools-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
  }
  ~Shell() { std::filesystem::remove_all(folder_); }
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;

  /// Exit status; standard output and error are in out() and err() afterwards.
  int run(const std::string& command) {
    const std::string line = "cd '" + folder_.string() + "' && export PATH=" PNN_BINARY_DIR ":$PATH; { " +
                             command + "; } >out.txt 2>err.txt";
    const int status = std::system(("bash -c '" + escaped(line) + "'").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  [[nodiscard]] std::string out() const { return read("out.txt"); }
  [[nodiscard]] std::string err() const { return read("err.txt"); }
  [[nodiscard]] std::string read(const std::string& file) const {
    std::ifstream in(folder_ / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& file, const std::string& bytes) const {
    std::ofstream(folder_ / file, std::ios::binary) << bytes;
  }
  [[nodiscard]] bool exists(const std::string& file) const { return std::filesystem::exists(folder_ / file); }

 private:
  static std::string escaped(const std::string& text) {
    std::string to;
    for (char c : text) to += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return to;
  }
  std::filesystem::path folder_;
};

}  // namespace pnn::test
