#include "pnn/platform/transfer_map.hpp"

#include "pnn/core/errors.hpp"

namespace pnn::platform {

template <class Real>
void TransferMap<Real>::slope(const OperatingPoint<Real>&, std::span<Real>) {
  throw InternalError("the slope of a map whose weights have no controls of their own");
}
template <class Real>
void TransferMap<Real>::curvature(const OperatingPoint<Real>&, std::span<Real>) {
  throw InternalError("the curvature of a map whose weights have no controls of their own");
}
template <class Real>
void TransferMap<Real>::response_slope(const OperatingPoint<Real>&, std::span<Real>) {
  throw InternalError("the response of a map whose weights have no controls of their own");
}
template <class Real>
void TransferMap<Real>::propagate(const OperatingPoint<Real>&, ConstMatrixView<Real>, MatrixView<Real>) {
  throw InternalError("signals through a map that needs its matrix");
}
template <class Real>
void TransferMap<Real>::pull_signals(const OperatingPoint<Real>&, ConstMatrixView<Real>,
                                     ConstMatrixView<Real>, ConstMatrixView<Real>, Pullback<Real>&,
                                     MatrixView<Real>) {
  throw InternalError("signals back through a map that needs its matrix");
}

template class TransferMap<float>;
template class TransferMap<double>;

}  // namespace pnn::platform
