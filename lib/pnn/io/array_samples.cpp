// import_idx and import_npz: the samples of arrays.
#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "pnn/core/errors.hpp"
#include "pnn/core/lower_case.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/classes.hpp"
#include "pnn/io/descriptor.hpp"
#include "pnn/io/idx.hpp"
#include "pnn/io/import.hpp"
#include "pnn/io/npy.hpp"

namespace pnn::io {
namespace {

/// An array and where it comes from, for messages.
struct Source {
  StoredArray array;
  std::string where;
};

constexpr std::size_t largest_file = std::size_t{16} << 30;

Source read_source(const std::string& path) {
  if (!is_numpy(read_bytes(path, 6))) return {read_idx(path), path};
  std::vector<std::pair<std::string, StoredArray>> arrays =
      numpy_arrays(read_bytes(path, largest_file), path);
  if (arrays.size() != 1 || !arrays.front().first.empty())
    throw InputError(path + ": expected one array, found an archive; pnn-data npy FILE reads archives");
  return {std::move(arrays.front().second), path};
}

std::string shape_of(const StoredArray& array) {
  std::vector<std::string> sizes;
  for (const std::size_t size : array.shape) sizes.push_back(std::to_string(size));
  return "[" + join(sizes, ", ") + "]";
}

bool is_colours(std::size_t size) {
  return size == 1 || size == 3 || size == 4;
}

/// Whether the colours of [n, a, b, c] stand last.
bool colours_last(const Source& source, Axes axes, std::vector<Note>& notes) {
  if (axes != Axes::automatic) return axes == Axes::nhwc;
  const std::vector<std::size_t>& shape = source.array.shape;
  if (!is_colours(shape[3])) return false;
  if (is_colours(shape[1]))
    throw InputError(source.where + ": the colours of " + shape_of(source.array) +
                     " may be its second or its last axis; say --axes nchw or --axes nhwc");
  notes.push_back({source.where + ": the last of the axes " + shape_of(source.array) + " is taken for the " +
                       std::to_string(shape[3]) + (shape[3] == 1 ? " colour" : " colours") +
                       "; --axes nchw says otherwise",
                   true});
  return true;
}

/// Fills the samples of `split` and the form of `raw` (shape, pictures, white).
void take_inputs(const Source& source, const ArraySettings& settings, RawData& raw, network::Split& split) {
  const StoredArray& array = source.array;
  if (array.words()) throw InputError(source.where + ": expected numbers, found texts");
  const std::size_t rank = array.shape.size();
  if (rank < 2 || rank > 4)
    throw InputError(source.where + ": expected pictures (3 or 4 axes) or features (2 axes), found " +
                     std::to_string(rank) + (rank == 1 ? " axis" : " axes"));
  if (array.count() == 0) throw InputError(source.where + ": no pictures in it");
  const bool complex = array.type.kind == 'c';
  if (rank < 4 && settings.axes != Axes::automatic)
    throw UsageError("--axes: " + source.where + " has no axis of colours, its shape is " + shape_of(array));
  const auto n = Index(array.shape[0]), values = Index(array.count()) / n;
  // [channel, height, width] and the strides of these in the file
  Index size[3] = {1, 1, values}, stride[3] = {0, 0, 1};
  if (rank >= 3 && !complex) {
    const bool last = rank == 4 && colours_last(source, settings.axes, raw.notes);
    const auto axis = [&](std::size_t k) { return Index(array.shape[k]); };
    const Index channels = rank == 3 ? 1 : last ? axis(3) : axis(1);
    const Index height = last ? axis(1) : axis(rank - 2), width = last ? axis(2) : axis(rank - 1);
    const Index apart = last ? channels : 1;  // neighbours in a row
    size[0] = channels, size[1] = height, size[2] = width;
    stride[0] = last ? 1 : height * width, stride[1] = width * apart, stride[2] = apart;
    raw.shape = {size[0], size[1], size[2]};
    raw.pictures = true;
    raw.white = array.type.kind == 'u' && array.type.size == 1 ? 255 : 0;
  } else {
    raw.shape = {values, 1, 1, complex};
  }
  split.x.resize(n, values * (complex ? 2 : 1));
  for (Index sample = 0; sample < n; ++sample) {
    if (sample % 1024 == 0) stop_if_asked();
    float* to = split.x.row(sample).data();
    for (Index c = 0; c < size[0]; ++c)
      for (Index row = 0; row < size[1]; ++row)
        for (Index column = 0; column < size[2]; ++column, ++to) {
          const auto at = std::size_t(sample * values + c * stride[0] + row * stride[1] + column * stride[2]);
          *to = float(array.real(at));
          if (complex) to[values] = float(array.imaginary(at));
        }
  }
  for (Index k = 0; k < split.x.size(); ++k)
    if (!std::isfinite(split.x.data()[k]))
      throw InputError(source.where + ": sample " + std::to_string(k / split.x.cols()) +
                       " holds a value that is not finite");
}

/// The labels of `samples` samples: [n], or [n, 1] as some archives have them.
std::vector<std::string> labels_of(const Source& source, Index samples, const std::string& inputs) {
  const StoredArray& array = source.array;
  const bool column = array.shape.size() == 2 && array.shape[1] == 1;
  if (array.shape.size() != 1 && !column)
    throw InputError(source.where + ": expected labels (1 axis), found " +
                     std::to_string(array.shape.size()) + " axes" +
                     (array.shape.size() == 2 ? "; a label is a class, not a row of zeros and a one" : ""));
  if (array.shape[0] != std::size_t(samples))
    throw InputError(source.where + ": expected " + std::to_string(samples) +
                     " labels as there are pictures in " + inputs + ", found " +
                     std::to_string(array.shape[0]));
  std::vector<std::string> labels;
  for (std::size_t k = 0; k < array.shape[0]; ++k) {
    labels.push_back(array.text(k));
    if (is_no_label(labels.back()))
      throw InputError(source.where + ": sample " + std::to_string(k) + " has no label");
  }
  return labels;
}

/// The targets of `samples` samples: [n] or [n, targets].
Matrix<double> targets_of(const Source& source, Index samples, const std::string& inputs) {
  const StoredArray& array = source.array;
  if (array.words() || array.type.kind == 'c' || array.shape.empty() || array.shape.size() > 2 ||
      array.shape[0] != std::size_t(samples) || array.count() == 0)
    throw InputError(source.where + ": expected numbers [" + std::to_string(samples) + "] or [" +
                     std::to_string(samples) + ", targets], as there are samples in " + inputs + ", found " +
                     (array.words()            ? "texts "
                      : array.type.kind == 'c' ? "complex numbers "
                                               : "") +
                     shape_of(array));
  Matrix<double> values(samples, Index(array.count()) / samples);
  for (Index k = 0; k < values.size(); ++k) {
    values.data()[k] = array.real(std::size_t(k));
    if (!std::isfinite(values.data()[k]))
      throw InputError(source.where + ": sample " + std::to_string(k / values.cols()) +
                       " has a target that is not finite");
  }
  return values;
}

/// The numbers of labels among classes whose names are given: 0, 1, …
std::vector<std::int32_t> given_numbers(const std::vector<std::string>& labels, std::size_t classes,
                                        const std::string& where) {
  std::vector<std::int32_t> numbers;
  for (std::size_t k = 0; k < labels.size(); ++k) {
    const std::optional<double> number = read_number(labels[k]);
    if (!number || *number < 0 || *number >= double(classes) || *number != std::floor(*number))
      throw InputError(where + ": label " + labels[k] + " of sample " + std::to_string(k) +
                       " is beyond the " + std::to_string(classes) + " classes");
    numbers.push_back(std::int32_t(*number));
  }
  return numbers;
}

/// Pairs of inputs and labels, of which those of training come first, become `raw`.
class Collector {
 public:
  Collector(RawData& raw, const ArraySettings& settings) : raw_(raw), settings_(settings) {}

