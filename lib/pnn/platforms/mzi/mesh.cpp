#include "pnn/platforms/mzi/mesh.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <numbers>
#include <numeric>
#include <type_traits>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/core/transpose.hpp"
#include "pnn/platforms/mzi/point.hpp"

namespace pnn::platforms::mzi {

namespace {

constexpr Index most_chunks = 64;  ///< bounds the memory of partial sums

/// Lanes cut in chunks of whole tiles: a function of their number alone.
struct Cut {
  explicit Cut(Index all_lanes) : lanes(all_lanes) {
    const Index tiles = (lanes + tile_lanes - 1) / tile_lanes;
    lanes_a_chunk = std::max<Index>(1, (tiles + most_chunks - 1) / most_chunks) * tile_lanes;
    chunks = (lanes + lanes_a_chunk - 1) / lanes_a_chunk;
  }
  /// Calls body(first lane, count) for each tile of a chunk.
  template <class Body>
  void over_tiles(Index chunk, const Body& body) const {
    const Index end = std::min(lanes, (chunk + 1) * lanes_a_chunk);
    for (Index first = chunk * lanes_a_chunk; first < end; first += tile_lanes) {
      body(first, std::min<Index>(tile_lanes, end - first));
    }
  }
  Index lanes, lanes_a_chunk, chunks;
};

/// Lanes that the kernel computes for `count` signals.
int whole_blocks(Index count) {
  return int((count + lane_block - 1) / lane_block * lane_block);
}

template <class Real>
void darken(Real* lanes, Index count) {
  std::fill(lanes + count, lanes + whole_blocks(count), Real(0));
}

/// Tiles for as many threads as are at work; taken and given back, so that chunks share them.
template <class Real>
class TilePool {
 public:
  struct Tiles {
    std::vector<Real> amplitude, gradient, inner;
  };
  explicit TilePool(Index modes) : size_(std::size_t(tile_size(modes))) {}

  std::unique_ptr<Tiles> take() {
    const std::lock_guard<std::mutex> lock(guard_);
    if (free_.empty()) {
      return std::make_unique<Tiles>(
          Tiles{std::vector<Real>(size_), std::vector<Real>(size_), std::vector<Real>(size_)});
    }
    auto tiles = std::move(free_.back());
    free_.pop_back();
    return tiles;
  }
  void give_back(std::unique_ptr<Tiles> tiles) {
    const std::lock_guard<std::mutex> lock(guard_);
    free_.push_back(std::move(tiles));
  }

 private:
  std::size_t size_;
  std::mutex guard_;
  std::vector<std::unique_ptr<Tiles>> free_;
};

// Where lanes come from and go to. Each moves lanes [first, first + count) of all modes; what it loads is
// dark up to the end of a block.

/// Lane j is the j-th unit vector.
template <class Real>
struct UnitVectors {
  Index modes;
  void load(Real* tile, Index first, Index count) const {
    std::memset(tile, 0, sizeof(Real) * std::size_t(tile_size(modes)));
    for (Index lane = 0; lane < count; ++lane) tile[tile_size(first + lane) + lane] = 1;
  }
};

/// Lane j is column j of a complex matrix, stored [2·modes, columns].
template <class Real>
struct Columns {
  Index modes, columns;
  Real* values;  // const where they are only read
  using Tile = std::remove_const_t<Real>;
  void load(Tile* tile, Index first, Index count) const {
    over_rows(tile, first, [&](Tile* lanes, const Real* row) {
      std::copy_n(row, count, lanes);
      darken(lanes, count);
    });
  }
  void store(Tile* tile, Index first, Index count) const {
    over_rows(tile, first, [&](const Tile* lanes, Real* row) { std::copy_n(lanes, count, row); });
  }

 private:
  template <class Body>
  void over_rows(Tile* tile, Index first, const Body& body) const {
    for (Index m = 0; m < modes; ++m) {
      body(tile + tile_size(m), values + m * columns + first);
      body(tile + tile_size(m) + tile_lanes, values + (modes + m) * columns + first);
    }
  }
};

/// Lane j is row j of a batch, [batch, 2·modes].
template <class Real>
struct Signals {
  Index modes;
  Real* values;
  using Tile = std::remove_const_t<Real>;
  void load(Tile* tile, Index first, Index count) const {
    for (Index part = 0; part < 2; ++part) {
      Tile* lanes = tile + part * tile_lanes;
      transpose(values + (2 * first + part) * modes, 2 * modes, count, modes, lanes, tile_size(1));
      if (count % lane_block == 0) continue;
      for (Index m = 0; m < modes; ++m) darken(lanes + tile_size(m), count);
    }
  }
  void store(const Real* tile, Index first, Index count) const {
    for (Index part = 0; part < 2; ++part) {
      transpose(tile + part * tile_lanes, tile_size(1), modes, count, values + (2 * first + part) * modes,
                2 * modes);
    }
  }
};

}  // namespace

template <class Real>
class Mesh<Real>::Work {
 public:
  Work(const MeshPlan& plan, const MeshPhysics& physics)
      : point(plan, physics),
        elements(std::size_t(plan.control_count())),
        pool_(std::max(plan.out, plan.in)),
        totals_(elements.size()) {
    std::iota(elements.begin(), elements.end(), 0U);
    weights_.resize(2 * plan.out, plan.in);
  }

