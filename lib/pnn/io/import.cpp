#include "pnn/io/import.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/idx.hpp"

namespace pnn::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_label = 250;  // bytes; a file keeps all labels in the width of the longest

std::vector<std::string> distinct_labels(const Table& table, std::size_t column) {
  std::set<std::string_view> distinct;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string_view label = table.cell(column, row);
    if (label.size() > longest_label)
      throw InputError(table.path + ":" + std::to_string(table.lines[row]) + ": a label of " +
                       std::to_string(label.size()) + " bytes, where " + std::to_string(longest_label) +
                       " are the most");
    distinct.insert(label);
  }
  std::vector<std::string> classes(distinct.begin(), distinct.end());
  if (std::all_of(classes.begin(), classes.end(),
                  [](const std::string& c) { return read_number(c).has_value(); })) {
    std::stable_sort(classes.begin(), classes.end(), [](const std::string& a, const std::string& b) {
      return *read_number(a) < *read_number(b);
    });
  }
  return classes;
}

/// Pictures and labels of one pair of files; the shape of one picture in `shape`.
network::Split read_pair(const std::string& images_path, const std::string& labels_path,
                         network::Shape& shape) {
  const Idx images = read_idx(images_path), labels = read_idx(labels_path);
  if (images.shape.size() < 3)
    throw InputError(images_path + ": expected pictures (3 or 4 axes), found " +
                     std::to_string(images.shape.size()) + " axes");
  if (labels.shape.size() != 1)
    throw InputError(labels_path + ": expected labels (1 axis), found " +
                     std::to_string(labels.shape.size()) + " axes");
  if (images.shape[0] != labels.shape[0]) {
    throw InputError(labels_path + ": expected " + std::to_string(images.shape[0]) +
                     " labels as there are pictures in " + images_path + ", found " +
                     std::to_string(labels.shape[0]));
  }
  const std::size_t rank = images.shape.size();
  shape = {rank == 4 ? static_cast<Index>(images.shape[1]) : 1, static_cast<Index>(images.shape[rank - 2]),
           static_cast<Index>(images.shape[rank - 1])};
  network::Split split;
  split.x.resize(static_cast<Index>(images.shape[0]), shape.size());
  std::copy(images.data.begin(), images.data.end(), split.x.data());
  split.y.assign(labels.data.begin(), labels.data.end());
  return split;
}

void check_labels(const network::Split& split, const std::vector<std::string>& classes,
                  const std::string& path) {
  for (std::size_t k = 0; k < split.y.size(); ++k) {
    if (static_cast<std::size_t>(split.y[k]) >= classes.size()) {
      throw InputError(path + ": label " + std::to_string(split.y[k]) + " of sample " + std::to_string(k) +
                       " is beyond the " + std::to_string(classes.size()) + " classes");
    }
  }
}

std::string find_one(const std::string& folder, const std::string& part, const std::string& kind,
                     const std::string& what_to_do) {
  const std::string rank = kind == "images" ? "3" : "1";
  const std::string dashed = part + "-" + kind + "-idx" + rank + "-ubyte",
                    dotted = part + "-" + kind + ".idx" + rank + "-ubyte";
  for (const std::string& name : {dashed, dashed + ".gz", dotted, dotted + ".gz"}) {
    const fs::path path = fs::path(folder) / name;
    std::error_code absent;
    if (fs::exists(path, absent)) return path.string();
  }
  throw InputError(folder + ": expected " + dashed + " or " + dashed + ".gz in it, found neither; " +
                   what_to_do);
}

}  // namespace

void ImportSettings::describe(Options& o) {
  o.group("Preparation");
  o.integer("pool", pool, "K", "average pooling of pictures over KxK pixels, as 4 from 28x28 to 7x7",
            Limits::between(1, 1024));
  o.choice(
      "normalize", normalize,
      "minmax to 0..1 (grey levels by 255, features by their range in training, clipped); standard to mean 0 "
      "and deviation 1; none");
  o.integer(
      "fft-crop", fft_crop, "K",
      "pictures become fields: the KxK lowest frequencies of their Fourier spectrum, each sample of unit "
      "power, as 8 for --inputs 64c; 0 leaves pictures",
      Limits::between(0, 1024));
  o.integer("limit", limit, "N", "keep N training samples; 0 is all");
  o.integer("test-limit", test_limit, "N", "keep N test samples; 0 is all");
  o.number("validation-fraction", validation_fraction, "F",
           "part of the training samples set aside for validation", Limits::between(0, 0.9));
  o.number("test-fraction", test_fraction, "F",
           "part of all samples set aside for testing, where the source has no test set",
           Limits::between(0, 0.9));
}

