// The light of each input on each part of a cell: the warp matrix of the plane times its layout, as a sparse
// matrix for each cell. Used in this folder only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "pnn/platform/warp.hpp"
#include "pnn/platforms/freespace/plan.hpp"

namespace pnn::platforms::freespace {

/// The pixels of a cell and of its surroundings (spread.hpp).
struct Surroundings {
  Index reach = 0, pitch = 0;
  bool operator==(const Surroundings&) const = default;
};

/// light[row, j] = Σ over the pixels p of a row, (R P)_pj / block area, with the bilinear warp R and the 0/1
/// matrix P of what the display shows, where input j has a copy in every cell. A row is a site, and the last
/// one the guard band; or, where light spreads before it is counted, a pixel of the cell or its surroundings.
/// It is built once for each misalignment, and memory is kept.
template <class Real>
class Light {
 public:
  /// Sparse sums: begin [sums + 1] is the index of the first term of each; then of each term its number and
  /// its light, above 0. What lies behind the last term is unused room, kept for the next misalignment.
  struct Sums {
    std::vector<std::uint32_t> begin, number;
    std::vector<Real> light;
    /// Room for at least so many terms.
    void make_room(std::size_t terms) {
      if (number.size() >= terms) return;
      number.resize(terms);
      light.resize(terms);
    }
  };
  /// The matrix of one cell by rows, whose terms are inputs, and by inputs, whose terms are rows.
  struct Cell {
    Sums rows, inputs;
  };

  /// `conserve`: divide irradiance by k².
  Light(const Plan& plan, bool conserve);

  /// Whose rows: those of sites, or of pixels.
  void set_rows(const std::optional<Surroundings>& pixels);
  /// Builds the matrices of this misalignment, unless they are the present ones.
  void align(const System& misalignment);
  [[nodiscard]] const Cell& cell(Index number) const { return cells_[std::size_t(number)]; }

  /// Σ weight(row, j) ∂light[row, j]/∂(each parameter) over one cell, at the misalignment of the last
  /// align().
  [[nodiscard]] System slope(Index number, const std::function<double(Index row, Index input)>& weight) const;

 private:
  struct Sample {
    std::int32_t input;  ///< −1: dark
    Real weight;
  };
  static constexpr std::size_t samples_per_pixel = 4;

  /// Divisor of sums of light: the area of a block, times k² if power is conserved.
  [[nodiscard]] double unit() const;
  [[nodiscard]] Index rows() const;
  /// Calls body(row, for_each_pixel) for the rows of a cell's matrix, in order, where for_each_pixel(pixel)
  /// calls pixel(x, y) for the pixels of the plane that make up the row.
  template <class Body>
  void for_each_row(Index number, const Body& body) const;
  void sample_row(Index y);
  void assemble(Index number);
  void transpose(Cell& cell) const;

  Plan plan_;
  bool conserve_;
  std::optional<Surroundings> pixels_;
  std::vector<std::int32_t> shown_;  ///< input that each pixel of the display shows, or −1
  std::vector<Sample> samples_;      ///< the warped picture [pixel, 4]
  std::vector<Cell> cells_;
  std::vector<double> sums_;  ///< sums of the present row [cell, input]
  System misalignment_;
  bool aligned_ = false;
};

}  // namespace pnn::platforms::freespace
