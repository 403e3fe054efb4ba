// make_dataset: pictures of features, splits, missing values, pooling, normalisation, limits and spectra.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/import.hpp"
#include "pnn/network/spectrum.hpp"

namespace pnn::io {
namespace {

using Rows = std::vector<std::uint32_t>;
/// Samples between two looks at whether to stop.
constexpr Index look_every = 1024;

/// Which permutation a set of samples is cut by.
enum class Cut : std::uint16_t { train = 0, test = 1 };

Rows shuffled(std::size_t count, std::uint64_t seed, Cut cut) {
  Rows rows(count);
  permutation({seed, Purpose::data_split, static_cast<std::uint16_t>(cut), 0, 0}, rows);
  return rows;
}

/// The first `count` of `rows`, in ascending order, removed from it.
Rows take(Rows& rows, std::size_t count) {
  const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(std::min(count, rows.size()));
  Rows taken(rows.begin(), middle);
  rows.erase(rows.begin(), middle);
  std::sort(taken.begin(), taken.end());
  return taken;
}

network::Split select(const network::Split& from, const Rows& rows) {
  network::Split split;
  split.x.resize(static_cast<Index>(rows.size()), from.x.cols());
  split.targets.resize(from.targets.rows() > 0 ? split.x.rows() : 0, from.targets.cols());
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (k % std::size_t(look_every) == 0) stop_if_asked();
    split.x.row(static_cast<Index>(k)) = from.x.row(static_cast<Index>(rows[k]));
    if (!from.y.empty()) split.y.push_back(from.y[rows[k]]);
    if (from.targets.rows() > 0)
      split.targets.row(static_cast<Index>(k)) = from.targets.row(static_cast<Index>(rows[k]));
  }
  return split;
}

/// Keeps these rows, which are in ascending order, without a copy of the others.
void keep(network::Split& split, const Rows& rows) {
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (k % std::size_t(look_every) == 0) stop_if_asked();
    if (rows[k] == k) continue;
    split.x.row(static_cast<Index>(k)) = split.x.row(static_cast<Index>(rows[k]));
    if (!split.y.empty()) split.y[k] = split.y[rows[k]];
    if (split.targets.rows() > 0)
      split.targets.row(static_cast<Index>(k)) = split.targets.row(static_cast<Index>(rows[k]));
  }
  split.x.conservativeResize(static_cast<Index>(rows.size()), Eigen::NoChange);
  if (!split.y.empty()) split.y.resize(rows.size());
  if (split.targets.rows() > 0)
    split.targets.conservativeResize(static_cast<Index>(rows.size()), Eigen::NoChange);
}

std::size_t part(double fraction, std::size_t count) {
  return static_cast<std::size_t>(std::llround(fraction * static_cast<double>(count)));
}

/// [n, channels·height·width] → the same with height and width divided by k. Sums of grey levels are exact in
/// float, so that the order of the sum does not matter.
Matrix<float> pooled(const Matrix<float>& x, const network::Shape& from, Index k) {
  const Index height = from.height / k, width = from.width / k;
  Matrix<float> result = Matrix<float>::Zero(x.rows(), from.channels * height * width);
  for (Index n = 0; n < x.rows(); ++n) {
    if (n % look_every == 0) stop_if_asked();
    const float* source = x.row(n).data();
    float* target = result.row(n).data();
    for (Index c = 0; c < from.channels; ++c)
      for (Index row = 0; row < height * k; ++row)
        for (Index column = 0; column < width * k; ++column)
          target[(c * height + row / k) * width + column / k] +=
              source[(c * from.height + row) * from.width + column];
  }
  result /= static_cast<float>(k * k);
  return result;
}

void check_pool(const RawData& raw, int size) {
  if (size == 1) return;
  if (raw.shape.height * raw.shape.width == 1)
    throw UsageError("--pool " + std::to_string(size) + ": the samples are " + raw.shape.to_string() +
                     " features; where these are pixels, say of which pictures with --shape HxW");
  if (raw.shape.height % size != 0 || raw.shape.width % size != 0)
    throw UsageError("--pool " + std::to_string(size) + ": expected a size that divides the pictures of " +
                     raw.shape.to_string());
}

void pool(RawData& raw, int size) {
  if (size == 1) return;
  for (network::Split* split : {&raw.train, &raw.validation, &raw.test})
    if (split->size() > 0) split->x = pooled(split->x, raw.shape, size);
  raw.shape.height /= size;
  raw.shape.width /= size;
}

/// One linear map a column, x → (x − shift) · factor.
struct Scaling {
  Vector<double> shift, factor;
};

