#include "pnn/platforms/mrr/lab/bench.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/platform/source.hpp"

namespace pnn::platforms::mrr::lab {

std::vector<double> equal_power_steps(const device::LayerPort& port, int points) {
  std::vector<double> out;
  const double low = port.lower * port.lower, high = port.upper * port.upper;
  const platform::FloatRange ends = platform::inwards(port.lower, port.upper);
  for (int p = 0; p < points; ++p) {
    const double control = std::sqrt(low + (high - low) * p / (points - 1));
    out.push_back(double(std::clamp(float(control), ends.lower, ends.upper)));
  }
  return out;
}

std::vector<Reading> read_all(device::Device& device, const ChipCoverage& chip, int averages, double settle_s,
                              const std::vector<Job>& jobs, const Take& take) {
  std::vector<Reading> readings(jobs.size());
  for (const std::size_t layer : chip.layers) {
    std::vector<Job> mine;
    std::vector<std::size_t> numbers;
    for (std::size_t k = 0; k < jobs.size(); ++k) {
      if (chip.measured_by[jobs[k].ring] != int(layer)) continue;
      mine.push_back(jobs[k]);
      numbers.push_back(k);
    }
    if (mine.empty()) continue;
    Bench bench(device, layer, averages, settle_s);
    const std::vector<Reading> read = bench.read(mine, take);
    for (std::size_t k = 0; k < read.size(); ++k) readings[numbers[k]] = read[k];
  }
  return readings;
}

Bench::Bench(device::Device& device, std::size_t layer, int averages, double settle_s)
    : device_(device),
      layer_(layer),
      plan_(*bank_of(device.layers()[layer].plan)),
      averages_(averages),
      parked_ma_(double(platform::inwards(device.layers()[layer].lower, device.layers()[layer].upper).lower)),
      settle_s_(settle_s),
      controls_(std::size_t(plan_.weights())) {
  for (Index tile = 0; tile < plan_.tiles(); ++tile) {
    if (as_large_as_first(tile)) shared_tiles_.push_back(tile);
  }
}

bool Bench::as_large_as_first(Index tile) const {
  const BankPlan& plan = plan_;
  const auto is_full = [](Index number, Index size, Index total) {
    return std::min(total, (number + 1) * size) - number * size == std::min(total, size);
  };
  return is_full(tile / plan.tile_cols(), plan.chip_rows, plan.out) &&
         is_full(tile % plan.tile_cols(), plan.chip_cols, plan.in);
}

Index Bench::weight_at(std::size_t ring, Index tile) const {
  const BankPlan& plan = plan_;
  const Index local = Index(ring) % plan.rings_per_chip();
  const Index row = tile / plan.tile_cols() * plan.chip_rows + local / plan.chip_cols;
  const Index col = tile % plan.tile_cols() * plan.chip_cols + local % plan.chip_cols;
  require(row < plan.out && col < plan.in, "bench: a ring that its layer does not use");
  return row * plan.in + col;
}

std::vector<Reading> Bench::read(const std::vector<Job>& jobs, const Take& take) {
  const BankPlan& plan = plan_;
  std::vector<Reading> readings(jobs.size());
  const auto read_slots = [&](const std::vector<Slot>& slots) {
    const std::vector<Reading> taken = take(slots.size(), [&] { return call(jobs, slots); });
    for (std::size_t s = 0; s < slots.size(); ++s) readings[slots[s].job] = taken[s];
  };
  if (plan.reuse == Reuse::time) {
    for (std::size_t begin = 0; begin < jobs.size(); begin += shared_tiles_.size()) {
      std::vector<Slot> slots;
      for (std::size_t k = begin; k < std::min(jobs.size(), begin + shared_tiles_.size()); ++k) {
        slots.push_back({k, shared_tiles_[k - begin]});
      }
      read_slots(slots);
    }
    return readings;
  }
  // every tile works off its own jobs, all tiles at once
  std::vector<std::vector<std::size_t>> queues(std::size_t(plan.tiles()));
  for (std::size_t k = 0; k < jobs.size(); ++k)
    queues[jobs[k].ring / std::size_t(plan.rings_per_chip())].push_back(k);
  for (std::size_t turn = 0;; ++turn) {
    std::vector<Slot> slots;
    for (std::size_t tile = 0; tile < queues.size(); ++tile) {
      if (turn < queues[tile].size()) slots.push_back({queues[tile][turn], Index(tile)});
    }
    if (slots.empty()) return readings;
    read_slots(slots);
  }
}

/// Readings in the order of slots.
std::vector<Reading> Bench::call(const std::vector<Job>& jobs, const std::vector<Slot>& slots) {
  const BankPlan& plan = plan_;
  std::fill(controls_.begin(), controls_.end(), float(parked_ma_));
  // A row of inputs lights one channel, so that outputs of tiles in different columns do not add. Tiles of
  // one column have outputs of their own, and share a row of inputs where their rings stand in the same
  // channel.
  struct Lit {
    Index column;
    std::vector<std::size_t> slots;
  };
  std::vector<Lit> lit;
  for (std::size_t s = 0; s < slots.size(); ++s) {
    const Job& job = jobs[slots[s].job];
    const Index weight = weight_at(job.ring, slots[s].tile), column = weight % plan.in;
    controls_[std::size_t(weight)] = float(job.control_ma);
    if (job.heated) controls_[std::size_t(weight_at(*job.heated, slots[s].tile))] = float(job.heated_ma);
    auto known = std::find_if(lit.begin(), lit.end(), [&](const Lit& l) { return l.column == column; });
    if (known == lit.end()) known = lit.insert(lit.end(), {column, {}});
    known->slots.push_back(s);
  }
  const Index batch = Index(lit.size()) * averages_;
  inputs_.setZero(batch, plan.in);
  outputs_.resize(batch, plan.out);
  for (Index l = 0; l < Index(lit.size()); ++l) {
    inputs_.block(l * averages_, lit[std::size_t(l)].column, averages_, 1).setOnes();
  }
  device_.set_controls(layer_, controls_);
  if (settle_s_ > 0) device_.wait(settle_s_);
  device_.run(layer_, ConstMatrixView<float>(inputs_.data(), batch, plan.in),
              MatrixView<float>(outputs_.data(), batch, plan.out));

  std::vector<Reading> readings(slots.size());
  for (Index l = 0; l < Index(lit.size()); ++l) {
    for (const std::size_t s : lit[std::size_t(l)].slots) {
      const Index row = weight_at(jobs[slots[s].job].ring, slots[s].tile) / plan.in;
      double mean = 0, squares = 0;
      for (Index k = 0; k < averages_; ++k) mean += double(outputs_(l * averages_ + k, row)) / averages_;
      for (Index k = 0; k < averages_; ++k)
        squares += std::pow(double(outputs_(l * averages_ + k, row)) - mean, 2);
      if (!std::isfinite(mean))
        throw device::DeviceError("layer " + plan.name +
                                  ": the device answered with a number that is not finite");
      readings[s].mean = mean;
      readings[s].error = averages_ > 1 ? std::sqrt(squares / (averages_ - 1.0) / averages_) : 0;
    }
  }
  return readings;
}

}  // namespace pnn::platforms::mrr::lab
