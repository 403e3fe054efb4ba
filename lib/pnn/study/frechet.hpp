// The Fréchet distance between two distributions of pictures, on the features of a classifier: how far the
// pictures that a network makes are from those of a data set.
#pragma once

#include "pnn/core/matrix.hpp"
#include "pnn/network/network.hpp"
#include "pnn/train/params.hpp"

namespace pnn::study {

/// A Gaussian distribution.
struct Gaussian {
  Vector<double> mean;        ///< [features]
  Matrix<double> covariance;  ///< [features, features], normalised by n − 1
};
/// The Gaussian with the mean and covariance of samples [n, features], n ≥ 2; sums are in double, in the
/// order of the rows.
Gaussian fit_gaussian(ConstMatrixView<float> samples);

/// |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁^½ Σ₂ Σ₁^½)^½), the squared 2-Wasserstein distance of two Gaussians (Dowson
/// & Landau, J. Multivar. Anal. 12, 450, 1982), at least 0, in squared units of the features. Covariances may
/// be singular. On the features of an Inception network it is the "FID" of Heusel et al. (NeurIPS 2017);
/// numbers on the features of another classifier can only be compared with each other.
double frechet_distance(const Gaussian& a, const Gaussian& b);

/// The features of a digital classifier: the inputs of its last matrix layer (dense or conv), computed with
/// running batch-norm statistics.
class FeatureSpace {
 public:
  /// Throws InputError if the parameters are of another task, contain physical layers, or have a single
  /// matrix layer; `name` is the file in messages.
  FeatureSpace(const train::Params& classifier, const std::string& name);

  /// The shape of the pictures.
  [[nodiscard]] network::Shape pictures() const { return network_.input; }
  /// The number of features.
  [[nodiscard]] Index size() const { return network_.output().size(); }
  /// The Gaussian of the features of pictures [n, pixels], n ≥ 2. May be called from several threads at once.
  [[nodiscard]] Gaussian gaussian(ConstMatrixView<float> pictures) const;

 private:
  network::Resolved network_;  ///< the classifier up to its last matrix layer
  std::vector<float> digital_, state_;
};

}  // namespace pnn::study
