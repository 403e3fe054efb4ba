// Says what a table's reader passed over or took for something.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"
#include "pnn/io/table.hpp"

namespace pnn::app {

/// Says all notes on standard error, one a line, with `where` in front: what may have lost a measured value
/// as a warning, which --quiet does not silence.
void tell(const std::vector<io::Note>& notes, const std::string& where, cli::Context& context);

/// What is told of an import, and kept in its file.
class Told {
 public:
  explicit Told(cli::Context& context) : context_(context) {}
  void say(const std::string& where, const std::string& text) { tell(where, {text, true}); }
  void warn(const std::string& where, const std::string& text) { tell(where, {text, false}); }
  void tell(const std::string& where, const io::Note& note);
  /// In an order that does not depend on that of the files, each once.
  [[nodiscard]] std::vector<std::string> kept() &&;
  [[nodiscard]] cli::Context& context() { return context_; }

 private:
  cli::Context& context_;
  std::vector<std::string> kept_;
};

/// The paths, with the files in a folder in place of it, in their natural order: those whose names are
/// `wanted`. Throws InputError, "PATH: NOTHING", for a folder without any.
std::vector<std::string> files_of(const std::vector<std::string>& paths,
                                  const std::function<bool(const std::string& name)>& wanted,
                                  const std::string& nothing);

/// The name of a file without its folder, ending and .gz: "heater 3" of "sweeps/heater 3.csv.gz"; of a folder
/// its own.
std::string file_stem(const std::string& path);

}  // namespace pnn::app
