// The Fréchet distance between pictures, on the features of a classifier: how far what a network makes is
// from what a data set holds, as a distribution.
#pragma once

#include "pnn/core/matrix.hpp"
#include "pnn/network/network.hpp"
#include "pnn/train/params.hpp"

namespace pnn::study {

/// Mean and covariance.
struct Gaussian {
  Vector<double> mean;        ///< [features]
  Matrix<double> covariance;  ///< [features, features], normalised by n − 1
};
/// Of samples [n, features], n ≥ 2; sums in double, in the order of the rows.
Gaussian fit_gaussian(ConstMatrixView<float> samples);

/// |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁^½ Σ₂ Σ₁^½)^½), the squared 2-Wasserstein distance of two Gaussians (Dowson
/// & Landau, J. Multivar. Anal. 12, 450, 1982), in squared units of the features; at least 0. Covariances may
/// be singular. On features of an Inception network it is the "FID" of Heusel et al. (NeurIPS 2017); on those
/// of another classifier its numbers compare with nothing but each other.
double frechet_distance(const Gaussian& a, const Gaussian& b);

/// The features of a digital classifier: the inputs of its last matrix layer (dense or conv), with running
/// statistics.
class FeatureSpace {
 public:
  /// Throws InputError where the parameters are those of another task, hold physical layers, or read the
  /// pictures in their last matrix layer already; `name` says which file.
  FeatureSpace(const train::Params& classifier, const std::string& name);

  [[nodiscard]] network::Shape pictures() const { return network_.input; }
  [[nodiscard]] Index size() const { return network_.output().size(); }
  /// Of features of pictures [n, pixels], n ≥ 2. Safe to call from several threads at once.
  [[nodiscard]] Gaussian gaussian(ConstMatrixView<float> pictures) const;

 private:
  network::Resolved network_;  ///< without its last matrix layer and what follows
  std::vector<float> digital_, state_;
};

}  // namespace pnn::study
