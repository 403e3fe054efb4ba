// A sweep of trained parameters over devices and conditions, as a command line describes it: which cells,
// which shard, and an early end after which --resume continues.
#pragma once

#include <string>
#include <vector>

#include "pnn/app/evaluation.hpp"
#include "pnn/app/resume.hpp"
#include "pnn/app/yield.hpp"
#include "pnn/study/shard.hpp"

namespace pnn::app {

/// The options that pnn-transfer and pnn-perturb share.
struct SweepSettings {
  std::vector<std::string> params, vary;
  std::string data, devices, models, index, shard, output;
  UnfinishedSettings unfinished;
  bool take_unfinished = false;
  int repeat = 1;
  double save_every_s = 10;
  device::DriverSettings driver;
  bool dry_run = false;
  SampleSettings samples;
  YieldSettings yield;
  study::ConditionSettings conditions;
  study::MapSettings mapping;
  platform::BoundSettings bounds;
  study::FinetuneSettings finetuning;  ///< declared only by tools that fine-tune

  /// Declares what is evaluated where, and which part of it.
  void describe(Options& o);
  /// Declares the conditions of the devices, and how parameters are transferred to them.
  void describe_deployment(Options& o);
};

/// The shard of --shard, or that of a Slurm job array from the environment.
study::Shard this_shard(const std::string& text);

/// `all` if `text` is empty, otherwise the device numbers of a list or range ("0,3", "0:19", "0:19:2").
/// Throws UsageError for what is no number from 0.
std::vector<std::size_t> device_indices(const std::vector<std::size_t>& all, const std::string& text);

/// Loads the inputs of a sweep. The result must stay where it is, since a sweep refers to it.
Evaluation load_evaluation(const SweepSettings& settings, cli::Context& context);

/// The sweep of these settings. Throws UsageError and InputError if they do not fit together.
study::SweepInput sweep_input(const Evaluation& e, const std::string& tool, const SweepSettings& settings,
                              const cli::Context& context);

/// Evaluates what is missing in the file of --resume, writes and reports the result, or reports the cost
/// (--dry-run). Throws Interrupted after an early end, and the error of a device that failed; the finished
/// part is then in the file of unfinished work (app/resume).
void run_sweep(study::SweepInput& in, const Evaluation& e, const SweepSettings& settings,
               cli::Context& context);

}  // namespace pnn::app
