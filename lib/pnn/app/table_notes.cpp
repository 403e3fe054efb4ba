#include "pnn/app/table_notes.hpp"

#include <filesystem>

namespace pnn::app {

void tell(const std::vector<io::Note>& notes, const std::string& where, cli::Context& context) {
  for (const io::Note& note : notes) {
    const std::string line = where + ": " + note.text;
    note.harmless ? context.progress().say(line) : context.warn(line);
  }
}

std::string file_stem(const std::string& path) {
  const std::filesystem::path whole(path);
  std::filesystem::path name = whole.has_filename() ? whole.filename() : whole.parent_path().filename();
  if (name.extension() == ".gz") name = name.stem();
  return name.stem().string();
}

}  // namespace pnn::app