Scaling feature_ranges(const Matrix<float>& x) {
  const Vector<double> low = x.colwise().minCoeff().transpose().cast<double>();
  const Vector<double> range = x.colwise().maxCoeff().transpose().cast<double>() - low;
  // a constant feature carries no information and becomes 0
  return {low, range.unaryExpr([](double r) { return r > 0 ? 1 / r : 0; })};
}

/// Means and deviations over every `together` columns.
Scaling feature_moments(const Matrix<float>& x, Index together) {
  const auto rows = static_cast<double>(x.rows());
  const auto pool_columns = [&](Vector<double>& values) {
    for (Index k = 0; together > 1 && k < values.size(); k += together)
      values.segment(k, together).setConstant(pnn::mean(values.segment(k, together)));
  };
  Vector<double> mean = Vector<double>::Zero(x.cols()), square = mean;
  for (Index n = 0; n < x.rows(); ++n) mean += x.row(n).transpose().cast<double>();
  mean /= rows;
  pool_columns(mean);
  for (Index n = 0; n < x.rows(); ++n) square += (x.row(n).transpose().cast<double>() - mean).cwiseAbs2();
  square /= rows;
  pool_columns(square);
  return {mean, square.unaryExpr([](double v) { return v > 0 ? 1 / std::sqrt(v) : 0; })};
}

void apply(const Scaling& scaling, Matrix<float>& x, bool clip) {
  for (Index n = 0; n < x.rows(); ++n) {
    if (n % look_every == 0) stop_if_asked();
    Vector<double> row = x.row(n).transpose().cast<double>();
    row = (row - scaling.shift).cwiseProduct(scaling.factor);
    if (clip) row = row.cwiseMax(0.0).cwiseMin(1.0);
    x.row(n) = row.transpose().cast<float>();
  }
}

Scaling common_range(const Matrix<float>& x) {
  const double low = double(x.minCoeff()), range = double(x.maxCoeff()) - low;
  return {Vector<double>::Constant(x.cols(), low),
          Vector<double>::Constant(x.cols(), range > 0 ? 1 / range : 0)};
}

/// Amplitudes: real parts, then imaginary parts, in each row.
double largest_modulus(const Matrix<float>& x) {
  const Index count = x.cols() / 2;
  double largest = 0;
  for (Index n = 0; n < x.rows(); ++n)
    for (Index k = 0; k < count; ++k)
      largest = std::max(largest, std::hypot(double(x(n, k)), double(x(n, count + k))));
  return largest;
}

void normalize_field(network::Dataset& data, Normalization how) {
  if (how == Normalization::standard)
    throw UsageError(
        "--normalize standard: amplitudes have no mean to be taken off; expected minmax, power or none");
  const double largest = how == Normalization::minmax ? largest_modulus(data.train.x) : 0;
  for (network::Split* split : {&data.train, &data.validation, &data.test}) {
    for (Index n = 0; n < split->x.rows(); ++n) {
      if (n % look_every == 0) stop_if_asked();
      const double by = how == Normalization::minmax ? largest : norm(split->x.row(n).cast<double>());
      if (by > 0) split->x.row(n) = (split->x.row(n).cast<double>() / by).cast<float>();
    }
  }
}

void normalize(network::Dataset& data, Normalization how, bool pictures, double white) {
  if (how == Normalization::power && !data.shape.field)
    throw UsageError("--normalize power: only amplitudes have a power; expected minmax, standard or none");
  if (how == Normalization::none) return;
  if (data.shape.field) return normalize_field(data, how);
  network::Split* splits[] = {&data.train, &data.validation, &data.test};
  if (how == Normalization::minmax && pictures && white > 0) {
    for (network::Split* split : splits) split->x /= float(white);
    return;
  }
  const Index channel = pictures ? data.shape.height * data.shape.width : 1;
  const Scaling scaling = how == Normalization::standard ? feature_moments(data.train.x, channel)
                          : pictures                     ? common_range(data.train.x)
                                                         : feature_ranges(data.train.x);
  for (network::Split* split : splits) apply(scaling, split->x, how == Normalization::minmax);
}

/// "28x28" or "3x32x32" as the shape of `features` values.
network::Shape picture_shape(const std::string& text, const RawData& raw) {
  const std::vector<std::string> parts = split(text, 'x');
  std::vector<Index> sizes;
  for (const std::string& part : parts) sizes.push_back(Index(parse_integer(part, "--shape " + text)));
  if (sizes.size() == 2) sizes.insert(sizes.begin(), 1);
  const bool fits = sizes.size() == 3 && std::all_of(sizes.begin(), sizes.end(), [&](Index size) {
                      return size > 0 && size <= raw.train.x.cols();
                    });
  if (!fits || sizes[0] * sizes[1] * sizes[2] != raw.train.x.cols())
    throw UsageError("--shape " + text + ": expected height x width, or channels x height x width, of the " +
                     std::to_string(raw.train.x.cols()) + " values of a sample");
  return {sizes[0], sizes[1], sizes[2]};
}

