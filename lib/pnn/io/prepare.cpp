// make_dataset: splits, pooling, normalisation, limits and spectra.
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
  split.y.reserve(rows.size());
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (k % std::size_t(look_every) == 0) stop_if_asked();
    split.x.row(static_cast<Index>(k)) = from.x.row(static_cast<Index>(rows[k]));
    split.y.push_back(from.y[rows[k]]);
  }
  return split;
}

/// Keeps these rows, which are in ascending order, without a copy of the others.
void keep(network::Split& split, const Rows& rows) {
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (k % std::size_t(look_every) == 0) stop_if_asked();
    if (rows[k] == k) continue;
    split.x.row(static_cast<Index>(k)) = split.x.row(static_cast<Index>(rows[k]));
    split.y[k] = split.y[rows[k]];
  }
  split.x.conservativeResize(static_cast<Index>(rows.size()), Eigen::NoChange);
  split.y.resize(rows.size());
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

void pool(RawData& raw, int size) {
  if (size == 1) return;
  if (raw.shape.height % size != 0 || raw.shape.width % size != 0 ||
      raw.shape.height * raw.shape.width == 1) {
    throw UsageError("--pool " + std::to_string(size) + ": expected a size that divides the pictures of " +
                     raw.shape.to_string());
  }
  raw.train.x = pooled(raw.train.x, raw.shape, size);
  if (raw.test.size() > 0) raw.test.x = pooled(raw.test.x, raw.shape, size);
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

Scaling feature_moments(const Matrix<float>& x, bool together) {
  const auto rows = static_cast<double>(x.rows());
  Vector<double> mean = Vector<double>::Zero(x.cols()), square = mean;
  for (Index n = 0; n < x.rows(); ++n) mean += x.row(n).transpose().cast<double>();
  mean /= rows;
  if (together) mean.setConstant(pnn::mean(mean));
  for (Index n = 0; n < x.rows(); ++n) square += (x.row(n).transpose().cast<double>() - mean).cwiseAbs2();
  square /= rows;
  if (together) square.setConstant(pnn::mean(square));
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

void normalize(network::Dataset& data, Normalization how, bool pictures) {
  if (how == Normalization::none) return;
  network::Split* splits[] = {&data.train, &data.validation, &data.test};
  if (how == Normalization::minmax && pictures) {
    for (network::Split* split : splits) split->x /= 255.0F;
    return;
  }
  const Scaling scaling =
      how == Normalization::minmax ? feature_ranges(data.train.x) : feature_moments(data.train.x, pictures);
  for (network::Split* split : splits) apply(scaling, split->x, how == Normalization::minmax);
}

/// Whether pictures of this shape have a spectrum of k×k, said before any sample is touched.
void check_spectrum(const RawData& raw, Index k) {
  if (k == 0) return;
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

network::Dataset make_dataset(RawData raw, const ImportSettings& settings, std::uint64_t seed) {
  pool(raw, settings.pool);
  check_spectrum(raw, settings.fft_crop);
  network::Dataset data;
  data.name = raw.name;
  data.shape = raw.shape;
  data.classes = std::move(raw.classes);
  const auto samples = static_cast<std::size_t>(raw.train.size());
  Rows rows = shuffled(samples, seed, Cut::train);
  if (raw.test.size() == 0) {
    Rows test = take(rows, part(settings.test_fraction, samples));
    data.test = select(raw.train, test);
  } else {
    data.test = std::move(raw.test);
  }
  data.validation = select(raw.train, take(rows, part(settings.validation_fraction, rows.size())));
  const std::size_t all = rows.size();
  keep(raw.train, take(rows, settings.limit == 0 ? all : static_cast<std::size_t>(settings.limit)));
  data.train = std::move(raw.train);
  if (settings.test_limit > 0) {
    Rows kept = shuffled(static_cast<std::size_t>(data.test.size()), seed, Cut::test);
    keep(data.test, take(kept, static_cast<std::size_t>(settings.test_limit)));
  }
  if (data.train.size() == 0) throw UsageError("no training sample is left; take smaller fractions");
  normalize(data, settings.normalize, raw.pictures);
  transform(data, settings.fft_crop);
  return data;
}

}  // namespace pnn::io
