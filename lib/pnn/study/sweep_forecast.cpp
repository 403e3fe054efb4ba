#include <algorithm>
#include <chrono>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/study/sweep_plan.hpp"

namespace pnn::study {
namespace {

template <class Body>
double timed(std::size_t chunks, const Body& body) {
  const auto start = std::chrono::steady_clock::now();
  parallel_for(chunks, body);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// What the cells of one adjustment cost, from about a second of them.
struct Cost {
  std::size_t rehearsed = 0;
  double seconds = 0;
  std::uint64_t calls = 0, steps = 0, finetune_calls = 0;
};

Cost cost_of(const SweepInput& in, const Work& work, std::size_t adjustment, const Grid::Count& count,
             const Progress& progress) {
  constexpr double enough_s = 1;
  constexpr std::size_t most_rehearsed = 4096;
  const std::size_t at_once =
      std::min(in.target.bench ? 1 : std::size_t(std::max(1, threads())), count.cells);
  std::vector<std::size_t> firsts;  // the first cells of the first deployments that have any
  std::size_t own_deployment = 0;
  const std::size_t deployments = work.grid.deployments();
  for (std::size_t d = 0; d < deployments && firsts.size() < std::min(at_once, count.deployments); ++d) {
    if (work.grid.method_of(d) % in.adjustments.size() != adjustment) continue;
    const std::optional<std::size_t> first = work.grid.first_wanted(d);
    if (!first) continue;
    if (firsts.empty()) own_deployment = d;
    firsts.push_back(*first);
  }
  Cost cost;
  if (firsts.empty()) return cost;
  SweepInput untuned = in;  // a fine-tuning has a forecast of its own
  untuned.finetuning = {};
  std::vector<Prepared> prepared(firsts.size());
  const double preparation = timed(
      prepared.size(), [&](std::size_t k) { prepared[k] = prepare(untuned, work, firsts[k], progress); });
  // All cells take about the same time, so those of the first deployment represent the others.
  std::vector<std::size_t> some;
  for (std::size_t c = 0; c < work.grid.conditions() && some.size() < most_rehearsed; ++c)
    if (const std::size_t flat = work.grid.flat(own_deployment, c); work.grid.wanted(flat))
      some.push_back(flat);
  std::vector<std::uint64_t> cell_calls(at_once, 0);
  std::size_t rounds = 0;
  double spent = 0, first = 0;
  do {
    if (progress.stop_requested()) throw Interrupted("interrupted; a dry run writes nothing");
    const double round = timed(at_once, [&](std::size_t k) {
      try {
        cell_calls[k] =
            evaluate_cell(in, work, some[(rounds * at_once + k) % some.size()], prepared.front().deployed)
                .calls;
      } catch (const DivergenceError&) {  // NOLINT(bugprone-empty-catch): takes its time as well
      }
    });
    spent += round;
    if (rounds++ == 0) first = round;  // also prepares memory and caches
  } while (spent < enough_s && rounds * at_once < count.cells);
  const double each = (rounds > 1 ? (spent - first) / double(rounds - 1) : first) / double(at_once);
  cost.rehearsed = rounds * at_once;
  cost.seconds =
      preparation / double(prepared.size()) * double(count.deployments) + each * double(count.cells);
  cost.calls = cell_calls.front() * count.cells + prepared.front().deployed.spent.calls * count.deployments;
  if (!in.finetuning.wanted() || !in.adjustments[adjustment].finetunes()) return cost;
  const Cell cell = cell_at(firsts.front(), in);
  const auto device = make_device(in, cell);
  train::TrainInput lessons = lesson(in, work, cell, *device);
  lessons.initial = &in.params_of(cell.method);
  const Forecast tuning = train::forecast(lessons, progress);
  cost.seconds += tuning.seconds * double(count.deployments);
  cost.steps = tuning.count("steps") * count.deployments;
  cost.finetune_calls = tuning.count("device calls") * count.deployments;
  cost.calls += cost.finetune_calls;
  return cost;
}

}  // namespace

Forecast forecast(const SweepInput& in, const Progress& progress) {
  const Work work = plan(in);
  Forecast f;
  f.unit = "evaluations";
  f.held_bytes = numbers_bytes(work.result);
  std::uint64_t calls = 0, steps = 0, finetune_calls = 0;
  const std::vector<Grid::Count> counts = work.grid.wanted_by_adjustment();
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const Cost cost = cost_of(in, work, k, counts[k], progress);
    f.rehearsed += cost.rehearsed;
    f.seconds += cost.seconds;
    calls += cost.calls, steps += cost.steps, finetune_calls += cost.finetune_calls;
  }
  f.counts = {{"evaluations", work.grid.wanted_cells()}};
  if (in.finetuning.wanted() && work.grid.wanted_cells() > 0) {
    f.counts.push_back({"fine-tuning steps", steps});
    f.counts.push_back({"fine-tuning device calls", finetune_calls});
  }
  f.counts.push_back({"device calls", calls});
  return f;
}

}  // namespace pnn::study
