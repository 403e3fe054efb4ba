// A sweep of trained parameters over many devices and conditions as a command line asks for it: which cells,
// which shard, and an early end, wanted or not, after which --resume goes on.
#pragma once

#include <string>
#include <vector>

#include "pnn/app/evaluation.hpp"
#include "pnn/study/shard.hpp"

namespace pnn::app {

/// The options that pnn-transfer and pnn-perturb share.
struct SweepSettings {
  std::vector<std::string> params, vary;
  std::string data, devices, models, index, shard, resume, output;
  int repeat = 1;
  double save_every_s = 10;
  device::DriverSettings driver;
  bool dry_run = false;
  SampleSettings samples;
  study::ConditionSettings conditions;
  study::MapSettings mapping;
  study::FinetuneSettings finetuning;  ///< described by what fine-tunes

  /// What is evaluated where, and which part of it.
  void describe(Options& o);
  /// What surrounds the devices, and how parameters reach them.
  void describe_deployment(Options& o);
};

/// --shard, with what a Slurm job array says of this task in the environment.
study::Shard this_shard(const std::string& text);

/// `all` where `text` is empty, else the device numbers of a comma list or range ("0,3", "0:19:1"). Throws
/// UsageError on what is no number from 0.
std::vector<std::size_t> device_indices(const std::vector<std::size_t>& all, const std::string& text);

/// Loads the inputs of a sweep. Call it once and keep the answer where it is: a sweep refers to it.
Evaluation load_evaluation(const SweepSettings& settings, cli::Context& context);

/// The sweep that the settings mean. Throws UsageError and InputError where they do not belong together.
study::SweepInput sweep_input(const Evaluation& e, const std::string& tool, const SweepSettings& settings,
                              const cli::Context& context);

/// Evaluates what the file of --resume lacks, writes and reports, or tells what that would cost. Throws
/// Interrupted after an early end, and the error of a device that failed; what is done is in the output then.
void run_sweep(study::SweepInput& in, const Evaluation& e, const SweepSettings& settings,
               cli::Context& context);

}  // namespace pnn::app
