#include "pnn/study/curvature.hpp"

#include <Spectra/SymEigsSolver.h>

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"

namespace pnn::study {
namespace {

/// The form in which Spectra wants a matrix.
class Operator {
 public:
  using Scalar = double;
  Operator(const HessianProduct& product, Index size) : product_(product), size_(size) {}
  [[nodiscard]] Index rows() const { return size_; }
  [[nodiscard]] Index cols() const { return size_; }
  void perform_op(const double* in, double* out) const {
    const std::span<double> result(out, std::size_t(size_));
    product_({in, std::size_t(size_)}, result);
    ++products_;
    if (!Eigen::Map<const Vector<double>>(out, size_).allFinite())
      throw RunError(
          "the Hessian's product with a vector is not finite; take another --step, or is the training not "
          "sound?");
  }
  [[nodiscard]] std::uint64_t products() const { return products_; }

 private:
  const HessianProduct& product_;
  Index size_;
  mutable std::uint64_t products_ = 0;
};

}  // namespace

TopEigenvalues top_eigenvalues(const HessianProduct& product, Index size, int count, double tolerance) {
  require(count > 0 && count < size, "fewer eigenvalues than the space has dimensions");
  Operator op(product, size);
  const Index basis = std::min(size, std::max<Index>(2 * count + 1, 20));
  Spectra::SymEigsSolver<Operator> solver(op, count, basis);
  solver.init();
  constexpr int restarts = 200;
  solver.compute(Spectra::SortRule::LargestAlge, restarts, tolerance, Spectra::SortRule::LargestAlge);
  if (solver.info() != Spectra::CompInfo::Successful)
    throw RunError("the largest eigenvalues of the Hessian did not converge in " + std::to_string(restarts) +
                   " restarts; ask for fewer");
  TopEigenvalues top{solver.eigenvalues(), solver.eigenvectors().transpose(), op.products()};
  for (Index k = 0; k < top.vectors.rows(); ++k) {  // the sign of an eigenvector is free: fix it
    Index largest = 0;
    top.vectors.row(k).cwiseAbs().maxCoeff(&largest);
    if (top.vectors(k, largest) < 0) top.vectors.row(k) *= -1;
  }
  return top;
}

void fill_signs(const Stream& stream, std::span<double> signs) {
  fill_symmetric(stream, signs);
  for (double& s : signs) s = s < 0 ? -1 : 1;
}

}  // namespace pnn::study
