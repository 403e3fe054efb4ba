// Meshes of every kind, and the formulas of a mesh written out once more, matrix by matrix.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <complex>
#include <numbers>
#include <string>
#include <vector>

#include "pnn/core/random.hpp"
#include "pnn/platforms/mzi/clements.hpp"
#include "pnn/platforms/mzi/mesh.hpp"
#include "pnn/platforms/mzi/plan.hpp"
#include "pnn/platforms/mzi/process.hpp"

namespace pnn::test {

using Complex = std::complex<double>;
using ComplexMatrix = Eigen::MatrixXcd;

/// Uniform numbers in (low, high).
inline std::vector<double> uniform_numbers(Index count, double low, double high, std::uint16_t stream) {
  std::vector<double> out(std::size_t(count), 0.0);
  fill_symmetric({5, Purpose::test, stream}, out);
  for (double& x : out) x = (low + high) / 2 + (high - low) / 2 * x;
  return out;
}

inline platforms::mzi::MeshPlan square_mesh(Index modes) {
  return {"mzi1", modes, modes, platforms::mzi::MeshLayout::unitary};
}

struct MeshCase {
  std::string name;
  platforms::mzi::MeshPlan plan;
  platforms::mzi::MeshPhysics physics;
  platforms::mzi::MeshErrors errors;

