#include "pnn/study/sweep.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/pace.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/system.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/network/generate.hpp"
#include "pnn/study/cells.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::study {

std::unique_ptr<device::Device> Target::open(std::size_t index, std::function<bool()> stop) const {
  if (bench) return bench(index);
  return device::guarded(device::make_virtual_device(*devices, index), guard, tally, std::move(stop));
}

namespace {

network::Task task_of(const SweepInput& in) {
  return in.params[0]->task;
}

/// What the data set holds of the samples whose outputs are kept, for each of `shape` cells.
void keep_pictures(const SweepInput& in, const network::SplitView& shown, std::vector<std::size_t> shape,
                   Result& r) {
  const network::Shape& s = in.data.shape;
  r.pictures = Array<float>({std::size_t(in.outputs), std::size_t(s.channels * (s.field ? 2 : 1)),
                             std::size_t(s.height), std::size_t(s.width)});
  std::copy_n(shown.x.data(), r.pictures.size(), r.pictures.data.begin());
  shape.push_back(std::size_t(in.outputs));
  shape.push_back(std::size_t(in.network.output().size()));
  r.outputs.shape = std::move(shape);
}

/// The result without its numbers, of which there may be many: arrays that lay_out() fills have a shape
/// alone.
Result described(const SweepInput& in, const network::SplitView& shown) {
  Result r;
  r.tool = in.tool;
  r.dataset = in.data.name;
  r.network = in.network.spec.to_string();
  std::vector<std::size_t> shape{in.params.size()};
  for (const train::Params* p : in.params) r.methods.push_back(p->label);
  for (const Axis& axis : in.axes) shape.push_back(axis.values.size());
  r.axes = in.axes;
  for (std::size_t index : in.target.indices)
    r.devices.push_back(in.target.has_devices() ? std::to_string(index) : "model " + std::to_string(index));
  r.repeats = in.repeats;
  shape.push_back(in.target.indices.size());
  shape.push_back(in.repeats);
  const bool classify = task_of(in) == network::Task::classify;
  r.task = in.params[0]->task;
  r.loss.shape = shape;
  if (in.features != nullptr) r.frechet.shape = shape;
  if (in.finetuning.wanted()) r.diverged.shape = shape;
  if (classify) {
    r.accuracy.shape = shape;
    r.classes = in.data.classes;
    const auto n = std::size_t(in.network.output().size());
    r.confusion = Array<double>({in.params.size(), n, n}, 0.0);
  }
  if (in.outputs > 0) keep_pictures(in, shown, shape, r);
  r.images = std::size_t(shown.size());
  r.shard = in.shard;
  r.shards = in.shards;
  for (Array<double>* heaters : {&r.power_mean_mw, &r.power_largest_mw, &r.energy_uj})
    *heaters = Array<double>({in.params.size()}, 0.0);
  return r;
}

std::size_t numbers_in(const std::vector<std::size_t>& shape) {
  std::size_t count = shape.empty() ? 0 : 1;
  for (const std::size_t size : shape) count *= size;
  return count;
}

/// Memory that lay_out() takes.
std::uint64_t numbers_bytes(const Result& r) {
  std::size_t doubles = 0;
  for (const Array<double>* a : {&r.loss, &r.accuracy, &r.frechet, &r.diverged})
    doubles += numbers_in(a->shape);
  return std::uint64_t(doubles) * sizeof(double) + std::uint64_t(numbers_in(r.outputs.shape)) * sizeof(float);
}

/// Room for all numbers, unknown as yet, or those of an earlier, unfinished run.
void lay_out(const Result* previous, Result& r) {
  if (previous != nullptr) {
    r.loss = previous->loss;
    r.accuracy = previous->accuracy;
    r.confusion = previous->confusion;
    r.frechet = previous->frechet;
    r.diverged = previous->diverged;
    r.outputs = previous->outputs;
    r.overflowed = previous->overflowed;
    return;
  }
  require_memory(numbers_bytes(r), "the numbers of this result");
  for (Array<double>* a : {&r.loss, &r.accuracy, &r.frechet, &r.diverged})
    a->data.assign(numbers_in(a->shape), std::numeric_limits<double>::quiet_NaN());
  r.outputs.data.assign(numbers_in(r.outputs.shape), std::numeric_limits<float>::quiet_NaN());
}

/// Whether an earlier, unfinished run is of this sweep.
void check_previous(const Result& previous, const Result& r) {
  // An unsharded run may continue from a shard's result; a shard may not contain cells of other shards.
  const bool part_of_it = r.shards == 1 || (previous.shards == r.shards && previous.shard == r.shard);
  if (!part_of_it || previous.loss.shape != r.loss.shape || previous.frechet.shape != r.frechet.shape ||
      previous.diverged.shape != r.diverged.shape || previous.outputs.shape != r.outputs.shape ||
      previous.methods != r.methods || previous.devices != r.devices || previous.images != r.images) {
    throw InputError(
        "--resume: the file holds another sweep; resume with the options that it was started with");
  }
}

void check(const SweepInput& in, const network::SplitView& shown) {
  require(!in.params.empty() && !in.target.indices.empty(), "a sweep has methods and devices");
  if (!in.target.has_devices() && in.surroundings.device.environment == device::Environment::free)
    throw UsageError("--environment free: a model stands in no room; make devices with pnn-fabricate");
  const auto normalises = [](const network::Layer& layer) { return layer.kind == network::Kind::batchnorm; };
  const std::vector<network::Layer>& layers = in.network.layers;
  if (in.mapping.statistics == NormalizedBy::shown && std::none_of(layers.begin(), layers.end(), normalises))
    throw UsageError("--statistics shown: this network has no batch normalisation");
  if (shown.size() == 0) {
    throw InputError(std::string("the data set has no ") + (in.validation ? "validation" : "test") +
                     " samples; make one with pnn-data that has");
  }
  if (task_of(in) == network::Task::generate) {
    if (shown.x.cols() != in.network.output().size())
      throw InputError("the data set has pictures of " + std::to_string(shown.x.cols()) +
                       " numbers but the network makes " + std::to_string(in.network.output().size()));
  } else if (shown.x.cols() != in.network.input.size() || in.data.shape.field != in.network.input.field) {
    throw InputError("the data set has inputs " + in.data.shape.to_string() + " but the network takes " +
                     in.network.input.to_string());
  }
  if (task_of(in) != network::Task::generate) network::check_signs(in.network, shown, "the data set");
  for (const train::Params* p : in.params) {
    if (p->task != in.params[0]->task)
      throw InputError("parameters of different tasks cannot be compared: " + word_of(in.params[0]->task) +
                       " and " + word_of(p->task));
  }
}

void check_pictures(const SweepInput& in, const network::SplitView& shown) {
  if (in.outputs > shown.size())
    throw UsageError("--outputs " + std::to_string(in.outputs) + ": " + std::to_string(shown.size()) +
                     " samples are shown");
  if (in.features == nullptr) return;
  if (task_of(in) == network::Task::classify)
    throw UsageError("--features: compares pictures, and these parameters were trained to classify");
  const Index pictures = in.features->pictures().size();
  if (pictures != shown.x.cols())
    throw InputError("--features: the classifier reads pictures of " + std::to_string(pictures) +
                     " numbers, those of the data set have " + std::to_string(shown.x.cols()));
  if (shown.size() < 2) throw UsageError("--features: a distribution takes two samples or more");
}

void check_outputs(const SweepInput& in, const Grid& grid) {
  constexpr double largest = 68'719'476'736.0;  // the largest dataset in bytes that a reader accepts
  const double kept = double(grid.cells()) * double(in.outputs) * double(in.network.output().size());
  if (kept * sizeof(float) > largest)
    throw UsageError("--outputs " + std::to_string(in.outputs) + ": " + format_short(kept, 4) +
                     " numbers, more than the 64 GiB that a result holds; keep fewer");
}

/// What every cell of a sweep reads.
struct Work {
  std::optional<network::LatentSplit> latents, latent_calibration;  ///< a generator: what is shown to it
  network::SplitView shown, calibration;
  network::DatasetView lessons;  ///< of a fine-tuning: training samples, as many as its steps show
  Grid grid;
  std::optional<Gaussian> pictures = {};  ///< features of the pictures shown, if they are compared
  Result result = {};                     ///< without its numbers
};

std::unique_ptr<device::Device> make_device(const SweepInput& in, const Cell& cell) {
  const std::size_t index = in.target.indices[cell.device];
  if (in.target.bench || !varies_process(in)) return in.target.open(index);
  return device::guarded(device::make_virtual_device(*in.target.devices, index, process_of(cell, in)),
                         in.target.guard, in.target.tally);
}

Chip make_chip(const SweepInput& in, const Cell& cell) {
  const std::size_t index = in.target.indices[cell.device];
  if (!in.target.has_devices()) return model_chip(*in.target.model, index, in.seed);
  return device_chip(make_device(in, cell), in.seed, std::uint32_t(index));
}

/// One after the other on a bench, else in parallel.
template <class Body>
void for_each_cell(const SweepInput& in, std::size_t count, const Body& body) {
  if (!in.target.bench) return parallel_for(count, body);
  for (std::size_t k = 0; k < count; ++k) body(k);
}

/// No more training samples than the steps of a fine-tuning show; none without one.
network::DatasetView lessons_of(const SweepInput& in) {
  if (!in.finetuning.wanted()) return {};
  const train::TrainSettings& s = in.finetuning.train;
  const auto shown =
      std::min(std::uint64_t(in.data.train.size()), s.length.steps * std::uint64_t(s.updates.batch));
  return network::DatasetView(network::first_samples(in.data.train, Index(shown)));
}

Work plan(const SweepInput& in) {
  check_axes(in.axes);
  check_drawn(in);
  const network::SplitView shown =
      network::first_samples(in.validation ? in.data.validation : in.data.test, in.images);
  const network::SplitView calibration = network::first_samples(in.data.train, in.mapping.trim_samples);
  check(in, shown);
  check_pictures(in, shown);
  Result result = described(in, shown);
  if (in.previous != nullptr) check_previous(*in.previous, result);
  Grid grid(in);
  check_outputs(in, grid);
  check_conditions(in);
  check_processes(in);
  std::optional<Gaussian> pictures;
  if (in.features != nullptr) pictures = in.features->gaussian(shown.x);
  if (task_of(in) != network::Task::generate)
    return {{}, {}, shown, calibration, lessons_of(in), grid, pictures, std::move(result)};
  std::optional<network::LatentSplit> latents(network::latent_split(shown, in.network.input.size())),
      latent_calibration(network::latent_split(calibration, in.network.input.size()));
  const network::SplitView made(*latents), trimmed(*latent_calibration);  // of memory that moves along
  return {std::move(latents), std::move(latent_calibration), made, trimmed, lessons_of(in), grid, pictures,
          std::move(result)};
}

/// What is the same for all conditions of a method on a device.
struct Prepared {
  Deployed deployed;
  double weight_error = 0;
  std::uint64_t finetune_calls = 0;
  bool diverged = false;  ///< the fine-tuning; the device keeps what it had before
};

/// The model of a device, in `device_models`.
std::size_t model_index(const SweepInput& in, const Cell& cell) {
  return in.device_models->devices() > 1 ? in.target.indices[cell.device] : 0;
}

/// The training of a cell's device in situ, at a time of its own: after all repeats.
train::TrainInput lesson(const SweepInput& in, const Work& work, const Cell& cell, device::Device& device) {
  train::TrainInput t{in.network,   *in.device_models,   model_index(in, cell),
                      work.lessons, in.finetuning.train, in.seed};
  t.device = &device;
  t.conditions = in.surroundings.device;
  t.conditions.start_s = double(in.repeats) * repeat_interval_s;
  return t;
}

/// Mapping, fine-tuning and trimming, under the sweep's own surroundings. Throws Interrupted where `progress`
/// asks a fine-tuning to stop.
Prepared prepare(const SweepInput& in, const Work& work, std::size_t flat, const Progress& progress) {
  const Cell cell = cell_at(flat, in);
  const train::Params& params = *in.params[cell.method];
  Prepared p{deploy(params, in.network)};
  if (in.mapping.map == Carried::weights)
    p.weight_error = map_weights(p.deployed, params, *in.device_models, model_index(in, cell));
  if (in.finetuning.wanted()) {
    const auto device = make_device(in, cell);
    try {
      p.finetune_calls = finetune(p.deployed, params, lesson(in, work, cell, *device), progress);
    } catch (const DivergenceError&) {  // divergence on one device is a result and does not stop the others
      p.diverged = true;
      p.finetune_calls = device->calls();
    }
  }
  if (in.mapping.trim != Trim::none) {
    Chip chip = make_chip(in, cell);
    trim_on_chip(p.deployed, in.mapping.trim, in.network, params, work.calibration, chip, in.surroundings);
  }
  return p;
}

/// A deployment while its cells are evaluated: made by the first that asks, dropped with the last.
struct Deployment {
  std::mutex mutex = {};
  std::optional<Deployed> deployed = {};
  std::size_t left = 0;  ///< cells that have not taken it
  std::uint64_t trim_calls = 0, finetune_calls = 0;
  double weight_error = 0;
  bool diverged = false;  ///< known to whoever has taken it