  void take(const Source& inputs, const Source& labels, network::Split RawData::*split) {
    const network::Shape shape = raw_.shape;
    const bool training = split == &RawData::train;
    if (training) {
      type_ = inputs.array.type;
    } else if (inputs.array.type.kind != type_.kind || inputs.array.type.size != type_.size) {
      throw InputError(inputs.where +
                       ": its values are of another type than those of training, and may have another scale; "
                       "write both alike");
    }
    take_inputs(inputs, settings_, raw_, raw_.*split);
    if (!training && raw_.shape != shape)
      throw InputError(inputs.where + ": expected " + shape.to_string() + " as in training, found " +
                       raw_.shape.to_string());
    if (settings_.regression) {
      const Matrix<double> values = targets_of(labels, (raw_.*split).x.rows(), inputs.where);
      if (!training && values.cols() != Index(raw_.targets.size()))
        throw InputError(labels.where + ": expected " + std::to_string(raw_.targets.size()) +
                         " targets as in training, found " + std::to_string(values.cols()));
      std::vector<std::string> names;
      for (Index k = 0; k < values.cols(); ++k)
        names.push_back(values.cols() == 1 ? "target" : "target " + std::to_string(k));
      take_targets(values, names, raw_, raw_.*split);
      return;
    }
    const std::vector<std::string> texts = labels_of(labels, (raw_.*split).x.rows(), inputs.where);
    if (training && raw_.classes.empty()) {
      found_.emplace(texts, labels.where, raw_.notes);
      raw_.classes = found_->names();
    }
    (raw_.*split).y =
        found_ ? found_->numbers(
                     texts, [&](std::size_t k) { return labels.where + ": sample " + std::to_string(k); })
               : given_numbers(texts, raw_.classes.size(), labels.where);
  }

