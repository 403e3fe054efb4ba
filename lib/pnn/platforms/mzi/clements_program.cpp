// Programming a plan with any matrix: singular values for `svd`, the polar decomposition for `unitary`.
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/phasor.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/platforms/mzi/clements.hpp"

namespace pnn::platforms::mzi {

namespace {

using Complex = std::complex<double>;

void check_target(const MeshPlan& plan, const ComplexMatrix& target) {
  check_plan(plan);
  const std::string name = plan.name.empty() ? "mesh" : plan.name;
  if (target.rows() != plan.out || target.cols() != plan.in) {
    throw UsageError(name + ": expected a matrix of " + std::to_string(plan.out) + " x " +
                     std::to_string(plan.in) + ", found " + std::to_string(target.rows()) + " x " +
                     std::to_string(target.cols()));
  }
  for (Index i = 0; i < target.rows(); ++i) {
    for (Index j = 0; j < target.cols(); ++j) {
      if (!std::isfinite(target(i, j).real()) || !std::isfinite(target(i, j).imag())) {
        throw InputError(name + ": expected a matrix of finite numbers, found another in row " +
                         std::to_string(i) + ", column " + std::to_string(j));
      }
    }
  }
}

/// Controls of an error-free mesh, and the gain.
MeshProgram ideal_program(const MeshPlan& plan, const ComplexMatrix& target) {
  const Eigen::JacobiSVD<Eigen::MatrixXcd> svd(target, Eigen::ComputeFullU | Eigen::ComputeFullV);
  const auto& sigma = svd.singularValues();
  MeshProgram out;
  if (plan.layout == MeshLayout::unitary) {
    // the gain that leaves the least of Σ (σ − gain)²
    out.controls = decompose(svd.matrixU() * svd.matrixV().adjoint());
    out.gain = mean(sigma);
    return out;
  }
  out.controls = decompose(svd.matrixV().adjoint());
  out.gain = sigma.maxCoeff();
  for (Index k = 0; k < plan.attenuators(); ++k) {
    out.controls.push_back(std::acos(out.gain > 0 ? std::min(1.0, sigma[k] / out.gain) : 0.0));
  }
  const std::vector<double> second = decompose(svd.matrixU());
  out.controls.insert(out.controls.end(), second.begin(), second.end());
  return out;
}

/// ‖target − gain · W‖ / ‖target‖ of a lossless mesh with these splitters.
double residual_of(const MeshPlan& plan, const ComplexMatrix& target, const MeshProgram& found,
                   const MeshErrors& splitters) {
  const double size = norm(target);
  if (size == 0) return 0;
  Mesh<double> mesh(plan, MeshPhysics{}, splitters);
  Matrix<double> weights(mesh.rows(), mesh.cols());
  mesh.evaluate({found.controls, {}, 0}, view(weights));
  return norm(target - found.gain * complex_matrix(view(std::as_const(weights)))) / size;
}

}  // namespace

template <class Real>
ComplexMatrix complex_matrix(ConstMatrixView<Real> stored) {
  const Index out = stored.rows() / 2;
  return stored.topRows(out).template cast<Complex>() +
         Complex(0, 1) * stored.bottomRows(out).template cast<Complex>();
}
template ComplexMatrix complex_matrix(ConstMatrixView<float>);
template ComplexMatrix complex_matrix(ConstMatrixView<double>);

MeshProgram program(const MeshPlan& plan, const ComplexMatrix& target, const MeshErrors& errors) {
  check_target(plan, target);
  MeshErrors splitters = no_errors(plan);
  require(errors.beta1.size() == splitters.beta1.size() && errors.beta2.size() == splitters.beta2.size(),
          "mesh: two splitter errors an MZI");
  splitters.beta1 = errors.beta1;
  splitters.beta2 = errors.beta2;
  MeshProgram out = ideal_program(plan, target);
  for (int number = 0; number < plan.meshes(); ++number) {
    const RectangularMesh mesh = plan.mesh(number);
    const auto first = std::size_t(plan.first_mzi(number)), count = std::size_t(mesh.mzis());
    out.unreached += correct_splitters(
        mesh.modes, std::span(splitters.beta1).subspan(first, count),
        std::span(splitters.beta2).subspan(first, count),
        std::span(out.controls)
            .subspan(std::size_t(plan.first_control(number)), std::size_t(mesh.control_count())));
  }
  out.residual = residual_of(plan, target, out, splitters);
  return out;
}

MeshProgram program(const MeshPlan& plan, const ComplexMatrix& target) {
  return program(plan, target, no_errors(plan));
}

template <class Real>
MeshProgram program(const Mesh<Real>& mesh, const ComplexMatrix& target) {
  const std::vector<double>& phase = mesh.errors().phase;
  MeshProgram out = program(mesh.plan(), target, mesh.errors());
  for (std::size_t k = 0; k < phase.size(); ++k) out.controls[k] = wrap_phase(out.controls[k] - phase[k]);
  return out;
}
template MeshProgram program(const Mesh<float>&, const ComplexMatrix&);
template MeshProgram program(const Mesh<double>&, const ComplexMatrix&);

template <class Real>
double Mesh<Real>::invert(ConstMatrixView<Real> weights, std::span<Real> controls) {
  const ComplexMatrix target = complex_matrix(weights);
  MeshProgram found = program(*this, target);
  absorb_gain(plan(), errors(), found);
  std::transform(found.controls.begin(), found.controls.end(), controls.begin(),
                 [](double phase) { return Real(phase); });
  Matrix<Real> given(rows(), cols());
  evaluate({controls, {}, {}}, view(given));
  return (complex_matrix(view(std::as_const(given))) - target).cwiseAbs().maxCoeff();
}
template double Mesh<float>::invert(ConstMatrixView<float>, std::span<float>);
template double Mesh<double>::invert(ConstMatrixView<double>, std::span<double>);

void absorb_gain(const MeshPlan& plan, const MeshErrors& errors, MeshProgram& found) {
  if (plan.attenuators() == 0 || found.gain > 1) return;
  for (Index k = 0; k < plan.attenuators(); ++k) {
    const auto at = std::size_t(plan.first_attenuator() + k);
    const double transmission = std::cos(found.controls[at] + errors.phase[at]);
    found.controls[at] = wrap_phase(std::acos(found.gain * transmission) - errors.phase[at]);
  }
  found.gain = 1;
}

}  // namespace pnn::platforms::mzi