  template <class Make>
  Deployed take(const Make& make) {
    const std::lock_guard lock(mutex);
    if (!deployed) {
      Prepared p = make();
      trim_calls = p.deployed.trim_calls;
      finetune_calls = p.finetune_calls;
      weight_error = p.weight_error;
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

struct Evaluated {
  network::Evaluation evaluation;
  std::uint64_t calls = 0;
  double frechet = 0;          ///< where pictures are compared
  Matrix<float> outputs = {};  ///< of the samples whose outputs are kept
};

/// `d` by value: a cell's batch-norm statistics are its own.
Evaluated evaluate_cell(const SweepInput& in, const Work& work, std::size_t flat, Deployed d) {
  const Cell at = cell_at(flat, in);
  Chip chip = make_chip(in, at);
  chip.prepare(surroundings_of(at, in, d.set_point_shift_k), d.controls, std::uint32_t(at.repeat));
  const bool wanted = in.outputs > 0 || in.features != nullptr;
  Matrix<float> outputs;
  Evaluated cell;
  cell.evaluation = network::evaluate(
      in.network, {{}, d.digital, d.state}, work.shown, task_of(in), &chip, wanted ? &outputs : nullptr,
      in.mapping.statistics == NormalizedBy::shown ? network::Statistics::batch
                                                   : network::Statistics::running);
  cell.calls = chip.calls();
  if (work.pictures)
    cell.frechet = frechet_distance(*work.pictures, in.features->gaussian(view(std::as_const(outputs))));
  if (in.outputs > 0) cell.outputs = outputs.topRows(in.outputs);
  return cell;
}

}  // namespace

SweepOutcome sweep(const SweepInput& in, Progress& progress, const std::function<void(const Result&)>& save,
                   double save_every_s) {
  Work work = plan(in);
  SweepOutcome outcome;
  outcome.result = std::move(work.result);
  Result& r = outcome.result;
  lay_out(in.previous, r);
  const bool classify = task_of(in) == network::Task::classify;
  for (std::size_t m = 0; m < in.params.size(); ++m) {
    const platform::HeaterUse use = heater_use(*in.params[m]);
    r.power_mean_mw.data[m] = use.mean_mw;
    r.power_largest_mw.data[m] = use.largest_mw;
    r.energy_uj.data[m] = use.energy_uj;
  }
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
    if (classify) r.accuracy.data[flat] = e.accuracy;
    if (in.features != nullptr) r.frechet.data[flat] = cell.frechet;
    std::copy_n(cell.outputs.data(), cell.outputs.size(),
                r.outputs.data.begin() + Index(flat) * cell.outputs.size());
    const std::size_t size = std::size_t(e.confusion.size()), method = cell_at(flat, in).method;
    for (std::size_t i = 0; i < size; ++i) r.confusion.data[method * size + i] += e.confusion.data()[i];
    outcome.device_calls += cell.calls;
    finish(classify ? "accuracy " + format_short(e.accuracy, 4) : "loss " + format_short(e.loss, 4));
  };
  /// Under the lock: one network's overflow is a result, not the end of the others.
  const auto take_overflow = [&](std::size_t flat, const std::string& what) {
    if (r.overflowed.data.empty()) r.overflowed = Array<double>(r.loss.shape, 0.0);
    r.overflowed.data[flat] = 1;
    if (outcome.overflow.empty()) outcome.overflow = what;
    finish("not finite");
  };
  const auto account = [&](const Deployment& d) {
    outcome.device_calls += d.trim_calls + d.finetune_calls;
    outcome.finetune_calls += d.finetune_calls;
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

platform::HeaterUse heater_use(const train::Params& params) {
  const network::Resolved network = network::resolve(params.network, params.process);
  const std::vector<platform::AnyPlan> plans = network.plans();
  const std::vector<bool> both_signs = network.signed_inputs();
  std::vector<std::span<const float>> controls;
  std::vector<int> readouts;
  for (std::size_t layer = 0; layer < plans.size(); ++layer) {
    controls.emplace_back(params.controls.at(layer).values.data);
    readouts.push_back(plans[layer]->readouts(both_signs[layer]));
  }
  return platform::heater_use(plans, params.process, controls, readouts);
}

Summary summarise(std::span<const double> values) {
  Summary s;
  s.worst = std::numeric_limits<double>::infinity();
  s.best = -s.worst;
  double mean = 0, square = 0;
  for (double v : values) {
    if (!std::isfinite(v)) continue;
    ++s.count;
    const double shift = v - mean;
    mean += shift / double(s.count);
    square += shift * (v - mean);
    s.worst = std::min(s.worst, v);
    s.best = std::max(s.best, v);
  }
  s.mean = mean;
  s.deviation = s.count > 1 ? std::sqrt(square / double(s.count - 1)) : 0;
  return s;
}

}  // namespace pnn::study