  /// Controls of several turns, and offsets.
  [[nodiscard]] std::vector<double> controls() const {
    return uniform_numbers(plan.control_count(), -8, 14, 1);
  }
  [[nodiscard]] std::vector<double> offsets() const {
    return uniform_numbers(plan.control_count(), -0.2, 0.2, 2);
  }
};

/// Shape × layout × what is on: nothing, or errors, crosstalk and loss, with and without wrapping.
inline std::vector<MeshCase> mesh_cases() {
  using platforms::mzi::MeshLayout;
  const platforms::mzi::MeshPlan plans[] = {
      square_mesh(1),
      square_mesh(2),
      square_mesh(3),
      square_mesh(6),
      square_mesh(7),
      square_mesh(17),
      {"mzi1", 5, 8, MeshLayout::svd},
      {"mzi1", 7, 4, MeshLayout::svd},
      {"mzi1", 3, 3, MeshLayout::svd},
      {"mzi1", 1, 6, MeshLayout::svd},
      {"mzi1", 2, 1, MeshLayout::svd},
  };
  std::vector<MeshCase> cases;
  for (const platforms::mzi::MeshPlan& plan : plans) {
    for (const char* kind : {"ideal", "full", "full, unwrapped heat"}) {
      const bool full = std::string(kind) != "ideal";
      MeshCase c;
      c.name = std::to_string(plan.in) + " to " + std::to_string(plan.out) +
               (plan.layout == MeshLayout::svd ? " svd, " : " modes, ") + kind;
      c.plan = plan;
      platforms::mzi::Process process;
      process.crosstalk = 0.03;
      process.crosstalk_length = 1.7;
      process.loss_db = 0.4;
      process.phase_sigma_rad = process.split_sigma_rad = 0.15;
      c.physics = full ? full_physics(process) : ideal_physics(process);
      c.physics.wrap = std::string(kind) != "full, unwrapped heat";
      c.errors = full ? draw_errors(process, plan, 3, int(Purpose::test), 1, 2, 3) : no_errors(plan);
      cases.push_back(std::move(c));
    }
  }
  return cases;
}

/// B(x).
inline Eigen::Matrix2cd splitter(double x) {
  Eigen::Matrix2cd b;
  b << std::cos(x), Complex(0, std::sin(x)), Complex(0, std::sin(x)), std::cos(x);
  return b;
}

/// M of one MZI.
inline Eigen::Matrix2cd mzi(double theta, double phi, double beta1, double beta2) {
  const auto shifter = [](double x) {
    Eigen::Matrix2cd d;
    d << std::polar(1.0, x), 0, 0, 1;
    return d;
  };
  const double quarter = std::numbers::pi / 4;
  return splitter(quarter + beta2) * shifter(theta) * splitter(quarter + beta1) * shifter(phi);
}

/// One mesh, from the phases that the light meets and its splitter errors.
inline ComplexMatrix literal_mesh(Index modes, const std::vector<double>& phase, const double* beta1,
                                  const double* beta2, double loss_db) {
  const Index mzis = modes * (modes - 1) / 2;
  ComplexMatrix u = ComplexMatrix::Identity(modes, modes);
  Index k = 0;
  for (Index column = 0; column < modes; ++column) {
    ComplexMatrix c = ComplexMatrix::Identity(modes, modes);
    for (Index m = column % 2; m + 1 < modes; m += 2, ++k) {
      c.block(m, m, 2, 2) = std::pow(10, -loss_db / 20) *
                            mzi(phase[std::size_t(k)], phase[std::size_t(mzis + k)], beta1[k], beta2[k]);
    }
    u = c * u;
  }
  for (Index m = 0; m < modes; ++m) u.row(m) *= std::polar(1.0, phase[std::size_t(2 * mzis + m)]);
  return u;
}

/// W of a case, by the words of the header alone.
inline ComplexMatrix literal_weights(const MeshCase& c, const std::vector<double>& controls,
                                     const std::vector<double>& offsets, double kelvin) {
  const double turn = 2 * std::numbers::pi;
  std::vector<double> driven = controls, phase(controls.size());
  if (c.physics.wrap) {
    for (double& x : driven) x -= turn * std::floor(x / turn);
  }
  for (std::size_t k = 0; k < phase.size(); ++k) {
    phase[k] = driven[k] + c.errors.phase[k] + c.physics.kappa_rad_per_k * kelvin + offsets[k];
    const platforms::mzi::ControlPlace here = c.plan.place_of(Index(k));
    if (here.kind != platforms::mzi::MeshControl::theta && here.kind != platforms::mzi::MeshControl::phi)
      continue;
    for (std::size_t j = 0; j < phase.size(); ++j) {
      const platforms::mzi::ControlPlace there = c.plan.place_of(Index(j));
      if (j == k || there.kind != here.kind || there.mesh != here.mesh || there.column != here.column) {
        continue;
      }
      const double distance = std::abs(double(here.index - there.index));
      phase[k] += c.physics.crosstalk * std::exp(-(distance - 1) / c.physics.crosstalk_length) * driven[j];
    }
  }
  const Index n1 = c.plan.in, mzis1 = n1 * (n1 - 1) / 2, controls1 = n1 * n1;
  const ComplexMatrix v1 =
      literal_mesh(n1, phase, c.errors.beta1.data(), c.errors.beta2.data(), c.physics.loss_db);
  if (c.plan.layout == platforms::mzi::MeshLayout::unitary) return v1;
  const Index rank = std::min(c.plan.in, c.plan.out);
  ComplexMatrix sigma = ComplexMatrix::Zero(c.plan.out, c.plan.in);
  for (Index k = 0; k < rank; ++k) sigma(k, k) = std::cos(phase[std::size_t(controls1 + k)]);
  const ComplexMatrix v2 =
      literal_mesh(c.plan.out, {phase.begin() + controls1 + rank, phase.end()}, c.errors.beta1.data() + mzis1,
                   c.errors.beta2.data() + mzis1, c.physics.loss_db);
  return v2 * sigma * v1;
}

/// The complex matrix in its real storage.
template <class Real>
ComplexMatrix complex_of(const Matrix<Real>& stored) {
  const Index out = stored.rows() / 2;
  return stored.topRows(out).template cast<double>() +
         Complex(0, 1) * stored.bottomRows(out).template cast<double>();
}

template <class Real>
ComplexMatrix evaluate(const MeshCase& c, const std::vector<double>& controls,
                       const std::vector<double>& offsets, double kelvin) {
  platforms::mzi::Mesh<Real> mesh(c.plan, c.physics, c.errors);
  const std::vector<Real> theta(controls.begin(), controls.end()), extra(offsets.begin(), offsets.end());
  Matrix<Real> weights(mesh.rows(), mesh.cols());
  mesh.evaluate({theta, extra, kelvin}, view(weights));
  return complex_of(weights);
}

}  // namespace pnn::test