 private:
  RawData& raw_;
  const ArraySettings& settings_;
  ValueType type_;
  std::optional<Classes> found_;
};

/// The array with one of these names, in any case of letters; nothing if there is none.
const Source* named(const std::vector<std::pair<std::string, Source>>& arrays,
                    const std::vector<std::string>& names) {
  for (const std::string& name : names)
    for (const auto& [key, source] : arrays)
      if (lower_case(key) == name) return &source;
  return nullptr;
}

}  // namespace

RawData import_idx(const IdxPaths& paths, std::vector<std::string> classes, const std::string& name,
                   const ArraySettings& settings) {
  RawData raw;
  raw.name = name;
  raw.classes = std::move(classes);
  Collector collector(raw, settings);
  collector.take(read_source(paths.train_images), read_source(paths.train_labels), &RawData::train);
  if (!paths.test_images.empty())
    collector.take(read_source(paths.test_images), read_source(paths.test_labels), &RawData::test);
  return raw;
}

RawData import_npz(const std::string& path, const std::string& name, const ArraySettings& settings) {
  const std::string bytes = read_bytes(path, largest_file);
  if (!is_numpy(bytes)) throw InputError(path + ": expected an archive of NumPy (.npz)");
  std::vector<std::pair<std::string, Source>> arrays;
  std::vector<std::string> keys;
  for (auto& [key, array] : numpy_arrays(bytes, path)) {
    keys.push_back(key);
    arrays.emplace_back(key, Source{std::move(array), path + ": " + key});
  }
  RawData raw;
  raw.name = name;
  Collector collector(raw, settings);
  std::vector<const Source*> used;
  const auto take = [&](const std::vector<std::string>& words, network::Split RawData::*split) {
    std::vector<std::string> inputs, labels;
    for (const std::string& word : words) {
      for (const char* x : {"x", "images", "data"})
        inputs.insert(inputs.end(), {std::string(x) + "_" + word, word + "_" + x});
      for (const char* y : {"y", "labels", "label", "targets"})
        labels.insert(labels.end(), {std::string(y) + "_" + word, word + "_" + y});
    }
    if (split == &RawData::train) {
      inputs.insert(inputs.end(), {"x", "images", "data"});
      labels.insert(labels.end(), {"y", "labels", "label", "target", "targets"});
    }
    const auto said = [&](const std::string& role,
                          const std::vector<std::string>& customary) -> const Source* {
      const auto found = settings.arrays.find(role);
      if (found == settings.arrays.end()) return named(arrays, customary);
      for (const auto& [key, source] : arrays)
        if (key == found->second) return &source;
      throw InputError(path + ": no array \"" + found->second + "\"" + did_you_mean(found->second, keys) +
                       " (arrays: " + join(keys, ", ") + ")");
    };
    const Source *x = said("x_" + words.front(), inputs), *y = said("y_" + words.front(), labels);
    if (x == nullptr && y == nullptr && split != &RawData::train) return;
    if (x == nullptr || y == nullptr) {
      throw InputError(path + ": expected arrays such as x_" + words.front() + " and y_" + words.front() +
                       ", found " + (keys.empty() ? "none" : join(keys, ", ")) +
                       "; say which they are with --array x_" + words.front() + "=NAME");
    }
    collector.take(*x, *y, split);
    used.insert(used.end(), {x, y});
  };
  take({"train"}, &RawData::train);
  take({"val", "valid", "validation"}, &RawData::validation);
  take({"test"}, &RawData::test);
  std::vector<std::string> unused;
  for (const auto& [key, source] : arrays)
    if (std::find(used.begin(), used.end(), &source) == used.end()) unused.push_back(key);
  if (!unused.empty())
    raw.notes.push_back({std::to_string(unused.size()) + (unused.size() == 1 ? " array is" : " arrays are") +
                             " not used: " + join(unused, ", "),
                         false});
  return raw;
}

}  // namespace pnn::io
