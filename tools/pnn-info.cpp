// Says what a file is: who made it, from what, with which settings; what it holds; whether it is whole.
// Reads any file of the toolchain; writes text, JSON or CSV to standard output.
#include "pnn/cli/tool.hpp"
#include "pnn/core/printable.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/checks.hpp"
#include "pnn/io/inspect.hpp"

namespace {

using namespace pnn;

struct InfoOptions {
  std::string file, csv;
  bool validate = false, formats = false, truth = false;

  void describe(Options& o) {
    o.positional_input("FILE", file, "a file of any filetype").required = false;
    o.text("csv", csv, "DATASET", "print one dataset as CSV: the indices along its axes, and the value");
    o.flag("validate", validate,
           "check the whole file; every complaint on a line, exit status 2 if there are any");
    o.flag("truth", truth, "show the hidden values of virtual devices too, which no method may use");
    o.flag("formats", formats, "print the documentation of the file formats (Markdown)");
  }
};

std::string text_of(const io::Entry& entry) {
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

void describe(const io::Summary& summary, cli::Report& report) {
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
        {printable(e.path), io::shape_text(e.shape), e.type, printable(e.units), printable(text_of(e))});
}

void run(InfoOptions& options, cli::Context& context) {
  cli::Report& report = context.report();
  if (options.formats) {
    report.headline(io::format_documentation());
    report.value("markdown", io::format_documentation());
    return;
  }
  if (options.file.empty()) throw UsageError("FILE: expected a file to describe (or --formats), found none");
  const io::Truth truth = options.truth ? io::Truth::shown : io::Truth::hidden;
  if (options.validate) {
    const std::vector<std::string> complaints = io::validate(options.file);
    for (const std::string& complaint : complaints) context.warn(options.file + ": " + complaint);
    if (!complaints.empty())
      throw InputError(options.file + ": " + std::to_string(complaints.size()) +
                       " complaints; make it again");
    report.headline(options.file + ": whole");
    report.value("whole", "yes");
    return;
  }
  if (!options.csv.empty()) {
    std::string csv = io::dataset_csv(options.file, options.csv, truth);
    csv.pop_back();  // a headline ends its line itself
    report.headline(csv);
    report.value("csv", csv);
    return;
  }
  const io::Summary summary = io::inspect(options.file, truth);
  describe(summary, report);
  report.json("file", io::summary_json(summary));
}

}  // namespace

int main(int argc, char** argv) {
  const cli::ToolInfo info{
      "pnn-info",
      "say what a file is, where it comes from and whether it is whole",
      "any file",
      "text, JSON or CSV on standard output",
      "",
      "pnn-info params.h5        # method, ancestors, cost in device calls, heater power, datasets"};
  return cli::run_tool<InfoOptions>(argc, argv, info, run);
}
