// Makes data sets from tables, from arrays (IDX, NumPy), and from the well-known public sets.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "pnn/core/options.hpp"
#include "pnn/io/feature_columns.hpp"
#include "pnn/io/table.hpp"
#include "pnn/network/dataset.hpp"

namespace pnn::io {

/// What becomes of the targets of a regression.
enum class TargetScale { standard, none };
constexpr auto words_of(TargetScale) {
  using enum TargetScale;
  return std::to_array<Word<TargetScale>>(
      {{standard, "standard", "gives each mean 0 and deviation 1 in training, for outputs of limited range"},
       {none, "none", "keeps the values"}});
}

/// Samples as they were read, before they are split.
struct RawData {
  std::string name;
  network::Shape shape;
  std::vector<std::string> classes;
  /// Instead of classes: what the columns of Split::targets are, with the means that were taken off, so that
  /// no digit of a large number with small changes is lost in a float.
  std::vector<network::Target> targets = {};
  TargetScale target_scale = TargetScale::standard;
  network::Split train, validation, test;  ///< if validation or test is empty, it is taken from train
  bool pictures = false;                   ///< one scale for all values; otherwise each feature has its own
  double white = 255;       ///< of pictures: the value that is 1 where 0 is 0; 0: their range in training is
  std::size_t missing = 0;  ///< values that are NaN, to be replaced by a mean
  std::vector<Note> notes = {};  ///< what was passed over or taken for something
};

/// What becomes of the values of a data set.
enum class Normalization { minmax, standard, power, none };
constexpr auto words_of(Normalization) {
  using enum Normalization;
  return std::to_array<Word<Normalization>>(
      {{minmax, "minmax",
        "to 0..1 (grey levels by 255, pictures of other types by their range in training, features each by "
        "its "
        "range in training, clipped; amplitudes by the largest modulus in training)"},
       {standard, "standard", "to mean 0 and deviation 1: each feature, or each colour of pictures"},
       {power, "power", "gives each sample of amplitudes unit power"},
       {none, "none", "keeps the values"}});
}

/// How data are prepared.
struct ImportSettings {
  std::string
      shape;  ///< "HxW" or "CxHxW": features are the pixels of such pictures, row by row; "": they are not
  bool transpose = false;  ///< swap height and width of pictures, in which EMNIST's files differ from MNIST's
  int pool = 1;            ///< size of the square over which pixels are averaged
  Normalization normalize = Normalization::minmax;
  int fft_crop = 0;         ///< K: keep the K×K lowest spatial frequencies as a field; 0: keep the pictures
  std::uint64_t limit = 0;  ///< training samples; 0: all
  std::uint64_t test_limit = 0;
  double validation_fraction = 1.0 / 12;  ///< share of the training samples; of MNIST's 60 000 they are 5000
  double test_fraction = 0.2;             ///< share of all samples, if the source has no test set
  void describe(Options& options);
};

/// What becomes of values that a table lacks: empty cells, and words such as NaN, NA, ? and none.
enum class Missing { refuse, drop, mean };
constexpr auto words_of(Missing) {
  using enum Missing;
  return std::to_array<Word<Missing>>({{refuse, "refuse", "the table"},
                                       {drop, "drop", "leaves the sample out"},
                                       {mean, "mean", "takes the mean of the feature in training"}});
}

/// How a table is read as samples.
struct TableSettings {
  std::string label_column = "label";
  ColumnChoice columns = {};
  Missing missing = Missing::refuse;
  bool complex = false;  ///< columns are real and imaginary parts of amplitudes, or hold both ("0.1-2j")
  bool pixels = false;   ///< columns whose names differ in a number alone stand in the order of these numbers
  bool regression = false;  ///< the label is no class but the value of a quantity
  std::vector<std::string> targets =
      {};  ///< regression: columns instead of the label's, as ColumnChoice has them
};

/// Takes off the training samples' means from targets [n, k], which become `split.targets`; `names` are their
/// names. Other samples lose the means of training, which `raw.targets` holds.
void take_targets(const Matrix<double>& values, const std::vector<std::string>& names, RawData& raw,
                  network::Split& split);

/// A table as samples, one a row; the classes are those of classes.hpp, the features those of
/// feature_columns.hpp. `test`, if given, has columns of the same names with the test samples. With `complex`
/// the features are a field: columns pair by names such as "x_re" and "x_im", "re(x)" and "im(x)", in the
/// order of their first. Throws InputError with path and line.
RawData import_csv(const Table& table, const TableSettings& settings, const std::string& name,
                   const Table* test = nullptr);

/// The order of the axes of colour pictures.
enum class Axes { automatic, nchw, nhwc };
constexpr auto words_of(Axes) {
  using enum Axes;
  return std::to_array<Word<Axes>>(
      {{automatic, "auto",
        "takes a last axis of 1, 3 or 4 for the colours where the second is none, and says so"},
       {nchw, "nchw", "is [sample, colour, height, width]"},
       {nhwc, "nhwc", "is [sample, height, width, colour]"}});
}

/// How arrays are read as samples.
struct ArraySettings {
  Axes axes = Axes::automatic;
  /// Names of arrays in an archive by what they are: x_train, y_train, x_val, y_val, x_test, y_test.
  std::map<std::string, std::string> arrays = {};
  bool regression = false;  ///< the labels, [n] or [n, targets], are no classes but values of quantities
};

/// The paths of four files: pictures [n, height, width] or [n, channels, height, width], or features [n, k],
/// and labels [n]; IDX or .npy, as their first bytes say.
struct IdxPaths {
  std::string train_images, train_labels, test_images, test_labels;
};
/// Such files as samples. If `classes` is empty, they are those of classes.hpp. Complex numbers are a field.
/// Throws InputError if the sizes of the files do not match or a label has no class.
RawData import_idx(const IdxPaths& paths, std::vector<std::string> classes, const std::string& name,
                   const ArraySettings& settings = {});

/// An archive of NumPy as samples, likewise: x_train, y_train, x_test and y_test; train_images, train_labels
/// and so on, with val_images for validation; or x and y alone; or as `settings.arrays` says.
RawData import_npz(const std::string& path, const std::string& name, const ArraySettings& settings);

/// Finds the four files in a folder under their customary names, with or without .gz. `what_to_do` is
/// appended to the message about a missing file.
IdxPaths find_idx(const std::string& folder, const std::string& what_to_do);
/// The folder of Debian's package dataset-fashion-mnist.
inline constexpr const char* fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";
IdxPaths find_fashion_mnist(const std::string& folder);
IdxPaths find_mnist(const std::string& folder);
std::vector<std::string> fashion_mnist_classes();

/// Fisher's iris data (R. A. Fisher, Annals of Eugenics 7, 179, 1936) as CSV, compiled in from data/iris.csv.
std::string iris_csv();

/// Adds a note where one in a hundred test samples of the source, or more, has the values of a training
/// sample.
void tell_shared_samples(RawData& raw);

/// Splits, pools, normalises, limits and transforms samples. Test and validation samples are chosen by a
/// permutation that `seed` addresses. A limit keeps the beginning of such a permutation, so that a smaller
/// limit is a subset of a larger one; samples keep their order. Normalisation uses the training samples
/// alone: `minmax` maps 0…white, or the range in training of each feature or of all pixels, to 0…1 and clips
/// values outside, since signals are optical powers; of a field it divides all by the largest modulus in
/// training. `standard` gives mean 0 and standard deviation 1 (for each feature, or for each channel of
/// pictures over all its pixels); `power` divides each sample of a field by its norm; `none` keeps the
/// values. With `fft_crop` each picture becomes a field of unit power (network/spectrum). A value that is
/// NaN, where raw.missing says so, becomes the mean of the feature in training. Targets are scaled as
/// raw.target_scale says, by the training samples alone; InputError if one has the same value in all of them.
/// Throws UsageError if the settings do not fit the data.
network::Dataset make_dataset(RawData raw, const ImportSettings& settings, std::uint64_t seed);

/// What make_dataset does to the values of such data, for people: "values 0 to 255 become 0 to 1".
std::string scaling_text(const RawData& raw, const ImportSettings& settings);

}  // namespace pnn::io
