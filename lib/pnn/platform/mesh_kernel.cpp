#include "pnn/platform/mesh_kernel.hpp"

#include <cstring>

#include "pnn/core/transpose.hpp"

namespace pnn::platform {

namespace {

constexpr int blocks_summed = lane_block;  ///< sums over lanes are finished this many at a time

/// The four complex entries of an MZI, each in every lane.
template <class Real>
struct Cell {
  using P = Pack<Real>;
  P ar, ai, br, bi, cr, ci, dr, di;
  Cell(const MeshCells<Real>& cells, Index mzi) {
    const Real* entry = cells.entries.data() + mzi;
    const auto next = [&] {
      const P value(*entry);
      entry += cells.stride;
      return value;
    };
    ar = next(), ai = next(), br = next(), bi = next();
    cr = next(), ci = next(), dr = next(), di = next();
  }
};

template <class Real>
void scale_mode(Real factor, Real* mode, int lanes) {
  using P = Pack<Real>;
  const P f(factor);
  for (int l = 0; l < lanes; l += P::size) {
    (P::load(mode + l) * f).store(mode + l);
    (P::load(mode + tile_lanes + l) * f).store(mode + tile_lanes + l);
  }
}

/// Scales the modes that a column does not hold.
template <class Real>
void scale_unpaired(const RectangularMesh& mesh, Index column, Real factor, Real* tile, int lanes) {
  if (factor == 1) return;
  const Index first = mesh.first_mode(column);
  if (first == 1) scale_mode(factor, tile, lanes);
  const Index below = first + 2 * mesh.mzis_in_column(column);
  if (below < mesh.modes) scale_mode(factor, tile + tile_size(below), lanes);
}

/// mode ← (re + i im) mode.
template <class Real>
void turn_mode(Real re, Real im, Real* mode, int lanes) {
  using P = Pack<Real>;
  const P c(re), s(im);
  for (int l = 0; l < lanes; l += P::size) {
    const P x = P::load(mode + l), y = P::load(mode + tile_lanes + l);
    fma(c, x, -(s * y)).store(mode + l);
    fma(c, y, s * x).store(mode + tile_lanes + l);
  }
}

/// Partial sums of a few numbers, a block of lanes each, waiting to be summed over the lanes.
template <class Real>
class LaneSums {
 public:
  static constexpr int packs = int(lane_block) / Pack<Real>::size;

  /// Takes one more number; its sum will be added to *to.
  void push(const Pack<Real> (&partial)[packs], Real* to) {
    for (int p = 0; p < packs; ++p) partial[p].store(lanes_ + count_ * lane_block + p * Pack<Real>::size);
    to_[count_++] = to;
    if (count_ == blocks_summed) flush();
  }
  /// Halves are added, then quarters, …: the same order for every width of vector.
  void flush() {
    Real turned[blocks_summed * lane_block];
    transpose_block(lanes_, lane_block, turned, blocks_summed);
    for (int half = lane_block / 2; half > 0; half /= 2) {
      for (int k = 0; k < half * blocks_summed; ++k) turned[k] += turned[k + half * blocks_summed];
    }
    for (int k = 0; k < count_; ++k) *to_[k] += turned[k];
    count_ = 0;
  }

