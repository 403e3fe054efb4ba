#include "pnn/study/frechet.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <utility>

#include "pnn/core/chunks.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/network/evaluate.hpp"
#include "pnn/train/initialise.hpp"

namespace pnn::study {
namespace {

/// What rounding leaves of an eigenvalue of a covariance below 0 is 0.
Vector<double> roots(const Vector<double>& eigenvalues) {
  return eigenvalues.unaryExpr([](double v) { return v > 0 ? std::sqrt(v) : 0; });
}

/// The network up to what its last matrix layer reads.
network::Resolved body_of(network::Resolved network, const std::string& name) {
  const auto is_matrix = [](const network::Layer& layer) { return network::is_digital_matrix(layer.kind); };
  const auto last = std::find_if(network.layers.rbegin(), network.layers.rend(), is_matrix);
  if (last == network.layers.rend() || last + 1 == network.layers.rend())
    throw InputError(name +
                     ": its last matrix reads the pictures themselves; features need a classifier with " +
                     "a hidden layer");
  network.layers.erase(last.base() - 1, network.layers.end());
  return network;
}

}  // namespace

Gaussian fit_gaussian(ConstMatrixView<float> samples) {
  const Index n = samples.rows();
  require(n >= 2, "a covariance is that of two samples or more");
  Gaussian fit;
  fit.mean = Vector<double>::Zero(samples.cols());
  for (Index k = 0; k < n; ++k) fit.mean += samples.row(k).transpose().cast<double>();
  fit.mean /= double(n);
  fit.covariance = Matrix<double>::Zero(samples.cols(), samples.cols());
  constexpr Index chunk = 256;
  for (std::size_t k = 0; k < chunks_of(chunk, n); ++k) {
    Matrix<double> rows = rows_of(samples, chunk_of(k, chunk, n)).cast<double>();
    rows.rowwise() -= fit.mean.transpose();
    fit.covariance.noalias() += rows.transpose() * rows;
  }
  fit.covariance /= double(n - 1);
  return fit;
}

double frechet_distance(const Gaussian& a, const Gaussian& b) {
  require(a.mean.size() == b.mean.size(), "Gaussians of one space are compared");
  const Eigen::SelfAdjointEigenSolver<Matrix<double>> own(a.covariance);
  const Matrix<double> root =
      own.eigenvectors() * roots(own.eigenvalues()).asDiagonal() * own.eigenvectors().transpose();
  const Matrix<double> product = root * b.covariance * root;
  const Eigen::SelfAdjointEigenSolver<Matrix<double>> both(product, Eigen::EigenvaluesOnly);
  const double shared = sum(roots(both.eigenvalues()));
  return std::max(0.0, squared_norm(a.mean - b.mean) + sum(a.covariance.diagonal()) +
                           sum(b.covariance.diagonal()) - 2 * shared);
}

FeatureSpace::FeatureSpace(const train::Params& classifier, const std::string& name) {
  if (classifier.task != network::Task::classify)
    throw InputError(name + ": features are those of a classifier, found parameters of task " +
                     word_of(classifier.task));
  const network::Resolved whole = network::resolve(classifier.network, classifier.process);
  for (const network::Layer& layer : whole.layers) {
    if (layer.physical >= 0)
      throw InputError(name +
                       ": features are those of a digital network, which computes the same everywhere; " +
                       layer.name + " is physical");
  }
  train::flat_digital(classifier, whole, digital_, state_);
  network_ = body_of(whole, name);
  // digital parameters stand in the order of the layers, so that those of the first layers come first
  const network::DigitalLayout layout = network::digital_layout(network_);
  digital_.resize(std::size_t(layout.trained_size));
  state_.resize(std::size_t(layout.state_size));
}

Gaussian FeatureSpace::gaussian(ConstMatrixView<float> pictures) const {
  require(pictures.cols() == network_.input.size(), "pictures have the size that the classifier reads");
  const Index n = pictures.rows(), batch = std::min(n, network::evaluation_batch);
  Matrix<float> features(n, size());
  const std::size_t batches = chunks_of(batch, n);
  const std::size_t workers = std::min(std::size_t(std::max(1, threads())), batches);
  parallel_for(workers, [&](std::size_t w) {
    network::Pass<float> pass(network_, batch);
    std::vector<float> state = state_;  // only read, since running statistics are used
    for (std::size_t k = w; k < batches; k += workers) {
      const Chunk c = chunk_of(k, batch, n);
      rows_of(view(features), c) =
          pass.forward(rows_of(pictures, c), {{}, digital_, state}, network::Statistics::running);
    }
  });
  return fit_gaussian(view(std::as_const(features)));
}

}  // namespace pnn::study