Index channels(const RawData& raw, const ImportSettings& settings) {
  const bool shaped = !settings.shape.empty() && raw.shape.height * raw.shape.width == 1 && !raw.shape.field;
  return (shaped ? picture_shape(settings.shape, raw) : raw.shape).channels;
}

void make_pictures(RawData& raw, const std::string& shape) {
  if (shape.empty()) return;
  if (raw.shape.field || raw.shape.height * raw.shape.width > 1)
    throw UsageError("--shape " + shape + ": the samples are " +
                     (raw.shape.field ? "amplitudes" : "pictures of " + raw.shape.to_string() + " already"));
  raw.shape = picture_shape(shape, raw);
  if (!raw.pictures) raw.white = 0;
  raw.pictures = true;
}

void turn(RawData& raw) {
  const network::Shape from = raw.shape;
  if (from.height * from.width == 1)
    throw UsageError("--transpose: the samples are " + from.to_string() +
                     " features; where these are pixels, say of which pictures with --shape HxW");
  std::swap(raw.shape.height, raw.shape.width);
  std::vector<float> row(std::size_t(from.size()));
  for (network::Split* split : {&raw.train, &raw.validation, &raw.test})
    for (Index n = 0; n < split->x.rows(); ++n) {
      if (n % look_every == 0) stop_if_asked();
      float* values = split->x.row(n).data();
      std::copy_n(values, from.size(), row.data());
      for (Index c = 0; c < from.channels; ++c)
        for (Index k = 0; k < from.height * from.width; ++k) {
          const Index place = k % from.width * from.height + k / from.width;
          values[c * from.height * from.width + place] = row[std::size_t(c * from.height * from.width + k)];
        }
    }
}

/// Replaces what is missing by the means of those training samples that are kept.
void fill_missing(RawData& raw, const Rows& training) {
  if (raw.missing == 0) return;
  for (Index feature = 0; feature < raw.train.x.cols(); ++feature) {
    double sum = 0;
    std::size_t count = 0;
    for (const std::uint32_t row : training) {
      const float value = raw.train.x(Index(row), feature);
      if (std::isnan(value)) continue;
      sum += double(value), ++count;
    }
    for (network::Split* split : {&raw.train, &raw.validation, &raw.test})
      for (Index n = 0; n < split->x.rows(); ++n) {
        float& value = split->x(n, feature);
        if (!std::isnan(value)) continue;
        if (count == 0)
          throw InputError("--missing mean: feature " + std::to_string(feature) +
                           " has no value in any training sample; leave it out with --ignore");
        value = float(sum / double(count));
      }
  }
}

/// (value − mean)/scale of each target by the training samples, or the values again.
void scale_targets(network::Dataset& data, TargetScale how) {
  for (std::size_t k = 0; k < data.targets.size(); ++k) {
    network::Target& target = data.targets[k];
    const auto column = Index(k);
    double mean = 0, square = 0;
    const auto count = double(data.train.size());
    for (Index n = 0; n < data.train.size(); ++n) mean += double(data.train.targets(n, column));
    mean /= count;  // of equal floats exactly their value
    for (Index n = 0; n < data.train.size(); ++n)
      square += std::pow(double(data.train.targets(n, column)) - mean, 2) / count;
    if (!(square > 0))
      throw InputError("the target \"" + target.name +
                       "\" has the same value in all training samples, and there is nothing to learn");
    const bool keep = how == TargetScale::none;
    const double shift = keep ? -target.mean : mean, scale = keep ? 1 : std::sqrt(square);
    for (network::Split* split : {&data.train, &data.validation, &data.test})
      for (Index n = 0; n < split->size(); ++n)
        split->targets(n, column) = float((double(split->targets(n, column)) - shift) / scale);
    target = {target.name, keep ? 0 : target.mean + mean, scale};
  }
}

/// Whether pictures of this shape have a spectrum of k×k, said before any sample is touched.
void check_spectrum(const RawData& raw, Index k) {
  if (k == 0) return;
  if (raw.shape.height * raw.shape.width == 1)
    throw UsageError("--fft-crop " + std::to_string(k) + ": the samples are " + raw.shape.to_string() +
                     " features; where these are pixels, say of which pictures with --shape HxW");
  if (!raw.pictures || k > raw.shape.height || k > raw.shape.width) {
    throw UsageError("--fft-crop " + std::to_string(k) + ": expected pictures of at least " +
                     std::to_string(k) + "x" + std::to_string(k) + " pixels, found " + raw.shape.to_string());
  }
}

