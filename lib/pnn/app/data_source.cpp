#include "pnn/app/data_source.hpp"

#include <algorithm>
#include <filesystem>
#include <initializer_list>

#include "pnn/app/table_notes.hpp"
#include "pnn/app/training_data.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/cifar10.hpp"
#include "pnn/io/hash.hpp"
#include "pnn/io/picture_folder.hpp"

namespace pnn::app {
namespace {

/// Where samples come from.
enum class Source { csv, idx, npy, png, fashion_mnist, mnist, cifar10, iris };
constexpr auto words_of(Source) {
  using enum Source;
  return std::to_array<Word<Source>>({{csv, "csv"},
                                      {idx, "idx"},
                                      {npy, "npy"},
                                      {png, "png"},
                                      {fashion_mnist, "fashion-mnist"},
                                      {mnist, "mnist"},
                                      {cifar10, "cifar10"},
                                      {iris, "iris"}});
}

/// The last part of a path without its ending, in words that name no place.
std::string name_of(const std::string& path) {
  return path == "-" ? "table" : file_stem(path);
}

/// "x_train=arr_0" by role.
std::map<std::string, std::string> roles_of(const std::vector<std::string>& texts) {
  const std::vector<std::string> roles = {"x_train", "y_train", "x_val", "y_val", "x_test", "y_test"};
  std::map<std::string, std::string> out;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    const std::string role = text.substr(0, equals);
    if (equals == std::string::npos || std::find(roles.begin(), roles.end(), role) == roles.end())
      throw UsageError("--array " + text + ": expected ROLE=NAME, the role one of " + join(roles, ", ") +
                       did_you_mean(role, roles));
    if (!out.emplace(role, text.substr(equals + 1)).second)
      throw UsageError("--array " + text + ": " + role + " is given twice");
  }
  return out;
}

}  // namespace

void DataSource::describe(Options& o) {
  Option& word = o.choice("SOURCE", source, word_names<Source>(), "where the samples come from");
  word.positional = word.required = true;
  o.positional_input("FILE", file, "csv, npy: the table or the archive").required = false;
  // an option of other sources than the chosen one acts on nothing
  const auto only_for = [&](Option& option, std::initializer_list<Source> sources) {
    option.idle = [this, among = std::vector<Source>(sources)]() -> std::string {
      std::vector<std::string> names;
      for (const Source one : among) names.push_back("pnn-data " + word_of(one));
      const bool acts =
          std::any_of(among.begin(), among.end(), [&](Source s) { return word_of(s) == source; });
      return acts ? "" : "it is about " + join(names, " and ");
    };
  };
  const auto added = [&](Option& option, std::initializer_list<Source> sources) {
    option.later = true;
    only_for(option, sources);
  };
  only_for(o.text("label-column", table.label_column, "NAME", "csv: the column that holds the class"),
           {Source::csv});
  added(o.list("features", table.columns.features, "NAMES",
               "csv: the columns that are features, by name, pattern (x*) or range (x0:x63); all others are "
               "ignored"),
        {Source::csv});
  added(o.list("ignore", table.columns.ignore, "NAMES", "csv: columns that are no features, likewise"),
        {Source::csv});
  added(o.choice("missing", table.missing, "csv: what becomes of values that are missing"), {Source::csv});
  added(o.flag("complex", table.complex,
               "csv: features are amplitudes, in pairs of columns such as x_re and x_im or in cells such as "
               "0.1-2j"),
        {Source::csv});
  added(
      o.flag("regression", regression,
             "csv, idx, npy: labels are no classes but values of quantities, the targets of --task regress"),
      {Source::csv, Source::idx, Source::npy});
  const auto of_regression = [&](Option& option, std::initializer_list<Source> sources) {
    added(option, sources);
    option.idle = [this, other = option.idle]() -> std::string {
      const std::string why = other();
      return why.empty() && !regression ? "it is about --regression, which is not given" : why;
    };
  };
  of_regression(o.list("targets", table.targets, "NAMES",
                       "csv: columns of targets, likewise, in place of --label-column"),
                {Source::csv});
  of_regression(o.choice("scale-targets", target_scale, "csv, idx, npy: what becomes of targets"),
                {Source::csv, Source::idx, Source::npy});
  const auto array_file = [&](const char* name, std::string& path, const char* help) {
    only_for(o.input(name, path, help), {Source::idx, Source::npy});
  };
  array_file("train-images", idx.train_images,
             "idx, npy: training pictures or features (IDX, plain or .gz, or .npy)");
  array_file("train-labels", idx.train_labels, "idx, npy: their labels");
  array_file("test-images", idx.test_images, "idx, npy: test pictures");
  array_file("test-labels", idx.test_labels, "idx, npy: their labels");
  added(o.choice("axes", array.axes, "idx, npy: the order of the axes of colour pictures"),
        {Source::idx, Source::npy});
  added(o.list("array", arrays, "ROLE=NAME",
               "npy: the array of an archive that is x_train, y_train, x_val, y_val, x_test or y_test"),
        {Source::npy});
  only_for(o.input("test", test, "csv: a table of test samples; png: a folder of test pictures"),
           {Source::csv, Source::png});
  Option& dir = o.text(
      "dir", folder, "D",
      "mnist, fashion-mnist: folder with the four IDX files; cifar10: with its pictures and labels; png: "
      "with a folder for each class");
  dir.role = Option::Role::input;
  only_for(dir, {Source::mnist, Source::fashion_mnist, Source::cifar10, Source::png});
}

