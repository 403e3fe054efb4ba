// Makes data sets from tables, from IDX files, and from the well-known public sets.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "pnn/core/options.hpp"
#include "pnn/io/table.hpp"
#include "pnn/network/dataset.hpp"

namespace pnn::io {

/// Samples as they were read, before they are split.
struct RawData {
  std::string name;
  network::Shape shape;
  std::vector<std::string> classes;
  network::Split train, test;  ///< if test is empty, test samples are taken from train
  bool pictures = false;  ///< values are grey levels 0…255; otherwise each feature has a scale of its own
};

/// What becomes of the values of a data set.
enum class Normalization { minmax, standard, none };
constexpr auto words_of(Normalization) {
  using enum Normalization;
  return std::to_array<Word<Normalization>>({{minmax, "minmax"}, {standard, "standard"}, {none, "none"}});
}

/// How data are prepared.
struct ImportSettings {
  int pool = 1;  ///< size of the square over which pixels are averaged
  Normalization normalize = Normalization::minmax;
  int fft_crop = 0;         ///< K: keep the K×K lowest spatial frequencies as a field; 0: keep the pictures
  std::uint64_t limit = 0;  ///< training samples; 0: all
  std::uint64_t test_limit = 0;
  double validation_fraction = 1.0 / 12;  ///< share of the training samples; of MNIST's 60 000 they are 5000
  double test_fraction = 0.2;             ///< share of all samples, if the source has no test set
  void describe(Options& options);
};

/// A table as samples, one a row. Every column except `label_column` is a feature. The classes are the
/// distinct labels, in numeric order if all of them are numbers, otherwise in alphabetical order. Throws
/// InputError with path and line.
RawData import_csv(const Table& table, const std::string& label_column, const std::string& name);

/// The paths of four IDX files: pictures [n, height, width] or [n, channels, height, width], and labels [n].
struct IdxPaths {
  std::string train_images, train_labels, test_images, test_labels;
};
/// IDX files as samples. If `classes` is empty, they are "0", "1", … up to the largest label. Throws
/// InputError if the sizes of the files do not match or a label has no class.
RawData import_idx(const IdxPaths& paths, std::vector<std::string> classes, const std::string& name);

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

/// Splits, pools, normalises, limits and transforms samples. Test and validation samples are chosen by a
/// permutation that `seed` addresses. A limit keeps the beginning of such a permutation, so that a smaller
/// limit is a subset of a larger one; samples keep their order. Normalisation uses the training samples
/// alone: `minmax` maps grey levels 0…255, or each feature's range in training, to 0…1 and clips values
/// outside, since signals are optical powers; `standard` gives mean 0 and standard deviation 1 (for each
/// feature, or for all pixels of pictures together); `none` keeps the values. With `fft_crop` each picture
/// becomes a field of unit power (network/spectrum). Throws UsageError if the settings do not fit the data.
network::Dataset make_dataset(RawData raw, const ImportSettings& settings, std::uint64_t seed);

}  // namespace pnn::io
