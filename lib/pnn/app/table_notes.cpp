#include "pnn/app/table_notes.hpp"

namespace pnn::app {

void tell(const std::vector<io::Note>& notes, const std::string& where, cli::Context& context) {
  for (const io::Note& note : notes) {
    const std::string line = where + ": " + note.text;
    note.harmless ? context.progress().say(line) : context.warn(line);
  }
}

}  // namespace pnn::app
