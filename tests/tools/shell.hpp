// Runs the tools as a user does: a command line in a folder of its own.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "tests/temporary_folder.hpp"

namespace pnn::test {

/// Commands run in a folder of their own, with the tools on PATH.
class Shell {
 public:
  /// Exit status; standard output and error are in out() and err() afterwards.
  int run(const std::string& command) {
    const std::string line = "cd '" + folder_.path() + "' && export PATH=" PNN_BINARY_DIR ":$PATH; { " +
                             command + "; } >out.txt 2>err.txt";
    const int status = std::system(("bash -c '" + escaped(line) + "'").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  /// Runs work with `-o file` and `--time-limit SECONDS` until that is over after a step, which leaves its
  /// state and not `file`: on a busy machine it may be over before, with nothing written. False where it ends
  /// otherwise.
  bool interrupt(const std::string& command, const std::string& seconds, const std::string& file) {
    const std::string state = file + ".partial";
    for (int tries = 0; tries < 50 && !exists(state); ++tries)
      if (run(command + " --time-limit " + seconds) != 75) return false;
    return exists(state) && !exists(file);
  }
  [[nodiscard]] std::string out() const { return read("out.txt"); }
  [[nodiscard]] std::string err() const { return read("err.txt"); }
  [[nodiscard]] std::string read(const std::string& file) const { return folder_.read(file); }
  void write(const std::string& file, const std::string& bytes) const { folder_.write(file, bytes); }
  [[nodiscard]] bool exists(const std::string& file) const { return folder_.holds(file); }
  [[nodiscard]] std::string path(const std::string& file) const { return folder_.path() + "/" + file; }
  [[nodiscard]] std::size_t files() const { return folder_.size(); }

 private:
  static std::string escaped(const std::string& text) {
    std::string to;
    for (char c : text) to += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return to;
  }
  TemporaryFolder folder_;
};

}  // namespace pnn::test
