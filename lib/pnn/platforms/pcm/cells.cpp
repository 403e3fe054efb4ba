#include "pnn/platforms/pcm/cells.hpp"

#include <algorithm>
#include <optional>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"

namespace pnn::platforms::pcm {
namespace {

/// Streams of a layer's parts, sixteen a layer: append, never renumber.
enum Part : std::uint16_t {
  amorphous,
  crystalline,
  bend,
  drift,
  write_sine,
  write_cosine,
  row_split,
  column_split,
  die_split,
  dead_cells,
  common,
  smooth,
  parts = 16
};

/// What the cells of a device have in common, for each of the quantities of shares_of().
class DieParts {
 public:
  DieParts(const Process& process, const Plan& plan, const Stream& of_die, const Stream& over_die)
      : shares_(shares_of(process)), of_die_(of_die), over_die_(over_die) {
    if (std::none_of(shares_.begin(), shares_.end(), [](const auto& s) { return s.second.smooth > 0; }))
      return;
    Index cols = 0;
    for (Index group = 0; group < plan.groups(); ++group) cols += plan.cols_of(group);
    field_.emplace(plan.in, cols, 1, process.correlation_length);
    places_.resize(std::size_t(plan.cells()));
    Index first_col = 0;
    for (Index group = 0; group < plan.groups(); first_col += plan.cols_of(group), ++group)
      for (Index stack = 0; stack < plan.stacks(); ++stack)
        for (Index row = 0; row < plan.rows_of(stack); ++row)
          for (Index col = 0; col < plan.cols_of(group); ++col)
            places_[std::size_t(plan.cell_at(group, stack, row, col))] =
                std::size_t((stack * plan.array_rows + row) * cols + first_col + col);
  }
  /// Gives the independent numbers of quantity `number` their common parts.
  void correlate(std::size_t number, std::span<double> z) const {
    const SpreadShares& shares = shares_[number].second;
    if (shares.independent()) return;
    std::vector<double> field;
    if (shares.smooth > 0) field_->sample(over_die_, number * field_->numbers(), field);
    platform::correlate(
        shares, normal(of_die_, std::uint32_t(number)), field,
        [&](std::size_t cell) { return places_[cell]; }, z);
  }

 private:
  std::array<std::pair<const char*, SpreadShares>, 5> shares_;
  Stream of_die_, over_die_;
  std::optional<platform::SmoothField> field_;
  std::vector<std::size_t> places_;  ///< of each cell, on the grid of the field
};

}  // namespace

Cells nominal_cells(const Process& process, Index cells) {
  const auto all = [&](double value) { return std::vector<double>(std::size_t(cells), value); };
  return {all(process.amorphous),
          all(process.crystalline),
          all(process.bend),
          all(process.drift),
          all(0),
          all(0),
          all(0),
          all(0)};
}

Cells draw_cells(const Process& process, const Plan& plan, const DrawAddress& at) {
  require(at.chip < 4096, "crossbars: a layer's number leaves four bits for the part");
  const auto stream = [&](Part part) {
    return Stream{at.seed, Purpose(at.purpose), std::uint16_t(at.chip * parts + part), at.device, at.step};
  };
  Cells drawn = nominal_cells(process, plan.cells());
  std::vector<double> z(std::size_t(plan.cells()), 0.0);
  const DieParts die(process, plan, stream(common), stream(smooth));
  constexpr std::size_t own = ~std::size_t{0};  // an error of each write
  const auto draw = [&](std::vector<double>& values, Part part, std::size_t number, double sigma, double low,
                        double high) {
    if (sigma == 0) return;
    fill_normal(stream(part), std::span<double>(z));
    if (number != own) die.correlate(number, z);
    for (std::size_t k = 0; k < z.size(); ++k) values[k] = std::clamp(values[k] + sigma * z[k], low, high);
  };
  constexpr double unbounded = 1e300;
  draw(drawn.amorphous, amorphous, 0, process.amorphous_sigma, 0, 1);
  draw(drawn.crystalline, crystalline, 1, process.crystalline_sigma, 0, 1);
  draw(drawn.bend, bend, 2, process.bend_sigma, -1, 1);
  draw(drawn.drift, drift, 3, process.drift_sigma, -unbounded, unbounded);
  draw(drawn.write_sine, write_sine, own, process.programming_sigma, -unbounded, unbounded);
  draw(drawn.write_cosine, write_cosine, own, process.programming_sigma, -unbounded, unbounded);
  draw(drawn.row_split, row_split, 4, process.split_sigma, -1, unbounded);
  draw(drawn.column_split, column_split, 4, process.split_sigma, -1, unbounded);
  if (process.split_die_sigma > 0) {
    const double of_all = process.split_die_sigma * normal(stream(die_split), 0);
    for (std::vector<double>* split : {&drawn.row_split, &drawn.column_split})
      for (double& error : *split) error = std::max(-1.0, error + of_all);
  }
  for (std::size_t k = 0; process.dead > 0 && k < drawn.amorphous.size(); ++k)
    if (uniform(stream(dead_cells), std::uint32_t(k)) < process.dead)
      drawn.amorphous[k] = drawn.crystalline[k];
  return drawn;
}

std::vector<double> light_shares(const Plan& plan, const Cells& cells) {
  std::vector<double> shares(std::size_t(plan.cells()), 0.0);
  const auto taken = [](double share, double error) { return std::clamp(share * (1 + error), 0.0, 1.0); };
  for (Index group = 0; group < plan.groups(); ++group) {
    for (Index stack = 0; stack < plan.stacks(); ++stack) {
      const Index rows = plan.rows_of(stack), cols = plan.cols_of(group);
      for (Index row = 0; row < rows; ++row) {
        double left = 1;
        for (Index col = 0; col < cols; ++col) {
          const auto cell = std::size_t(plan.cell_at(group, stack, row, col));
          const double share = col + 1 < cols ? taken(1 / double(cols - col), cells.row_split[cell]) : 1;
          shares[cell] = double(cols) * left * share;
          left *= 1 - share;
        }
      }
      for (Index col = 0; col < cols; ++col) {
        double left = 1;
        for (Index row = rows - 1; row >= 0; --row) {
          const auto cell = std::size_t(plan.cell_at(group, stack, row, col));
          const double share = row > 0 ? taken(1 / double(row + 1), cells.column_split[cell]) : 1;
          shares[cell] *= double(rows) * left * share;
          left *= 1 - share;
        }
      }
    }
  }
  return shares;
}

}  // namespace pnn::platforms::pcm
