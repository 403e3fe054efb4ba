// Real data from elsewhere made into data sets: tables, IDX files, and the sets that everyone knows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pnn/core/options.hpp"
#include "pnn/io/csv.hpp"
#include "pnn/network/dataset.hpp"

namespace pnn::io {

/// Samples as they came, before any split.
struct RawData {
  std::string name;
  network::Shape shape;
  std::vector<std::string> classes;
  network::Split train, test;  ///< test empty: to be taken from train
  bool pictures = false;  ///< values are grey levels 0…255 rather than features of their own scale each
};

struct ImportSettings {
  int pool = 1;                      ///< average pooling, pool×pool
  std::string normalize = "minmax";  ///< minmax | standard | none
  int fft_crop = 0;         ///< K×K lowest spatial frequencies as a field; 0: pictures stay pictures
  std::uint64_t limit = 0;  ///< training samples; 0: all
  std::uint64_t test_limit = 0;
  double validation_fraction = 1.0 / 12;  ///< of the training samples; 5000 of MNIST's 60 000
  double test_fraction = 0.2;             ///< of all samples, where the source has no test set of its own
  void describe(Options& options);
};

/// Every column but `label_column` is a feature; classes are the distinct labels, in numeric order if all are
/// numbers and in alphabetical order otherwise. Throws InputError with path and line.
RawData import_csv(const Csv& table, const std::string& label_column, const std::string& name);

/// Paths of four IDX files: pictures [n, height, width] or [n, channels, height, width], labels [n].
struct IdxPaths {
  std::string train_images, train_labels, test_images, test_labels;
};
/// `classes` empty: "0", "1", … up to the largest label. Throws InputError: sizes that do not belong
/// together, a label beyond the classes.
RawData import_idx(const IdxPaths& paths, std::vector<std::string> classes, const std::string& name);

/// The four files in a folder under their customary names, with or without .gz. `what_to_do` ends the message
/// about one that is missing.
IdxPaths find_idx(const std::string& folder, const std::string& what_to_do);
/// Where Debian's package dataset-fashion-mnist puts its files.
inline constexpr const char* fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";
IdxPaths find_fashion_mnist(const std::string& folder);
IdxPaths find_mnist(const std::string& folder);
std::vector<std::string> fashion_mnist_classes();

/// Fisher's iris (R. A. Fisher, Annals of Eugenics 7, 179, 1936), compiled in from data/iris.csv.
std::string iris_csv();

/// Splits, pools, normalises, limits and transforms, in this order of dependence: test and validation samples
/// are drawn by a permutation addressed by `seed`; a limit keeps a part of such a permutation, so a smaller
/// limit is a subset of a larger one; samples stay in their order. Normalisation knows the training samples
/// alone: `minmax` maps grey levels 0…255, or each feature's range in training, to 0…1 and clips what is
/// outside (signals are optical powers); `standard` gives mean 0 and deviation 1 (each feature; pictures all
/// pixels together); `none` leaves the values. With `fft_crop` each picture becomes a field of unit power
/// (network/spectrum). Throws UsageError where the settings do not fit the data.
network::Dataset make_dataset(RawData raw, const ImportSettings& settings, std::uint64_t seed);

}  // namespace pnn::io
