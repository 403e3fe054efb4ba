#include "pnn/study/sweep.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/finite.hpp"
#include "pnn/core/pace.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/system.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/study/summary.hpp"
#include "pnn/study/sweep_plan.hpp"

namespace pnn::study {
namespace {

/// Room for all numbers, unknown as yet, or those of an earlier, unfinished run.
void lay_out(const Result* previous, Result& r) {
  if (previous == nullptr) require_memory(numbers_bytes(r), "the numbers of this result");
  for (const auto array : evaluated) {
    Array<double>& own = r.*array;
    if (previous != nullptr && (previous->*array).shape == own.shape) {
      own = previous->*array;
    } else {  // also the heaters' numbers of files before 1.3
      own.data.assign(numbers_in(own.shape), std::numeric_limits<double>::quiet_NaN());
    }
  }
  if (previous != nullptr) {
    r.confusion = previous->confusion;
    r.outputs = previous->outputs;
    r.overflowed = previous->overflowed;
    return;
  }
  r.outputs.data.assign(numbers_in(r.outputs.shape), std::numeric_limits<float>::quiet_NaN());
}

/// One after the other on a bench, else in parallel.
template <class Body>
void for_each_cell(const SweepInput& in, std::size_t count, const Body& body) {
  if (!in.target.bench) return parallel_for(count, body);
  for (std::size_t k = 0; k < count; ++k) body(k);
}

/// A deployment while its cells are evaluated: made by the first that asks, dropped with the last.
struct Deployment {
  std::mutex mutex = {};
  std::optional<Deployed> deployed = {};
  std::size_t left = 0;                                   ///< cells that have not taken it
  std::uint64_t calls = 0, finetune_calls = 0, held = 0;  ///< all calls, and those of a fine-tuning
  double weight_error = 0;
  bool diverged = false;  ///< known to whoever has taken it

  template <class Make>
  Deployed take(const Make& make) {
    const std::lock_guard lock(mutex);
    if (!deployed) {
      Prepared p = make();
      calls = p.deployed.spent.calls;
      finetune_calls = p.finetune_calls;
      weight_error = p.weight_error;
      held = p.held;
      diverged = p.diverged;
      deployed = std::move(p.deployed);
    }
    if (--left > 0) return *deployed;
    Deployed last = std::move(*deployed);
    deployed.reset();
    return last;
  }
};

/// Some of the cells of a sweep, in the order of their deployments, which they share.
struct Batch {
  struct Place {
    std::size_t flat;
    std::shared_ptr<Deployment> deployment;
  };
  std::vector<Place> cells = {};
  std::vector<std::shared_ptr<Deployment>> finished = {};  ///< with the cells of this batch
};

/// Hands out the cells of a sweep batch by batch, so that a sweep of a thousand million cells needs no list
/// of them.
class Batches {
 public:
  Batches(const Grid& grid, std::size_t most) : grid_(grid), most_(most) {}

  /// The next cells; none at the end, and perhaps none where the search for them was asked to stop.
  Batch next() {
    constexpr std::size_t look_every = std::size_t{1} << 20;
    Batch batch;
    while (deployment_ < grid_.deployments() && batch.cells.size() < most_) {
      for (; condition_ < grid_.conditions() && batch.cells.size() < most_; ++condition_) {
        if (++looked_at_ % look_every == 0 && stop_asked()) return batch;
        const std::size_t flat = grid_.flat(deployment_, condition_);
        if (!grid_.wanted(flat)) continue;
        if (!open_) open_ = std::make_shared<Deployment>();
        ++open_->left;
        batch.cells.push_back({flat, open_});
      }
      if (condition_ < grid_.conditions()) {
        if (!kept_) ++open_->left;  // kept for the cells of the next batch
        kept_ = true;
        break;
      }
      if (open_) {
        if (kept_) --open_->left;
        batch.finished.push_back(std::move(open_));
      }
      open_ = nullptr, kept_ = false;
      condition_ = 0;
      ++deployment_;
    }
    return batch;
  }
  /// The deployment of which a part is done, if there is one.
  [[nodiscard]] const std::shared_ptr<Deployment>& unfinished() const { return open_; }

