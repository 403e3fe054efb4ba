// Which real data, in which form?
#include <algorithm>
#include <span>

#include "pnn/app/data_source.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/import.hpp"
#include "pnn/io/records.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-data",
    .summary = "make a data set from real data",
    .reads = "CSV, IDX, NumPy or PNG",
    .writes = "dataset",
    .details = R"(
Sources: csv FILE (a table with a header line); idx (--train-images and so on: IDX, plain or .gz, or .npy); npy
FILE (an archive of NumPy with x_train, y_train, x_test, y_test); png --dir D (a folder for each class, or train
and test with these in them); fashion-mnist (Debian's package dataset-fashion-mnist); mnist --dir D
(scripts/fetch-mnist); cifar10 --dir D (scripts/fetch-cifar10); iris (Fisher's, built in).

The classes are the labels that occur; 1 and 1.0 are one. With --regression labels are values of a quantity, or
of several (--targets), and pnn-train learns them by least squares; they are scaled by their mean and deviation
in training, which the file keeps, and errors are told in their own units. A column that numbers the samples is refused until
--ignore or --features says what it is. Pictures of EMNIST need --transpose. A validation set is taken from the
training samples, and a test set too where the source has none, by the seed.
)",
    .example = "pnn-data fashion-mnist --pool 4 -o fashion.h5        # 7x7 pictures, 55000 + 5000 + 10000",
    .see_also =
        "pnn-fabricate and pnn-fit --model nominal, which make the network for it (--inputs); "
        "data/README.md"};

struct DataOptions {
  app::DataSource source;
  io::ImportSettings settings;
  std::string output;

  void describe(Options& o) {
    source.describe(o);
    settings.describe(o);
    o.output(output);
  }
};

std::string first_of(const std::vector<std::string>& names) {
  constexpr std::size_t most_told = 10;
  const auto told = std::span(names).first(std::min(names.size(), most_told));
  return join(told, ", ") + (told.size() < names.size() ? ", …" : "");
}

/// "3 classes (a, b, c)", or "1 target (detuning (pm) = 3.2 + 41 times an output)"
std::string learned(const network::Dataset& data) {
  if (data.targets.empty())
    return std::to_string(data.classes.size()) + " classes (" + first_of(data.classes) + ")";
  std::vector<std::string> targets;
  for (const network::Target& t : data.targets)
    targets.push_back(t.mean == 0 && t.scale == 1 ? t.name
                                                  : t.name + " = " + format_short(t.mean, 5) + " + " +
                                                        format_short(t.scale, 5) + " times an output");
  return std::to_string(targets.size()) + (targets.size() == 1 ? " target (" : " targets (") +
         first_of(targets) + ")";
}

void run(DataOptions& options, cli::Context& context) {
  io::RawData raw = options.source.read(options.settings, options.output, context);
  const std::string scaling = io::scaling_text(raw, options.settings);
  const auto missing = std::int64_t(raw.missing);
  const network::Dataset data = io::make_dataset(std::move(raw), options.settings, context.seed());
  io::write_dataset(options.output, data, context.provenance());
  cli::Report& report = context.report();
  report.headline(data.name + ": inputs " + data.shape.to_string() + ", " + learned(data) + "; " + scaling);
  report.columns({"split", "samples"});
  const std::pair<const char*, const network::Split*> splits[] = {
      {"train", &data.train}, {"validation", &data.validation}, {"test", &data.test}};
  report.value("name", data.name);
  report.value("inputs", data.shape.to_string());
  if (data.targets.empty()) {
    report.value("classes", data.classes);
  } else {
    std::vector<std::string> names;
    std::vector<double> means, scales;
    for (const network::Target& t : data.targets)
      names.push_back(t.name), means.push_back(t.mean), scales.push_back(t.scale);
    report.value("targets", names);
    report.value("target_mean", means);
    report.value("target_scale", scales);
  }
  report.value("scaling", scaling);
  report.value("replaced", missing);
  for (const auto& [name, split] : splits) {
    report.row({name, std::to_string(split->size())});
    report.value(name, static_cast<std::int64_t>(split->size()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<DataOptions>(argc, argv, about, run);
}
