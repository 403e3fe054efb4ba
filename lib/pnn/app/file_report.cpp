#include "pnn/app/file_report.hpp"

#include "pnn/core/printable.hpp"

#include "pnn/core/text.hpp"
#include "pnn/io/checks.hpp"

namespace pnn::app {
namespace {

/// The values of a dataset in a few words.
std::string values_text(const io::Entry& entry) {
  if (entry.hidden) return "hidden";
  if (entry.type == "text") {
    constexpr std::size_t width = 60;
    const std::string all = join(entry.texts, ", ");
    return all.size() <= width ? all : std::to_string(entry.texts.size()) + " texts";
  }
  if (entry.count == 0) return entry.missing > 0 ? "all missing" : "empty";
  if (entry.min == entry.max) return format_short(entry.min, 6);
  return format_short(entry.min) + " … " + format_short(entry.max) + ", mean " + format_short(entry.mean) +
         (entry.missing > 0 ? ", " + std::to_string(entry.missing) + " missing" : "");
}

}  // namespace

void report_file(const io::Summary& summary, cli::Report& report) {
  const auto line = [&](const std::string& text) { report.headline(printable(text)); };
  line(summary.filetype + ": " + summary.description);
  line("made by   " + summary.header.creator + ", seed " + std::to_string(summary.header.seed) + ", format " +
       std::to_string(summary.major) + "." + std::to_string(summary.minor));
  line("command   " + summary.header.command);
  line("content   " + summary.hash + ", " + std::to_string(summary.bytes) + " bytes");
  for (const Parent& p : summary.header.parents)
    line("from      " + p.role + ": " + p.filetype + " " + p.hash);
  for (const std::string& ancestor : summary.header.history) line("history   " + ancestor);
  line("");
  for (const io::Fact& fact : summary.facts) line(fact.name + ": " + fact.value);
  line("");
  report.columns({"dataset", "shape", "type", "units", "values"});
  for (const io::Entry& e : summary.entries)
    report.row(
        {printable(e.path), io::shape_text(e.shape), e.type, printable(e.units), printable(values_text(e))});
  report.json("file", io::summary_json(summary));
}

}  // namespace pnn::app
