#include "pnn/app/table_notes.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/natural_order.hpp"

namespace pnn::app {

void tell(const std::vector<io::Note>& notes, const std::string& where, cli::Context& context) {
  for (const io::Note& note : notes) {
    const std::string line = where + ": " + note.text;
    note.harmless ? context.progress().say(line) : context.warn(line);
  }
}

void Told::tell(const std::string& where, const io::Note& note) {
  app::tell({note}, where, context_);
  kept_.push_back(note.text);
}

std::vector<std::string> Told::kept() && {
  std::sort(kept_.begin(), kept_.end());
  kept_.erase(std::unique(kept_.begin(), kept_.end()), kept_.end());
  return std::move(kept_);
}

std::vector<std::string> files_of(const std::vector<std::string>& paths,
                                  const std::function<bool(const std::string& name)>& wanted,
                                  const std::string& nothing) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> inside;
    for (const fs::directory_entry& entry : fs::directory_iterator(path, error))
      if (entry.is_regular_file(error) && wanted(entry.path().filename().string()))
        inside.push_back(entry.path().string());
    if (inside.empty()) throw InputError(path + ": " + nothing);
    std::sort(inside.begin(), inside.end(), natural_less);
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

std::string file_stem(const std::string& path) {
  const std::filesystem::path whole(path);
  std::filesystem::path name = whole.has_filename() ? whole.filename() : whole.parent_path().filename();
  if (name.extension() == ".gz") name = name.stem();
  return name.stem().string();
}

}  // namespace pnn::app