  void set_errors(const MeshErrors& errors) {
    point.set_errors(errors);
    known_errors = errors;
    weights_known_ = false;
  }
  void move_to(const OperatingPoint<Real>& at) {
    if (point.move_to(at)) weights_known_ = false;
  }
  /// W at the present point.
  Matrix<Real>& weights() {
    if (!weights_known_) {
      const MeshPlan& plan = point.plan();
      propagate(plan.in, UnitVectors<Real>{plan.in}, Columns<Real>{plan.out, plan.in, weights_.data()});
      weights_known_ = true;
    }
    return weights_;
  }

  template <class From, class To>
  void propagate(Index lanes, const From& inputs, const To& outputs) {
    const Cut cut(lanes);
    parallel_for(std::size_t(cut.chunks), [&](std::size_t chunk) {
      auto tiles = pool_.take();
      Real* z = tiles->amplitude.data();
      cut.over_tiles(Index(chunk), [&](Index first, Index count) {
        inputs.load(z, first, count);
        propagate_tile(point.cells(0), z, whole_blocks(count));
        if (point.plan().layout == MeshLayout::svd) to_second_mesh(z, point.plan().out, whole_blocks(count));
        outputs.store(z, first, count);
      });
      pool_.give_back(std::move(tiles));
    });
  }

  /// Fills `out`, and gives the gradients by the inputs to `store`(tile, first, count).
  template <class From, class Outputs, class Gradients, class Store>
  void pull(Index lanes, const From& inputs, const Outputs& outputs, const Gradients& gradients,
            const Store& store, Pullback<Real>& out) {
    const Cut cut(lanes);
    const std::size_t controls = totals_.size();
    partial_.resize(std::max(partial_.size(), std::size_t(cut.chunks) * controls));
    parallel_for(std::size_t(cut.chunks), [&](std::size_t chunk) {
      auto tiles = pool_.take();
      Real* sums = partial_.data() + chunk * controls;
      std::fill_n(sums, controls, Real(0));
      cut.over_tiles(Index(chunk), [&](Index first, Index count) {
        Real* z = tiles->amplitude.data();
        Real* lambda = tiles->gradient.data();
        outputs.load(z, first, count);
        gradients.load(lambda, first, count);
        const int computed = whole_blocks(count);
        if (point.plan().layout == MeshLayout::svd) {
          // Attenuators cannot be undone (cos α may be 0): the light before them comes from the inputs.
          Real* inner = tiles->inner.data();
          inputs.load(inner, first, count);
          propagate_tile(point.cells(0), inner, computed);
          pull_second_mesh(inner, z, lambda, computed, sums);
          z = inner;
        }
        pull_tile(point.cells(0), z, lambda, computed, sums);
        store(lambda, first, count);
      });
      pool_.give_back(std::move(tiles));
    });
    std::fill(totals_.begin(), totals_.end(), 0.0);
    for (std::size_t chunk = 0; chunk < std::size_t(cut.chunks); ++chunk) {
      const Real* sums = partial_.data() + chunk * controls;
      for (std::size_t k = 0; k < controls; ++k) totals_[k] += double(sums[k]);
    }
    point.finish(totals_, out);
  }

  MeshPoint<Real> point;
  MeshErrors known_errors;
  std::vector<std::uint32_t> elements;

 private:
  void to_second_mesh(Real* z, Index modes, int lanes) const {
    attenuate_tile(point.transmission().data(), point.plan().attenuators(), modes, z, lanes);
    propagate_tile(point.cells(1), z, lanes);
  }
  /// From outputs z and gradients there to gradients at the outputs of V1, whose light is `inner`.
  void pull_second_mesh(const Real* inner, Real* z, Real* lambda, int lanes, Real* sums) const {
    const MeshPlan& plan = point.plan();
    pull_tile(point.cells(1), z, lambda, lanes, sums + plan.first_control(1));
    overlap_tile(inner, lambda, plan.attenuators(), lanes, sums + plan.first_attenuator());
    attenuate_tile(point.transmission().data(), plan.attenuators(), plan.in, lambda, lanes);
  }