void transform(network::Dataset& data, Index k) {
  if (k == 0) return;
  for (network::Split* split : {&data.train, &data.validation, &data.test})
    split->x = network::central_spectrum(split->x, data.shape, k);
  data.shape = network::spectrum_shape(data.shape, k);
}

}  // namespace

void take_targets(const Matrix<double>& values, const std::vector<std::string>& names, RawData& raw,
                  network::Split& split) {
  if (raw.targets.empty())
    for (std::size_t k = 0; k < names.size(); ++k) {
      double mean = 0;
      for (Index n = 0; n < values.rows(); ++n) mean += values(n, Index(k)) / double(values.rows());
      raw.targets.push_back({names[k], mean, 1});
    }
  split.targets.resize(values.rows(), values.cols());
  for (Index n = 0; n < values.rows(); ++n)
    for (Index k = 0; k < values.cols(); ++k) {
      split.targets(n, k) = float(values(n, k) - raw.targets[std::size_t(k)].mean);
      if (!std::isfinite(split.targets(n, k)))
        throw InputError("the target \"" + names[std::size_t(k)] + "\" has values beyond single precision");
    }
}

void ImportSettings::describe(Options& o) {
  o.group("Preparation");
  o.text("shape", shape, "HxW",
         "features are the pixels of pictures, row by row, as 28x28, or 3x32x32 with "
         "colours first; they are then scaled together, and may be pooled")
      .later = true;
  o.flag("transpose", transpose,
         "swap height and width of pictures, in which the files of EMNIST differ from those of MNIST")
      .later = true;
  o.integer("pool", pool, "K", "average pooling of pictures over KxK pixels, as 4 from 28x28 to 7x7",
            Limits::between(1, 1024));
  o.choice("normalize", normalize, "what becomes of the values");
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

network::Dataset make_dataset(RawData raw, const ImportSettings& settings, std::uint64_t seed) {
  make_pictures(raw, settings.shape);
  if (settings.transpose) turn(raw);
  check_pool(raw, settings.pool);
  network::Dataset data;
  data.name = raw.name;
  data.classes = std::move(raw.classes);
  data.targets = std::move(raw.targets);
  const auto samples = static_cast<std::size_t>(raw.train.size());
  Rows rows = shuffled(samples, seed, Cut::train), test, validation;
  if (raw.test.size() == 0) test = take(rows, part(settings.test_fraction, samples));
  if (raw.validation.size() == 0) validation = take(rows, part(settings.validation_fraction, rows.size()));
  const std::size_t all = rows.size();
  const Rows training = take(rows, settings.limit == 0 ? all : static_cast<std::size_t>(settings.limit));
  if (training.empty()) throw UsageError("no training sample is left; take smaller fractions");
  fill_missing(raw, training);
  pool(raw, settings.pool);
  check_spectrum(raw, settings.fft_crop);
  data.shape = raw.shape;
  data.test = raw.test.size() == 0 ? select(raw.train, test) : std::move(raw.test);
  data.validation = raw.validation.size() == 0 ? select(raw.train, validation) : std::move(raw.validation);
  keep(raw.train, training);
  data.train = std::move(raw.train);
  if (settings.test_limit > 0) {
    Rows kept = shuffled(static_cast<std::size_t>(data.test.size()), seed, Cut::test);
    keep(data.test, take(kept, static_cast<std::size_t>(settings.test_limit)));
  }
  scale_targets(data, raw.target_scale);
  normalize(data, settings.normalize, raw.pictures, raw.white);
  transform(data, settings.fft_crop);
  return data;
}

std::string scaling_text(const RawData& raw, const ImportSettings& settings) {
  const std::string fields = settings.fft_crop > 0 ? ", then spectra of unit power" : "";
  const bool pictures = raw.pictures || !settings.shape.empty();
  switch (settings.normalize) {
    case Normalization::none:
      return "values kept" + fields;
    case Normalization::power:
      return "each sample of unit power";
    case Normalization::standard:
      return (!pictures                     ? "each feature"
              : channels(raw, settings) > 1 ? "the pixels of each colour"
                                            : "all pixels together") +
             std::string(" to mean 0 and deviation 1") + fields;
    case Normalization::minmax:
      break;
  }
  if (raw.shape.field) return "divided by the largest modulus in training";
  if (!pictures) return "each feature by its range in training to 0..1";
  if (!raw.pictures || raw.white == 0) return "all pixels by their common range in training to 0..1" + fields;
  return "0.." + format_number(raw.white) + " to 0..1" + fields;
}

}  // namespace pnn::io