RawData import_csv(const Table& table, const std::string& label_column, const std::string& name) {
  const std::size_t label = table.column(label_column);
  if (table.header.size() < 2)
    throw InputError(table.path + ": expected columns beside the label column \"" + label_column + "\"");
  if (table.rows() == 0)
    throw InputError(table.path + ": expected samples under the header line, found none");
  RawData raw;
  raw.name = name;
  raw.classes = distinct_labels(table, label);
  if (raw.classes.size() < 2) {
    throw InputError(table.path + ": expected two classes or more in the column \"" + label_column +
                     "\", found only \"" + raw.classes.front() + "\"");
  }
  std::map<std::string_view, std::int32_t> numbers;
  for (std::size_t k = 0; k < raw.classes.size(); ++k) numbers[raw.classes[k]] = static_cast<std::int32_t>(k);
  for (std::size_t row = 0; row < table.rows(); ++row)
    raw.train.y.push_back(numbers.at(table.cell(label, row)));
  const auto features = static_cast<Index>(table.header.size() - 1);
  raw.shape = {features, 1, 1};
  raw.train.x.resize(static_cast<Index>(table.rows()), features);
  Index feature = 0;
  for (std::size_t c = 0; c < table.header.size(); ++c) {
    if (c == label) continue;
    const std::vector<double> values = table.numbers(c);
    for (std::size_t row = 0; row < values.size(); ++row) {
      const auto value = static_cast<float>(values[row]);
      if (!std::isfinite(value)) {
        throw InputError(table.path + ":" + std::to_string(table.lines[row]) + ": column \"" +
                         table.header[c] + "\": " + std::string(table.cell(c, row)) +
                         " is beyond single precision");
      }
      raw.train.x(static_cast<Index>(row), feature) = value;
    }
    ++feature;
  }
  return raw;
}

RawData import_idx(const IdxPaths& paths, std::vector<std::string> classes, const std::string& name) {
  RawData raw;
  raw.name = name;
  raw.pictures = true;
  raw.train = read_pair(paths.train_images, paths.train_labels, raw.shape);
  if (raw.train.size() == 0 || raw.shape.size() == 0)
    throw InputError(paths.train_images + ": no pictures in it");
  if (!paths.test_images.empty()) {
    network::Shape shape;
    raw.test = read_pair(paths.test_images, paths.test_labels, shape);
    if (shape != raw.shape) {
      throw InputError(paths.test_images + ": expected pictures of " + raw.shape.to_string() +
                       " as in training, found " + shape.to_string());
    }
  }
  if (classes.empty()) {
    std::int32_t largest = *std::max_element(raw.train.y.begin(), raw.train.y.end());
    for (const std::int32_t y : raw.test.y) largest = std::max(largest, y);
    for (std::int32_t k = 0; k <= largest; ++k) classes.push_back(std::to_string(k));
  }
  raw.classes = std::move(classes);
  check_labels(raw.train, raw.classes, paths.train_labels);
  check_labels(raw.test, raw.classes, paths.test_labels);
  return raw;
}

IdxPaths find_idx(const std::string& folder, const std::string& what_to_do) {
  std::error_code absent;
  if (!fs::is_directory(folder, absent)) throw InputError(folder + ": no such folder; " + what_to_do);
  return {find_one(folder, "train", "images", what_to_do), find_one(folder, "train", "labels", what_to_do),
          find_one(folder, "t10k", "images", what_to_do), find_one(folder, "t10k", "labels", what_to_do)};
}

IdxPaths find_fashion_mnist(const std::string& folder) {
  return find_idx(folder,
                  "install Debian's package dataset-fashion-mnist, or name a folder that holds the four "
                  "files with --dir");
}

IdxPaths find_mnist(const std::string& folder) {
  return find_idx(
      folder, "fetch the four files with scripts/fetch-mnist, or name a folder that holds them with --dir");
}

std::vector<std::string> fashion_mnist_classes() {
  return {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
          "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
}

}  // namespace pnn::io