 private:
  const Grid& grid_;
  std::size_t most_, deployment_ = 0, condition_ = 0, looked_at_ = 0;
  std::shared_ptr<Deployment> open_;
  bool kept_ = false;
};

}  // namespace

SweepOutcome sweep(const SweepInput& in, Progress& progress, const std::function<void(const Result&)>& save,
                   double save_every_s) {
  Work work = plan(in);
  const std::span samples(work.shown.x.data(), std::size_t(work.shown.x.size()));
  if (all_finite(samples)) work.known = std::make_unique<platform::KnownSamples>(work.shown.x);
  SweepOutcome outcome;
  outcome.result = std::move(work.result);
  Result& r = outcome.result;
  lay_out(in.previous, r);
  const network::TaskTraits& traits = network::traits_of(task_of(in));
  const std::size_t total = work.grid.wanted_cells();
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::size_t done = 0;
  Pace pace(save_every_s);
  /// Under the lock, of an evaluation whose numbers stand in the result.
  const auto finish = [&](const std::string& said) {
    progress.update(++done, total, "evaluations", said);
    if (save && done < total) pace.keep([&] { save(r); });
  };
  /// Under the lock. Hits and misses are whole numbers, whose sum does not depend on the order.
  const auto take = [&](std::size_t flat, const Evaluated& cell) {
    const network::Evaluation& e = cell.evaluation;
    r.loss.data[flat] = e.loss;
    if (traits.scored) r.score.data[flat] = e.score;
    for (std::size_t k = 0; k < e.rms_error.size(); ++k)
      r.rms_error.data[flat * e.rms_error.size() + k] = in.data.targets[k].scale * e.rms_error[k];
    if (in.features != nullptr) r.frechet.data[flat] = cell.frechet;
    if (!r.deployments.empty()) {
      r.spent_samples.data[flat] = double(cell.spent.samples);
      r.spent_calls.data[flat] = double(cell.spent.calls);
      r.adjusted.data[flat] = double(adjustments_until(cell_at(flat, in), in));
    }
    r.power_mean_mw.data[flat] = cell.heat.mean_mw;
    r.power_largest_mw.data[flat] = cell.heat.largest_mw;
    r.energy_uj.data[flat] = cell.heat.energy_uj;
    std::copy_n(cell.outputs.data(), cell.outputs.size(),
                r.outputs.data.begin() + Index(flat) * cell.outputs.size());
    const std::size_t size = std::size_t(e.confusion.size()), method = cell_at(flat, in).method;
    for (std::size_t i = 0; i < size; ++i) r.confusion.data[method * size + i] += e.confusion.data()[i];
    outcome.device_calls += cell.calls;
    finish(std::string(traits.metric.word) + " " + traits.metric.text(e.score));
  };
  /// Under the lock: one network's overflow is a result, not the end of the others.
  const auto take_overflow = [&](std::size_t flat, const std::string& what) {
    if (r.overflowed.data.empty()) r.overflowed = Array<double>(r.loss.shape, 0.0);
    r.overflowed.data[flat] = 1;
    if (outcome.overflow.empty()) outcome.overflow = what;
    finish("not finite");
  };
  const auto account = [&](const Deployment& d) {
    outcome.device_calls += d.calls;
    outcome.finetune_calls += d.finetune_calls;
    outcome.held_controls += d.held;
    outcome.largest_weight_error = std::max(outcome.largest_weight_error, d.weight_error);
  };
  Batches batches(work.grid, in.at_a_time);
  for (bool more = true; more && !stop;) {
    const Batch batch = batches.next();
    more = !batch.cells.empty();
    for_each_cell(in, batch.cells.size(), [&](std::size_t k) {
      if (stop || progress.stop_requested()) {
        stop = true;
        return;
      }
      const auto& [flat, deployment] = batch.cells[k];
      try {
        Deployed deployed = deployment->take([&] { return prepare(in, work, flat, progress); });
        const Evaluated cell = evaluate_cell(in, work, flat, std::move(deployed));
        const std::lock_guard lock(mutex);
        if (in.finetuning.wanted()) r.diverged.data[flat] = deployment->diverged ? 1 : 0;
        take(flat, cell);
      } catch (const Interrupted&) {  // a resumed sweep repeats unfinished cells
        stop = true;
      } catch (const DivergenceError& error) {
        const std::lock_guard lock(mutex);
        if (in.finetuning.wanted()) r.diverged.data[flat] = deployment->diverged ? 1 : 0;
        take_overflow(flat, error.what());
      } catch (const device::DeviceError& error) {
        const std::lock_guard lock(mutex);
        if (!in.target.bench) {  // a virtual chip does not fail
          take_overflow(flat, error.what());
          return;
        }
        stop = true;
        if (!outcome.failure) outcome.failure = std::current_exception();
      } catch (const RunError&) {
        stop = true;
        const std::lock_guard lock(mutex);
        if (!outcome.failure) outcome.failure = std::current_exception();
      }
    });
    for (const auto& deployment : batch.finished) account(*deployment);
  }
  if (batches.unfinished()) account(*batches.unfinished());
  outcome.complete = done == total;
  return outcome;
}

}  // namespace pnn::study