io::RawData DataSource::read_table(const io::ImportSettings& settings, cli::Context& context) {
  if (file.empty())
    throw UsageError("FILE: pnn-data csv expects a table, as in pnn-data csv wine.csv --label-column class");
  table.pixels = !settings.shape.empty();
  const auto read = [&](const std::string& path, const char* role) {
    io::Table found = io::read_table(path);
    if (path != "-") context.parent(role, "csv", found.hash, {});
    tell(found.notes, found.path, context);
    return found;
  };
  const io::Table training = read(file, "table");
  if (std::find(table.columns.ignore.begin(), table.columns.ignore.end(), table.label_column) !=
      table.columns.ignore.end())
    throw UsageError("--ignore " + table.label_column +
                     ": this is the column of the labels (--label-column)");
  if (test.empty()) return io::import_csv(training, table, name_of(file));
  const io::Table own = read(test, "test");
  std::vector<std::string> more;
  for (const std::string& name : own.header)
    if (std::find(training.header.begin(), training.header.end(), name) == training.header.end())
      more.push_back(name);
  if (!more.empty())
    tell({{"columns that " + training.path + " does not have are ignored: " + join(more, ", "), true}},
         own.path, context);
  return io::import_csv(training, table, name_of(file), &own);
}

io::RawData DataSource::read_pair(std::vector<std::string> classes, const std::string& name,
                                  cli::Context& context) {
  if (idx.train_images.empty() || idx.train_labels.empty())
    throw UsageError("--train-images, --train-labels: pnn-data " + name + " expects both");
  if (idx.test_images.empty() != idx.test_labels.empty())
    throw UsageError("--test-images, --test-labels: expected both or neither");
  io::RawData raw = io::import_idx(idx, std::move(classes), name, array);
  const std::pair<const char*, const std::string*> files[] = {{"train-images", &idx.train_images},
                                                              {"train-labels", &idx.train_labels},
                                                              {"test-images", &idx.test_images},
                                                              {"test-labels", &idx.test_labels}};
  for (const auto& [role, path] : files)
    if (!path->empty()) context.parent(role, "idx", io::content_hash(*path), {});
  return raw;
}

io::RawData DataSource::read(const io::ImportSettings& settings, const std::string& output,
                             cli::Context& context) {
  const Source from = read_word<Source>(source).value();
  table.regression = array.regression = regression;
  if (!table.targets.empty()) refuse_asked({"label-column"}, "--targets names what is learned", context);
  if (!file.empty() && from != Source::csv && from != Source::npy)
    throw UsageError("FILE: only pnn-data csv and pnn-data npy take a file by place, found \"" + file +
                     "\" after " + source);
  // files that were found in a folder are inputs like those of the command line, which no output replaces
  const auto read_found = [&](const io::IdxPaths& found, std::vector<std::string> classes) {
    idx = found;
    context.check_output(output);
    return read_pair(std::move(classes), source, context);
  };
  const auto read_all = [&]() -> io::RawData {
    switch (from) {
      case Source::csv:
        return read_table(settings, context);
      case Source::iris:
        return io::import_csv(io::parse_table(io::iris_csv(), "iris.csv"), {"species"}, "iris");
      case Source::npy:
        if (file.empty()) {
          if (!arrays.empty()) throw UsageError("--array: it is about an archive, and no FILE is named");
          return read_pair({}, "npy", context);
        }
        if (!idx.train_images.empty() || !idx.train_labels.empty() || !idx.test_images.empty() ||
            !idx.test_labels.empty())
          throw UsageError("FILE: expected an archive, or files of --train-images and so on, found both");
        array.arrays = roles_of(arrays);
        context.parent("archive", "npz", io::content_hash(file), {});
        return io::import_npz(file, name_of(file), array);
      case Source::png: {
        if (folder.empty())
          throw UsageError(
              "--dir: pnn-data png expects a folder that holds a folder of pictures for each class");
        std::string hash;
        io::RawData raw = io::import_pictures(folder, test, name_of(folder), hash);
        context.parent("pictures", "png", hash, {});
        return raw;
      }
      case Source::idx:
        return read_pair({}, "idx", context);
      case Source::mnist:
        return read_found(io::find_mnist(folder.empty() ? "data/mnist" : folder), {});
      case Source::cifar10: {
        const std::string where = folder.empty() ? "data/cifar10" : folder;
        for (const std::string& path : io::cifar10_files(where)) {
          std::error_code absent;
          if (std::filesystem::equivalent(path, output, absent))
            throw UsageError(output + ": is one of the files that are read; choose another name");
        }
        std::string hash;
        io::RawData raw = io::import_cifar10(where, hash);
        context.parent("pictures", "png", hash, {});
        return raw;
      }
      case Source::fashion_mnist:
        return read_found(io::find_fashion_mnist(folder.empty() ? io::fashion_mnist_folder : folder),
                          io::fashion_mnist_classes());
    }
    throw InternalError("every source has a reader");
  };
  io::RawData raw = read_all();
  raw.target_scale = target_scale;
  if (raw.test.size() > 0) refuse_asked({"test-fraction"}, "the source has test samples of its own", context);
  if (raw.validation.size() > 0)
    refuse_asked({"validation-fraction"}, "the source has validation samples of its own", context);
  io::tell_shared_samples(raw);
  tell(raw.notes, file.empty() ? raw.name : file, context);
  return raw;
}

}  // namespace pnn::app
