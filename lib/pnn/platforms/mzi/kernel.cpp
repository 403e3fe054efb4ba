#include "pnn/platforms/mzi/kernel.hpp"

#include <cstring>

#include "pnn/core/simd.hpp"

namespace pnn::platforms::mzi {

namespace {

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
    take_product(c * x, s, y).store(mode + l);
    add_product(c * y, s, x).store(mode + tile_lanes + l);
  }
}

/// Where the lower half of the run that makes lane `lane` of a fold lies, among `size` lanes of p, then of q.
template <int Half>
constexpr int lower_half(int lane, int size) {
  const int within = lane % (size / 2);
  return lane / (size / 2) * size + within / Half * 2 * Half + within % Half;
}

/// Adds the halves of each run of 2·Half lanes of p, then of q: the sums of p in the lower half of the
/// result.
template <int Half, class Real>
inline Pack<Real> fold(const Pack<Real>& p, const Pack<Real>& q) {
  constexpr int size = Pack<Real>::size;
  constexpr auto low = [](int lane) { return lower_half<Half>(lane, size); };
  constexpr auto high = [](int lane) { return lower_half<Half>(lane, size) + Half; };
  return shuffle<low>(p, q) + shuffle<high>(p, q);
}

/// packs[k] holds the partial sums of number k (of `count`) in its lanes; the sums come to lie in the first
/// packs, one a lane, in order. Halves are added, then quarters, …: the same order for every width of vector.
template <int Half, class Real>
inline void fold_all(Pack<Real>* packs, int count) {
  for (std::ptrdiff_t k = 0; k < count / 2; ++k) packs[k] = fold<Half>(packs[2 * k], packs[2 * k + 1]);
  if constexpr (Half > 1) fold_all<Half / 2>(packs, count / 2);
}

/// Numbers of which partial sums are known, a block of lanes each, waiting to be summed over the lanes.
template <class Real>
class LaneSums {
 public:
  static constexpr int packs = int(lane_block) / Pack<Real>::size;
  using Partial = Pack<Real>[packs];

  /// Takes one more number; its sum will be added to *to.
  void push(Partial& partial, Real* to) {
    for (int kept = packs / 2; kept > 0; kept /= 2) {
      for (int p = 0; p < kept; ++p) partial[p] = partial[p] + partial[p + kept];
    }
    waiting_[count_] = partial[0];
    to_[count_++] = to;
    if (count_ == at_once) flush();
  }
  void flush() {
    fold_all<Pack<Real>::size / 2>(waiting_, at_once);
    Real sums[at_once];
    for (int p = 0; p < packs; ++p) waiting_[p].store(sums + p * Pack<Real>::size);
    for (int k = 0; k < count_; ++k) *to_[k] += sums[k];
    count_ = 0;
  }

 private:
  static constexpr int at_once = int(lane_block);
  Pack<Real> waiting_[at_once] = {};
  Real* to_[at_once] = {};
  int count_ = 0;
};

/// Light through one MZI.
template <class Real>
inline void propagate_cell(const Cell<Real>& m, Real* u, Real* v, int lanes) {
  using P = Pack<Real>;
  for (int l = 0; l < lanes; l += P::size) {
    const P ur = P::load(u + l), ui = P::load(u + tile_lanes + l);
    const P vr = P::load(v + l), vi = P::load(v + tile_lanes + l);
    take_product(add_product(take_product(m.ar * ur, m.ai, ui), m.br, vr), m.bi, vi).store(u + l);
    add_product(add_product(add_product(m.ar * ui, m.ai, ur), m.br, vi), m.bi, vr).store(u + tile_lanes + l);
    take_product(add_product(take_product(m.cr * ur, m.ci, ui), m.dr, vr), m.di, vi).store(v + l);
    add_product(add_product(add_product(m.cr * ui, m.ci, ur), m.dr, vi), m.di, vr).store(v + tile_lanes + l);
  }
}

/// The adjoint of an MZI on (u, v).
template <class Real>
inline void adjoint(const Cell<Real>& m, Pack<Real>& ur, Pack<Real>& ui, Pack<Real>& vr, Pack<Real>& vi) {
  using P = Pack<Real>;
  const P xr = add_product(add_product(add_product(m.ar * ur, m.ai, ui), m.cr, vr), m.ci, vi);
  const P xi = take_product(add_product(take_product(m.ar * ui, m.ai, ur), m.cr, vi), m.ci, vr);
  const P yr = add_product(add_product(add_product(m.br * ur, m.bi, ui), m.dr, vr), m.di, vi);
  const P yi = take_product(add_product(take_product(m.br * ui, m.bi, ur), m.dr, vi), m.di, vr);
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
      theta[p] =
          take_product(take_product(add_product(add_product(theta[p], fr, vr), fi, vi), hr, ur), hi, ui);
      adjoint(m, ur, ui, vr, vi);
      adjoint(m, fr, fi, hr, hi);
      phi[p] = take_product(add_product(phi[p], fi, ur), fr, ui);
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
        flux[p] = add_product(flux[p], P::load(g + im), P::load(at + re));
        flux[p] = take_product(flux[p], P::load(g + re), P::load(at + im));
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
        sum[p] = add_product(add_product(sum[p], P::load(lambda + im), P::load(z + im)), P::load(lambda + re),
                             P::load(z + re));
      }
    }
    waiting.push(sum, sums + k);
  }
  waiting.flush();
}

// NOLINTBEGIN(bugprone-macro-parentheses): a type
#define PNN_INSTANTIATE(Real)                                                \
  template void propagate_tile(const MeshCells<Real>&, Real*, int);          \
  template void pull_tile(const MeshCells<Real>&, Real*, Real*, int, Real*); \
  template void attenuate_tile(const Real*, Index, Index, Real*, int);       \
  template void overlap_tile(const Real*, const Real*, Index, int, Real*);
// NOLINTEND(bugprone-macro-parentheses)
PNN_INSTANTIATE(float)
PNN_INSTANTIATE(double)
#undef PNN_INSTANTIATE

}  // namespace pnn::platforms::mzi