 private:
  Real lanes_[blocks_summed * lane_block] = {};
  Real* to_[blocks_summed] = {};
  int count_ = 0;
};

/// Light through one MZI.
template <class Real>
inline void propagate_cell(const Cell<Real>& m, Real* u, Real* v, int lanes) {
  using P = Pack<Real>;
  for (int l = 0; l < lanes; l += P::size) {
    const P ur = P::load(u + l), ui = P::load(u + tile_lanes + l);
    const P vr = P::load(v + l), vi = P::load(v + tile_lanes + l);
    fma(-m.bi, vi, fma(m.br, vr, fma(-m.ai, ui, m.ar * ur))).store(u + l);
    fma(m.bi, vr, fma(m.br, vi, fma(m.ai, ur, m.ar * ui))).store(u + tile_lanes + l);
    fma(-m.di, vi, fma(m.dr, vr, fma(-m.ci, ui, m.cr * ur))).store(v + l);
    fma(m.di, vr, fma(m.dr, vi, fma(m.ci, ur, m.cr * ui))).store(v + tile_lanes + l);
  }
}

/// The adjoint of an MZI on (u, v).
template <class Real>
inline void adjoint(const Cell<Real>& m, Pack<Real>& ur, Pack<Real>& ui, Pack<Real>& vr, Pack<Real>& vi) {
  using P = Pack<Real>;
  const P xr = fma(m.ci, vi, fma(m.cr, vr, fma(m.ai, ui, m.ar * ur)));
  const P xi = fma(-m.ci, vr, fma(m.cr, vi, fma(-m.ai, ur, m.ar * ui)));
  const P yr = fma(m.di, vi, fma(m.dr, vr, fma(m.bi, ui, m.br * ur)));
  const P yi = fma(-m.di, vr, fma(m.dr, vi, fma(-m.bi, ur, m.br * ui)));
  ur = xr, ui = xi, vr = yr, vi = yi;
}

/// Undoes one MZI for amplitudes (at z) and gradients (at g); adds to the partial sums of θ and φ.
template <class Real>
inline void pull_cell(const Cell<Real>& m, Real* z, Real* g, int lanes,
                      Pack<Real> (&theta)[LaneSums<Real>::packs], Pack<Real> (&phi)[LaneSums<Real>::packs]) {
  using P = Pack<Real>;
  constexpr int to_v = 2 * tile_lanes;
  for (int block = 0; block < lanes; block += int(lane_block)) {
    for (int p = 0; p < LaneSums<Real>::packs; ++p) {
      const int re = block + p * P::size, im = re + tile_lanes;
      P ur = P::load(z + re), ui = P::load(z + im), vr = P::load(z + to_v + re), vi = P::load(z + to_v + im);
      P fr = P::load(g + re), fi = P::load(g + im), hr = P::load(g + to_v + re), hi = P::load(g + to_v + im);
      theta[p] = fma(-hi, ui, fma(-hr, ur, fma(fi, vi, fma(fr, vr, theta[p]))));
      adjoint(m, ur, ui, vr, vi);
      adjoint(m, fr, fi, hr, hi);
      phi[p] = fma(-fr, ui, fma(fi, ur, phi[p]));
      ur.store(z + re), ui.store(z + im), vr.store(z + to_v + re), vi.store(z + to_v + im);
      fr.store(g + re), fi.store(g + im), hr.store(g + to_v + re), hi.store(g + to_v + im);
    }
  }
}

/// Undoes e^{iψ} of every mode; adds Σ Re(λ* iz), which it does not change, to sums.
template <class Real>
void pull_outputs(const MeshCells<Real>& cells, Real* z, Real* lambda, int lanes, Real* sums) {
  using P = Pack<Real>;
  LaneSums<Real> waiting;
  for (Index m = 0; m < cells.mesh.modes; ++m) {
    Real* at = z + tile_size(m);
    Real* g = lambda + tile_size(m);
    P flux[LaneSums<Real>::packs];
    for (P& x : flux) x = P(0);
    for (int block = 0; block < lanes; block += int(lane_block)) {
      for (int p = 0; p < LaneSums<Real>::packs; ++p) {
        const int re = block + p * P::size, im = re + tile_lanes;
        flux[p] = fma(-P::load(g + re), P::load(at + im), fma(P::load(g + im), P::load(at + re), flux[p]));
      }
    }
    waiting.push(flux, sums + m);
    turn_mode(cells.psi_re[std::size_t(m)], -cells.psi_im[std::size_t(m)], at, lanes);
    turn_mode(cells.psi_re[std::size_t(m)], -cells.psi_im[std::size_t(m)], g, lanes);
  }
  waiting.flush();
}

}  // namespace

template <class Real>
void propagate_tile(const MeshCells<Real>& cells, Real* z, int lanes) {
  const RectangularMesh& mesh = cells.mesh;
  const Real gain = 1 / cells.amplitude;
  Index mzi = 0;
  for (Index column = 0; column < mesh.columns(); ++column) {
    scale_unpaired(mesh, column, gain, z, lanes);
    const Index count = mesh.mzis_in_column(column);
    Real* u = z + tile_size(mesh.first_mode(column));
    for (Index k = 0; k < count; ++k, ++mzi, u += tile_size(2)) {
      propagate_cell(Cell<Real>(cells, mzi), u, u + tile_size(1), lanes);
    }
  }
  for (Index m = 0; m < mesh.modes; ++m) {
    const auto k = std::size_t(m);
    turn_mode(cells.common * cells.psi_re[k], cells.common * cells.psi_im[k], z + tile_size(m), lanes);
  }
}

template <class Real>
void pull_tile(const MeshCells<Real>& cells, Real* z, Real* lambda, int lanes, Real* sums) {
  const RectangularMesh& mesh = cells.mesh;
  const Real gain = 1 / cells.amplitude;
  pull_outputs(cells, z, lambda, lanes, sums + mesh.psi(0));
  LaneSums<Real> waiting;
  for (Index column = mesh.columns(); column-- > 0;) {
    const Index count = mesh.mzis_in_column(column), first = mesh.first_mzi(column);
    for (Index k = 0; k < count; ++k) {
      Pack<Real> theta[LaneSums<Real>::packs], phi[LaneSums<Real>::packs];
      for (auto& x : theta) x = Pack<Real>(0);
      for (auto& x : phi) x = Pack<Real>(0);
      const Index at = tile_size(mesh.first_mode(column) + 2 * k);
      pull_cell(Cell<Real>(cells, first + k), z + at, lambda + at, lanes, theta, phi);
      waiting.push(theta, sums + mesh.theta(first + k));
      waiting.push(phi, sums + mesh.phi(first + k));
    }
    scale_unpaired(mesh, column, cells.amplitude, z, lanes);
    scale_unpaired(mesh, column, gain, lambda, lanes);
  }
  waiting.flush();
  if (cells.common != 1) {
    for (Index m = 0; m < mesh.modes; ++m) scale_mode(cells.common, lambda + tile_size(m), lanes);
  }
}

template <class Real>
void attenuate_tile(const Real* gain, Index count, Index modes, Real* z, int lanes) {
  for (Index k = 0; k < count; ++k) scale_mode(gain[k], z + tile_size(k), lanes);
  if (modes > count) {
    std::memset(z + tile_size(count), 0, sizeof(Real) * std::size_t(tile_size(modes - count)));
  }
}

template <class Real>
void overlap_tile(const Real* z, const Real* lambda, Index count, int lanes, Real* sums) {
  using P = Pack<Real>;
  LaneSums<Real> waiting;
  for (Index k = 0; k < count; ++k, z += tile_size(1), lambda += tile_size(1)) {
    P sum[LaneSums<Real>::packs];
    for (P& x : sum) x = P(0);
    for (int block = 0; block < lanes; block += int(lane_block)) {
      for (int p = 0; p < LaneSums<Real>::packs; ++p) {
        const int re = block + p * P::size, im = re + tile_lanes;
        sum[p] =
            fma(P::load(lambda + re), P::load(z + re), fma(P::load(lambda + im), P::load(z + im), sum[p]));
      }
    }
    waiting.push(sum, sums + k);
  }
  waiting.flush();
}

#define PNN_INSTANTIATE(Real)                                                \
  template void propagate_tile(const MeshCells<Real>&, Real*, int);          \
  template void pull_tile(const MeshCells<Real>&, Real*, Real*, int, Real*); \
  template void attenuate_tile(const Real*, Index, Index, Real*, int);       \
  template void overlap_tile(const Real*, const Real*, Index, int, Real*);
PNN_INSTANTIATE(float)
PNN_INSTANTIATE(double)
#undef PNN_INSTANTIATE

}  // namespace pnn::platform
