// Which real data, in which form?
#include <filesystem>

#include "pnn/app/table_notes.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/io/import.hpp"
#include "pnn/io/records.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-data",
    .summary = "make a data set from real data",
    .reads = "CSV or IDX",
    .writes = "dataset",
    .details = R"(
Sources: csv FILE (a table with a header line); idx (--train-images and so on, plain or .gz); fashion-mnist
(Debian's package dataset-fashion-mnist); mnist --dir D (scripts/fetch-mnist); iris (Fisher's, built in). A
validation set is taken from the training samples, and a test set too where the source has none, by the seed.
)",
    .example = "pnn-data fashion-mnist --pool 4 -o fashion.h5        # 7x7 pictures, 55000 + 5000 + 10000",
    .see_also =
        "pnn-fabricate and pnn-fit --model nominal, which make the network for it (--inputs); "
        "data/README.md"};

/// Where samples come from.
enum class Source { csv, idx, fashion_mnist, mnist, iris };
constexpr auto words_of(Source) {
  using enum Source;
  return std::to_array<Word<Source>>(
      {{csv, "csv"}, {idx, "idx"}, {fashion_mnist, "fashion-mnist"}, {mnist, "mnist"}, {iris, "iris"}});
}

struct DataOptions {
  std::string source, table, label_column = "label", folder, output;
  io::IdxPaths idx;
  io::ImportSettings settings;

  void describe(Options& o) {
    Option& word = o.choice("SOURCE", source, word_names<Source>(), "where the samples come from");
    word.positional = word.required = true;
    o.positional_input("FILE", table, "csv: the table").required = false;
    o.text("label-column", label_column, "NAME", "csv: the column that holds the class");
    o.input("train-images", idx.train_images, "idx: training pictures, plain or .gz");
    o.input("train-labels", idx.train_labels, "idx: their labels");
    o.input("test-images", idx.test_images, "idx: test pictures");
    o.input("test-labels", idx.test_labels, "idx: their labels");
    o.text("dir", folder, "D", "mnist, fashion-mnist: folder with the four IDX files").role =
        Option::Role::input;
    settings.describe(o);
    o.output(output);
  }
};

std::string stem(const std::string& path) {
  return path == "-" ? "table" : std::filesystem::path(path).stem().string();
}

io::RawData read_table(const DataOptions& options, cli::Context& context) {
  if (options.table.empty())
    throw UsageError("FILE: pnn-data csv expects a table, as in pnn-data csv wine.csv --label-column class");
  const io::Table table = io::read_table(options.table);
  if (options.table != "-") context.parent("table", "csv", table.hash, {});
  app::tell(table.notes, table.path, context);
  return io::import_csv(table, options.label_column, stem(options.table));
}

io::RawData read_pictures(const io::IdxPaths& paths, std::vector<std::string> classes,
                          const std::string& name, cli::Context& context) {
  if (paths.train_images.empty() || paths.train_labels.empty())
    throw UsageError("--train-images, --train-labels: pnn-data idx expects both");
  if (paths.test_images.empty() != paths.test_labels.empty())
    throw UsageError("--test-images, --test-labels: expected both or neither");
  io::RawData raw = io::import_idx(paths, std::move(classes), name);
  const std::pair<const char*, const std::string*> files[] = {{"train-images", &paths.train_images},
                                                              {"train-labels", &paths.train_labels},
                                                              {"test-images", &paths.test_images},
                                                              {"test-labels", &paths.test_labels}};
  for (const auto& [role, path] : files)
    if (!path->empty()) context.parent(role, "idx", io::content_hash(*path), {});
  return raw;
}

/// The files that were found in a folder are inputs like those of the command line, which no output replaces.
io::RawData read_folder(const io::IdxPaths& paths, std::vector<std::string> classes, DataOptions& options,
                        cli::Context& context) {
  options.idx = paths;
  context.check_output(options.output);
  return read_pictures(options.idx, std::move(classes), options.source, context);
}

io::RawData read_source(DataOptions& options, cli::Context& context) {
  const Source source = read_word<Source>(options.source).value();
  if (!options.table.empty() && source != Source::csv)
    throw UsageError("FILE: only pnn-data csv takes a file by place, found \"" + options.table + "\" after " +
                     options.source);
  const std::string& folder = options.folder;
  switch (source) {
    case Source::csv:
      return read_table(options, context);
    case Source::iris:
      return io::import_csv(io::parse_table(io::iris_csv(), "iris.csv"), "species", "iris");
    case Source::idx:
      return read_pictures(options.idx, {}, "idx", context);
    case Source::mnist:
      return read_folder(io::find_mnist(folder.empty() ? "data/mnist" : folder), {}, options, context);
    case Source::fashion_mnist:
      return read_folder(io::find_fashion_mnist(folder.empty() ? io::fashion_mnist_folder : folder),
                         io::fashion_mnist_classes(), options, context);
  }
  throw InternalError("every source has a reader");
}

void run(DataOptions& options, cli::Context& context) {
  const network::Dataset data =
      io::make_dataset(read_source(options, context), options.settings, context.seed());
  io::write_dataset(options.output, data, context.provenance());
  cli::Report& report = context.report();
  report.headline(data.name + ": inputs " + data.shape.to_string() + ", " +
                  std::to_string(data.classes.size()) + " classes");
  report.columns({"split", "samples"});
  const std::pair<const char*, const network::Split*> splits[] = {
      {"train", &data.train}, {"validation", &data.validation}, {"test", &data.test}};
  report.value("name", data.name);
  report.value("inputs", data.shape.to_string());
  report.value("classes", data.classes);
  for (const auto& [name, split] : splits) {
    report.row({name, std::to_string(split->size())});
    report.value(name, static_cast<std::int64_t>(split->size()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<DataOptions>(argc, argv, about, run);
}