  TilePool<Real> pool_;
  std::vector<Real> partial_;   ///< sums of each chunk [chunk, control]
  std::vector<double> totals_;  ///< and of all chunks
  Matrix<Real> weights_;
  bool weights_known_ = false;
};

template <class Real>
Mesh<Real>::Mesh(const MeshPlan& plan, const MeshPhysics& physics, const MeshErrors& errors) {
  check_plan(plan);
  work_ = std::make_unique<Work>(plan, physics);
  work_->set_errors(errors);
}
template <class Real>
Mesh<Real>::~Mesh() = default;
template <class Real>
Mesh<Real>::Mesh(Mesh&&) noexcept = default;
template <class Real>
Mesh<Real>& Mesh<Real>::operator=(Mesh&&) noexcept = default;

template <class Real>
const MeshPlan& Mesh<Real>::plan() const {
  return work_->point.plan();
}
template <class Real>
Index Mesh<Real>::rows() const {
  return 2 * plan().out;
}
template <class Real>
Index Mesh<Real>::cols() const {
  return plan().in;
}
template <class Real>
Index Mesh<Real>::control_count() const {
  return plan().control_count();
}
template <class Real>
double Mesh<Real>::upper() const {
  return 2 * std::numbers::pi;
}
template <class Real>
double Mesh<Real>::response_spread() const {
  return work_->point.physics().response_spread_rad;
}
template <class Real>
Index Mesh<Real>::element_count() const {
  return control_count();
}
template <class Real>
std::span<const std::uint32_t> Mesh<Real>::element_of_control() const {
  return work_->elements;
}
template <class Real>
void Mesh<Real>::set_errors(const MeshErrors& errors) {
  work_->set_errors(errors);
}
template <class Real>
const MeshErrors& Mesh<Real>::errors() const {
  return work_->known_errors;
}
template <class Real>
std::span<const double> Mesh<Real>::phases(const OperatingPoint<Real>& at) {
  work_->move_to(at);
  return work_->point.phases();
}

template <class Real>
void Mesh<Real>::evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) {
  require(weights.rows() == rows() && weights.cols() == cols(), "mesh: weights are [2 out, in]");
  work_->move_to(at);
  weights = work_->weights();
}

template <class Real>
void Mesh<Real>::pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                          Pullback<Real>& out) {
  require(weight_gradient.rows() == rows() && weight_gradient.cols() == cols(),
          "mesh: a weight gradient is [2 out, in]");
  work_->move_to(at);
  const MeshPlan& p = plan();
  work_->pull(
      p.in, UnitVectors<Real>{p.in}, Columns<Real>{p.out, p.in, work_->weights().data()},
      Columns<const Real>{p.out, p.in, weight_gradient.data()}, [](Real*, Index, Index) {}, out);
}

template <class Real>
Index Mesh<Real>::largest_direct_batch() const {
  return plan().in * 3 / 2;
}

template <class Real>
void Mesh<Real>::propagate(const OperatingPoint<Real>& at, ConstMatrixView<Real> inputs,
                           MatrixView<Real> outputs) {
  const MeshPlan& p = plan();
  require(inputs.cols() == 2 * p.in && outputs.cols() == 2 * p.out && inputs.rows() == outputs.rows(),
          "mesh: signals are [batch, 2 modes]");
  work_->move_to(at);
  work_->propagate(inputs.rows(), Signals<const Real>{p.in, inputs.data()},
                   Signals<Real>{p.out, outputs.data()});
}

template <class Real>
void Mesh<Real>::pull_signals(const OperatingPoint<Real>& at, ConstMatrixView<Real> inputs,
                              ConstMatrixView<Real> outputs, ConstMatrixView<Real> output_gradient,
                              Pullback<Real>& out, MatrixView<Real> input_gradient) {
  const MeshPlan& p = plan();
  const Index batch = inputs.rows();
  require(inputs.cols() == 2 * p.in && outputs.cols() == 2 * p.out && output_gradient.cols() == 2 * p.out &&
              outputs.rows() == batch && output_gradient.rows() == batch,
          "mesh: signals and gradients are [batch, 2 modes]");
  const bool wanted = input_gradient.rows() > 0;
  require(!wanted || (input_gradient.rows() == batch && input_gradient.cols() == 2 * p.in),
          "mesh: an input gradient is [batch, 2 in]");
  work_->move_to(at);
  const Signals<Real> by_input{p.in, input_gradient.data()};
  work_->pull(
      batch, Signals<const Real>{p.in, inputs.data()}, Signals<const Real>{p.out, outputs.data()},
      Signals<const Real>{p.out, output_gradient.data()},
      [&](const Real* tile, Index first, Index count) {
        if (wanted) by_input.store(tile, first, count);
      },
      out);
}

template class Mesh<float>;
template class Mesh<double>;

}  // namespace pnn::platforms::mzi
