// What is this file, where does it come from, and is it whole?
#include "pnn/app/file_report.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/io/checks.hpp"
#include "pnn/io/inspect.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-info",
    .summary = "say what a file is, where it comes from and whether it is whole",
    .reads = "any file of the toolchain",
    .writes = "text, JSON or CSV on standard output",
    .details = R"(
Tells who made the file, from which inputs, with which settings and seed, what it holds and what it cost. What
virtual devices hide is shown with --truth alone.
)",
    .example = "pnn-info params.h5        # method, ancestors, cost in device calls, heater power, datasets",
    .see_also =
        "pnn-info --formats, which documents every filetype; scripts/README.md for pictures of files"};

struct InfoOptions {
  std::string file, csv;
  bool validate = false, formats = false, truth = false;

  void describe(Options& o) {
    o.positional_input("FILE", file, "a file of any filetype").required = false;
    o.text("csv", csv, "DATASET",
           "print one dataset as CSV: the indices along its axes, and the value (pnn-export has names in "
           "place of indices)");
    o.flag("validate", validate,
           "check the whole file; every complaint on a line, exit status 2 if there are any");
    o.flag("truth", truth, "show the hidden values of virtual devices too, which no method may use");
    o.flag("formats", formats, "print the documentation of the file formats (Markdown)");
  }
};

void validate(const std::string& file, cli::Context& context) {
  const std::vector<std::string> complaints = io::validate(file);
  for (const std::string& complaint : complaints) context.warn(file + ": " + complaint);
  if (!complaints.empty())
    throw InputError(file + ": " + std::to_string(complaints.size()) + " complaints; make it again");
  context.report().headline(file + ": whole");
  context.report().value("whole", "yes");
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
  if (options.validate) return validate(options.file, context);
  if (!options.csv.empty()) {
    std::string csv = io::dataset_csv(options.file, options.csv, truth);
    csv.pop_back();  // a headline ends its line itself
    report.headline(csv);
    report.value("csv", csv);
    return;
  }
  app::report_file(io::inspect(options.file, truth), report);
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<InfoOptions>(argc, argv, about, run);
}
