// The parts of a sweep that running it and forecasting it share. Private to the study room.
#pragma once

#include <memory>
#include <optional>

#include "pnn/network/generate.hpp"
#include "pnn/study/cells.hpp"

namespace pnn::study {

inline network::Task task_of(const SweepInput& in) {
  return in.params[0]->task;
}

/// What every cell of a sweep reads.
struct Work {
  std::optional<network::LatentSplit> latents, latent_calibration;  ///< a generator: what is shown to it
  network::SplitView shown, calibration;
  network::DatasetView lessons;  ///< of a fine-tuning: training samples, as many as its steps show
  Grid grid;
  std::optional<Gaussian> pictures = {};  ///< features of the pictures shown, if they are compared
  Result result = {};                     ///< without its numbers
  std::unique_ptr<platform::KnownSamples> known = nullptr;  ///< `shown`, if all of it is finite
};

/// Checks the input and says what its cells read. Throws what sweep() throws.
Work plan(const SweepInput& in);

/// Throws UsageError or InputError if the samples do not fit the networks, or what is asked of them.
void check_samples(const SweepInput& in, const network::SplitView& shown);
/// Throws InputError, naming the data set `where`, if the parameters are of several tasks, the data set has
/// other classes or targets than they were trained on, or the score says nothing of these samples.
void check_task(const SweepInput& in, const network::SplitView& shown, const std::string& where);
/// Throws InputError if an earlier, unfinished result is not of the sweep that `planned` describes.
void check_previous(const Result& previous, const Result& planned);
/// Throws UsageError if a result cannot hold the outputs that are kept.
void check_outputs(const SweepInput& in, const Grid& grid);

/// Memory that the numbers of a planned result take.
std::uint64_t numbers_bytes(const Result& planned);
std::size_t numbers_in(const std::vector<std::size_t>& shape);

/// The device of a cell behind its guard.
std::unique_ptr<device::Device> make_device(const SweepInput& in, const Cell& cell);
/// The training of a cell's device in situ, at a time of its own: after all repeats.
train::TrainInput lesson(const SweepInput& in, const Work& work, const Cell& cell, device::Device& device);

/// What is the same for all conditions of a method on a device.
struct Prepared {
  Deployed deployed;
  double weight_error = 0;
  std::uint64_t finetune_calls = 0, held = 0;
  bool diverged = false;  ///< the fine-tuning; the device keeps what it had before
};

/// Mapping, fine-tuning, and trimming once, under the sweep's own surroundings. Throws Interrupted where
/// `progress` asks a fine-tuning to stop.
Prepared prepare(const SweepInput& in, const Work& work, std::size_t flat, const Progress& progress);

struct Evaluated {
  network::Evaluation evaluation;
  std::uint64_t calls = 0;
  Spent spent = {};    ///< on the adjustment that it was evaluated with, once
  double frechet = 0;  ///< where pictures are compared
  platform::HeaterUse heat = {};
  Matrix<float> outputs = {};  ///< of the samples whose outputs are kept
};

/// Trims anew where the cell's adjustment says so. `d` by value: a cell's batch-norm statistics are its own.
Evaluated evaluate_cell(const SweepInput& in, const Work& work, std::size_t flat, Deployed d);

}  // namespace pnn::study
