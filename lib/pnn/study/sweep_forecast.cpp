#include <algorithm>
#include <chrono>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/study/sweep_plan.hpp"

namespace pnn::study {

Forecast forecast(const SweepInput& in, const Progress& progress) {
  constexpr double enough_s = 1;
  constexpr std::size_t most_rehearsed = 4096;
  const Work work = plan(in);
  const std::size_t cells = work.grid.wanted_cells(), deployments = work.grid.wanted_deployments();
  const std::size_t at_once = std::min(in.target.bench ? 1 : std::size_t(std::max(1, threads())), cells);
  Forecast f;
  f.unit = "evaluations";
  f.held_bytes = numbers_bytes(work.result);
  std::uint64_t calls = 0;
  std::vector<std::size_t> firsts;  // the first cells of the first deployments that have any
  std::size_t own_deployment = 0;
  for (std::size_t d = 0; d < work.grid.deployments() && firsts.size() < std::min(at_once, deployments);
       ++d) {
    const std::optional<std::size_t> first = work.grid.first_wanted(d);
    if (!first) continue;
    if (firsts.empty()) own_deployment = d;
    firsts.push_back(*first);
  }
  if (!firsts.empty()) {
    const auto timed = [](std::size_t chunks, const auto& body) {
      const auto start = std::chrono::steady_clock::now();
      parallel_for(chunks, body);
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
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
    } while (spent < enough_s && rounds * at_once < cells);
    const double each = (rounds > 1 ? (spent - first) / double(rounds - 1) : first) / double(at_once);
    f.rehearsed = rounds * at_once;
    f.seconds = preparation / double(prepared.size()) * double(deployments) + each * double(cells);
    calls = cell_calls.front() * cells + prepared.front().deployed.trim_calls * deployments;
  }
  f.counts = {{"evaluations", cells}};
  if (in.finetuning.wanted() && !firsts.empty()) {
    const Cell cell = cell_at(firsts.front(), in);
    const auto device = make_device(in, cell);
    train::TrainInput first = lesson(in, work, cell, *device);
    first.initial = in.params[cell.method];
    const Forecast each = train::forecast(first, progress);
    const std::uint64_t own = each.count("device calls");
    f.seconds += each.seconds * double(deployments);
    f.counts.push_back({"fine-tuning steps", each.count("steps") * deployments});
    f.counts.push_back({"fine-tuning device calls", own * deployments});
    calls += own * deployments;
  }
  f.counts.push_back({"device calls", calls});
  return f;
}

}  // namespace pnn::study
