#include "pnn/platforms/mzi/cells.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/chunks.hpp"
#include "pnn/core/phasor.hpp"
#include "pnn/core/threads.hpp"

namespace pnn::platforms::mzi {

namespace {

constexpr Index cell_chunk = 4096;  ///< MZIs handled by one chunk of a parallel loop

Index padded(Index count) {
  return (count + lane_block - 1) / lane_block * lane_block;
}

/// Calls body(k, count) for packs of MZIs: count is the pack's size but for the last one.
template <class Real, class Body>
void over_packs(Index mzis, const Body& body) {
  parallel_for(chunks_of(cell_chunk, mzis), [&](std::size_t number) {
    const Chunk chunk = chunk_of(number, cell_chunk, mzis);
    constexpr Index size = Pack<Real>::size;
    const Index end = chunk.begin + chunk.count;
    for (Index k = chunk.begin; k < end; k += size) body(k, std::min(size, end - k));
  });
}

template <class Real>
Pack<Real> take(const Real* from, Index count) {
  return count == Pack<Real>::size ? Pack<Real>::load(from) : Pack<Real>::load_part(from, count, 0);
}

}  // namespace

template <class Real>
MeshSplitters<Real>::MeshSplitters(Index mzis) {
  for (auto* values : {&cc, &ss, &cs, &sc, &top, &cross}) values->resize(std::size_t(padded(mzis)));
}

template <class Real>
void MeshSplitters<Real>::assign(std::span<const double> beta1, std::span<const double> beta2) {
  // In double whatever Real is: these numbers decide how nearly a mesh of floats is unitary.
  using P = Pack<double>;
  const P quarter(std::numbers::pi / 4);
  over_packs<double>(Index(beta1.size()), [&](Index k, Index count) {
    const auto one = phasor(P(take(beta1.data() + k, count) + quarter));
    const auto two = phasor(P(take(beta2.data() + k, count) + quarter));
    const auto put = [&](std::vector<Real>& to, const P& value) {
      for (Index lane = 0; lane < count; ++lane) to[std::size_t(k + lane)] = Real(value.lanes[lane]);
    };
    put(cc, two.re * one.re);
    put(ss, two.im * one.im);
    put(cs, two.re * one.im);
    put(sc, two.im * one.re);
    put(top, two.re * two.re);
    put(cross, two.re * two.im);
  });
}

template <class Real>
MeshCells<Real> make_cells(Index modes, double loss_db) {
  MeshCells<Real> cells;
  cells.mesh = {modes};
  cells.stride = padded(cells.mesh.mzis());
  cells.entries.resize(std::size_t(8 * cells.stride));
  cells.psi_re.resize(std::size_t(modes));
  cells.psi_im.resize(std::size_t(modes));
  cells.amplitude = Real(std::pow(10, -loss_db / 20));
  cells.common = Real(std::pow(10, -loss_db / 20 * double(cells.mesh.columns())));
  return cells;
}

template <class Real>
void fill_cells(const MeshSplitters<Real>& splitters, std::span<const Real> turns, MeshCells<Real>& cells) {
  using P = Pack<Real>;
  const RectangularMesh& mesh = cells.mesh;
  const Real* theta = turns.data() + mesh.theta(0);
  const Real* phi = turns.data() + mesh.phi(0);
  over_packs<Real>(mesh.mzis(), [&](Index k, Index count) {
    const Phasor<P> e = phasor_of_turn(take(theta + k, count)), f = phasor_of_turn(take(phi + k, count));
    const auto from = [&](const std::vector<Real>& values) { return P::load(values.data() + k); };
    const P cc = from(splitters.cc), ss = from(splitters.ss);
    const P cs = from(splitters.cs), sc = from(splitters.sc);
    Real* entry = cells.entries.data() + k;
    const auto give = [&](const P& value) {  // the arrays are padded: a whole pack always fits
      value.store(entry);
      entry += cells.stride;
    };
    const P bar_re = fma(cc, e.re, -ss), bar_im = cc * e.im;
    const P cross_re = -(sc * e.im), cross_im = fma(sc, e.re, cs);
    give(fma(bar_re, f.re, -(bar_im * f.im)));
    give(fma(bar_re, f.im, bar_im * f.re));
    give(-(cs * e.im));
    give(fma(cs, e.re, sc));
    give(fma(cross_re, f.re, -(cross_im * f.im)));
    give(fma(cross_re, f.im, cross_im * f.re));
    give(fma(-ss, e.re, cc));
    give(-(ss * e.im));
  });
  const Real* psi = turns.data() + mesh.psi(0);
  for (Index m = 0; m < mesh.modes; ++m) {
    const Phasor<Real> turned = phasor_of_turn(psi[m]);
    cells.psi_re[std::size_t(m)] = turned.re;
    cells.psi_im[std::size_t(m)] = turned.im;
  }
}

template <class Real>
void fold_sums(const RectangularMesh& mesh, const MeshSplitters<Real>& splitters, std::span<double> sums,
               std::span<double> flux) {
  std::copy_n(sums.begin() + mesh.psi(0), mesh.modes, flux.begin());
  for (Index column = mesh.columns(); column-- > 0;) {
    auto upper = std::size_t(mesh.first_mode(column));
    const Index first = mesh.first_mzi(column), last = first + mesh.mzis_in_column(column);
    for (Index mzi = first; mzi < last; ++mzi, upper += 2) {
      const auto k = std::size_t(mzi);
      const double top = double(splitters.top[k]), both = flux[upper] + flux[upper + 1];
      double& by_theta = sums[std::size_t(mesh.theta(mzi))];
      by_theta = top * flux[upper] + (1 - top) * flux[upper + 1] + double(splitters.cross[k]) * by_theta;
      flux[upper] = sums[std::size_t(mesh.phi(mzi))];
      flux[upper + 1] = both - flux[upper];
    }
  }
}

#define PNN_INSTANTIATE(Real)                                                                    \
  template struct MeshSplitters<Real>;                                                           \
  template MeshCells<Real> make_cells(Index, double);                                            \
  template void fill_cells(const MeshSplitters<Real>&, std::span<const Real>, MeshCells<Real>&); \
  template void fold_sums(const RectangularMesh&, const MeshSplitters<Real>&, std::span<double>, \
                          std::span<double>);
PNN_INSTANTIATE(float)
PNN_INSTANTIATE(double)
#undef PNN_INSTANTIATE

}  // namespace pnn::platforms::mzi
