#include "pnn/train/loop.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/finite.hpp"
#include "pnn/core/ranks.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/text.hpp"
#include "pnn/network/evaluate.hpp"
#include "pnn/network/generate.hpp"
#include "pnn/platform/source.hpp"
#include "pnn/train/average.hpp"
#include "pnn/train/batches.hpp"
#include "pnn/train/estimator.hpp"
#include "pnn/train/extent.hpp"
#include "pnn/train/initialise.hpp"
#include "pnn/train/laboratory.hpp"
#include "pnn/train/optimizer.hpp"
#include "pnn/train/sampled_chips.hpp"

namespace pnn::train {
namespace {

using Maps = std::vector<std::unique_ptr<platform::TransferMap<float>>>;

Maps training_maps(const TrainInput& input, const std::vector<platform::ControlBounds>& bounds = {}) {
  Maps maps = input.settings.draws_chips() ? process_maps(input.model)
                                           : model::make_maps<float>(input.model, input.model_index);
  for (std::size_t layer = 0; layer < bounds.size(); ++layer) maps[layer]->narrow(bounds[layer]);
  return maps;
}

/// Where controls may be: within the bounds of the input, and in the range of the device, whose owner may
/// have narrowed it.
std::vector<platform::ControlBounds> bounds_of(const TrainInput& input) {
  std::vector<platform::ControlBounds> bounds = input.bounds;
  if (bounds.empty()) bounds = model::control_bounds(input.model, input.model_index);
  if (input.device == nullptr) return bounds;
  for (std::size_t layer = 0; layer < bounds.size(); ++layer) {
    const device::LayerPort& port = input.device->layers().at(layer);
    const platform::Source source = port.plan->source(input.model.process, {});
    if (port.lower <= source.lower && port.upper >= source.upper) continue;
    const platform::FloatRange range = platform::inwards(port.lower, port.upper);
    platform::ControlBounds& own = bounds[layer];
    for (std::size_t k = 0; k < own.lower.size(); ++k) {
      const float lower = own.lower[k], upper = own.upper[k];
      own.lower[k] = std::max(lower, range.lower), own.upper[k] = std::min(upper, range.upper);
      const bool held = lower == upper;
      if (held ? own.lower[k] <= own.upper[k] : own.lower[k] < own.upper[k]) continue;
      throw InputError("layer " + port.plan->name() + ": the device allows controls from " +
                       format_number(port.lower) + " to " + format_number(port.upper) +
                       ", the model those from " + format_number(double(lower)) + " to " +
                       format_number(double(upper)));
    }
  }
  return bounds;
}

Tensor flat_tensor(const std::string& name, const std::string& description,
                   const std::vector<float>& values) {
  Tensor tensor{name, "1", description, Array<float>({values.size()})};
  tensor.values.data = values;
  return tensor;
}

/// Throws UsageError where there is not a part of each batch for every rank.
void check_ranks(const TrainInput& input) {
  const int count = ranks().size();
  if (count == 1) return;
  const TrainSettings& settings = input.settings;
  const std::string method = "--method " + word_of(settings.method);
  const Index parts =
      std::min({Index(settings.perturbation.draws), Index(settings.updates.batch), input.data.train.size()});
  if (!settings.on_device() && parts >= count) return;
  ranks().failed_together = true;
  if (settings.on_device())
    throw UsageError(method + ": a device makes one step after the other, which " + std::to_string(count) +
                     " ranks cannot share; start one");
  throw UsageError("--draws: " + std::to_string(count) +
                   " ranks share the parts of a batch, of which there are " + std::to_string(parts) +
                   "; cut each batch into " + std::to_string(count) +
                   " or a multiple of it, or start fewer ranks");
}

class Training {
 public:
  Training(const TrainInput& input, Progress& progress, const std::function<void(const Params&)>& checkpoint)
      : in_(input),
        settings_(input.settings),
        progress_(progress),
        checkpoint_(checkpoint),
        ranks_(ranks()),
        task_(settings_.task),
        traits_(network::traits_of(task_)),
        extent_(training_extent(settings_, input.network, std::size_t(input.data.train.size()))),
        batches_(settings_, input.network, input.data.train, input.seed),
        bounds_(bounds_of(input)),
        objective_(input.network, training_maps(input, bounds_), task_, batches_.size()),
        view_maps_(training_maps(input)),
        estimator_(settings_, objective_, input.model, input.seed, ranks_),
        optimizers_{make_optimizer(std::size_t(objective_.control_count())),
                    make_optimizer(std::size_t(objective_.digital_count()))},
        control_gradient_(std::size_t(objective_.control_count())),
        digital_gradient_(std::size_t(objective_.digital_count())) {
    schedule_.kind = settings_.schedule.kind;
    schedule_.total_steps = extent_.total_steps;
    schedule_.step_every = extent_.steps_per_epoch * std::uint64_t(settings_.schedule.step_every);
    schedule_.step_factor = settings_.schedule.step_factor;
    schedule_.warmup = settings_.schedule.warmup;
    schedule_.decay = settings_.schedule.decay;
    if (settings_.updates.average > 0) {
      for (const Index size : {objective_.control_count(), objective_.digital_count()})
        means_.emplace_back(settings_.updates.average, std::size_t(size));
    }
    if (traits_.against == network::Against::targets) variance_ = network::target_variance(input.data.train);
    if (task_ == network::Task::generate) {
      latent_validation_.emplace(network::latent_split(in_.data.validation, input.network.input.size()));
      latent_test_.emplace(network::latent_split(in_.data.test, input.network.input.size()));
    }
    objective_.set_label_smoothing(settings_.samples.label_smoothing);
    if (settings_.learns_residuals()) residuals_.emplace(in_.model.plans, settings_.in_situ.dat_lr);
    begin();
    require(in_.device == nullptr || settings_.on_device(), "a training in situ has a device, and no other");
    if (in_.device != nullptr) {
      laboratory_.emplace(*in_.device, in_.conditions, counts_.device_calls);
      objective_.run_on({&*laboratory_, settings_.reads_output_only(), residuals_ ? &*residuals_ : nullptr,
                         settings_.in_situ.dat_states});
    }
    for (std::size_t layer = 0; layer < objective_.layers(); ++layer) keep_within_bounds(layer);
  }

  Params run() {
    // a device may have failed between the last step of an epoch and its evaluation
    if (counts_.epoch_samples > 0 && ends_epoch()) keep_state([&] { end_epoch(is_last()); });
    while (!is_last()) {
      keep_state([&] { step(); });
      if (ends_epoch()) keep_state([&] { end_epoch(is_last()); });
      if (!is_last() && any(ranks_, progress_.stop_requested())) {
        save_state();
        ranks_.failed_together = true;
        throw Interrupted("interrupted at " + place());
      }
    }
    return params(true);
  }

 private:
  [[nodiscard]] Optimizer make_optimizer(std::size_t size) const {
    return {settings_.updates.optimizer, size, settings_.updates.momentum};
  }

  [[nodiscard]] bool is_last() const { return counts_.step == extent_.total_steps; }
  [[nodiscard]] bool ends_epoch() const { return is_last() || counts_.step % extent_.steps_per_epoch == 0; }
  /// Whether this step is in the last part of the training, in which batch-norm statistics stand still.
  [[nodiscard]] bool freezes_statistics() const {
    const double last = settings_.statistics.freeze * double(extent_.total_steps);
    return double(extent_.total_steps - counts_.step) <= last;
  }
  [[nodiscard]] std::string place() const {
    return "step " + std::to_string(counts_.step) + " of " + std::to_string(extent_.total_steps);
  }

  void save_state() {
    together(ranks_, [&] {
      if (ranks_.rank() == 0) checkpoint_(params(false));
    });
  }

  /// Does work, and where it fails, or is to stop while it waits for a device, saves the state of before:
  /// what a step changes before its end is taken back. A device may fail, or numbers may stop being finite.
  template <class Work>
  void keep_state(const Work& work) {
    kept_.state = start_.state;
    kept_.ascent = estimator_.ascent();
    kept_.remembered = estimator_.remembered();
    kept_.system = estimator_.ascent_system();
    kept_.residuals = residuals_;
    const auto save = [&] {
      start_.state = kept_.state;
      estimator_.ascent() = kept_.ascent;
      estimator_.remembered() = kept_.remembered;
      estimator_.set_ascent_system(kept_.system);
      if (residuals_) *residuals_ = *kept_.residuals;
      save_state();
    };
    try {
      work();
    } catch (const DivergenceError& error) {
      const std::string what = std::string(error.what()) + ", at " + place() +
                               ": the training diverged; lower --lr" + (residuals_ ? ", --dat-lr" : "") +
                               " or the radius";
      ranks_.failed_together = true;
      if (is_sound()) save();  // else a step was so large that numbers overflowed
      throw DivergenceError(what);
    } catch (const device::DeviceError& error) {
      save();
      throw device::DeviceError(std::string(error.what()) + ", at " + place());
    } catch (const RunError& error) {
      save();
      throw RunError(std::string(error.what()) + ", at " + place());
    } catch (const UsageError& error) {  // a driver refused
      if (!laboratory_) throw;
      save();
      throw UsageError(std::string(error.what()) + ", at " + place());
    } catch (const Interrupted& error) {
      save();
      throw Interrupted(std::string(error.what()) + ", at " + place());
    }
  }

  /// Whether all that a step changes at its end can be written.
  [[nodiscard]] bool is_sound() {
    const auto finite = [](const std::vector<float>& values) {
      return all_finite(std::span<const float>(values));
    };
    return finite(start_.controls) && finite(start_.digital) && finite(optimizers_[0].first_moment()) &&
           finite(optimizers_[0].second_moment()) && finite(optimizers_[1].first_moment()) &&
           finite(optimizers_[1].second_moment());
  }

  [[nodiscard]] std::span<float> controls_of(std::size_t layer) {
    return std::span(start_.controls)
        .subspan(std::size_t(objective_.offset(layer)), std::size_t(objective_.map(layer).control_count()));
  }

  /// Angles without bounds may leave their turn.
  void keep_within_bounds(std::size_t layer) {
    platform::project(controls_of(layer), bounds_[layer], objective_.map(layer).periodic());
  }

  void begin() {
    if (in_.resume != nullptr) {
      start_.controls = flat_controls(*in_.resume, in_.network);
      flat_digital(*in_.resume, in_.network, start_.digital, start_.state);
      history_ = in_.resume->history;
      counts_ = in_.resume->optimizer;
      for_each_moment([&](const std::string& name, const std::string&, std::vector<float>& values) {
        restore(name, values);
      });
      restore_system();
      if (residuals_) residuals_->steps() = counts_.gradients;  // one step of the residual maps for each
      counts_.moments.clear();
      return;
    }
    std::vector<std::string> remarks;
    start_ = in_.initial != nullptr
                 ? start_from(*in_.initial, in_.network, objective_, in_.model.process, settings_, remarks)
                 : random_start(in_.network, objective_, in_.model.process, settings_, in_.seed);
    for (const std::string& remark : remarks) progress_.say(remark);
  }

  template <class Visit>
  void for_each_moment(const Visit& visit) {
    visit("controls/m", "first moment of the controls", optimizers_[0].first_moment());
    visit("controls/v", "second moment of the controls", optimizers_[0].second_moment());
    visit("digital/m", "first moment of the digital parameters", optimizers_[1].first_moment());
    visit("digital/v", "second moment of the digital parameters", optimizers_[1].second_moment());
    visit("ascent/coordinates", "ascent that the next steps may use again", estimator_.ascent());
    visit("ascent/memory", "mean gradient along which the next step moves", estimator_.remembered());
    if (!means_.empty()) {
      visit("average/controls", "running mean of the controls", means_[0].values());
      visit("average/digital", "running mean of the digital parameters", means_[1].values());
    }
    if (!residuals_) return;
    visit("residual/values", "residual maps, layer by layer as weights are stored", residuals_->values());
    visit("residual/m", "first moment of the residual maps", residuals_->optimizer().first_moment());
    visit("residual/v", "second moment of the residual maps", residuals_->optimizer().second_moment());
  }

  void restore(const std::string& name, std::vector<float>& values) const {
    const Tensor* moment = find(in_.resume->optimizer.moments, name);
    if (moment == nullptr ? !values.empty() : moment->values.data.size() != values.size()) {
      throw InputError("--resume: /optimizer/" + name +
                       " does not fit this training; resume with the settings that it was started with");
    }
    if (moment != nullptr) values = moment->values.data;
  }

  /// The system parameters of the last ascent. Formats before 1.3 kept those of all platforms of their time
  /// in one block, which tells nothing here unless it is zero.
  void restore_system() {
    const auto& moments = in_.resume->optimizer.moments;
    const auto before = std::find_if(moments.begin(), moments.end(),
                                     [](const Tensor& t) { return t.name == "ascent/system"; });
    std::vector<float> system(estimator_.followed().size());
    if (before == moments.end()) {
      for (std::size_t k = 0; k < system.size(); ++k) {
        std::vector<float> value(1);
        restore("system/" + estimator_.followed()[k]->name, value);
        system[k] = value.front();
      }
    } else if (std::any_of(before->values.data.begin(), before->values.data.end(),
                           [](float value) { return value != 0; })) {
      throw InputError(
          "--resume: an earlier version began this training and perturbed system parameters in it; finish it "
          "with that version, or give its parameters as --init");
    }
    estimator_.set_ascent_system(system);
  }

  void step() {
    const double warm_steps = settings_.perturbation.rho_warmup * double(extent_.steps_per_epoch);
    const double warmth = warm_steps > 0 ? std::min(1.0, double(counts_.step) / warm_steps) : 1.0;
    Cost cost;
    const network::Loss loss =
        estimator_.step(batches_.at(counts_.step),
                        {start_.controls, start_.digital, start_.state, control_gradient_, digital_gradient_},
                        {std::uint32_t(counts_.step), warmth, freezes_statistics()}, cost);
    platform::release_held(bounds_, control_gradient_);
    check_finite(loss.mean);
    counts_.gradients += cost.gradients;
    counts_.evaluations += cost.evaluations;
    if (laboratory_) counts_.device_calls = laboratory_->calls();
    counts_.epoch_loss += loss.mean * double(batches_.size());
    counts_.epoch_correct += std::uint64_t(loss.correct);
    counts_.epoch_samples += std::uint64_t(batches_.size());

    const double rate = schedule_.factor(counts_.step);
    update_controls(settings_.updates.lr_controls.value_or(settings_.updates.lr) * rate);
    optimizers_[1].update(0, start_.digital, digital_gradient_, 1, settings_.updates.lr * rate, counts_.step);
    if (!means_.empty()) add_to_means();
    ++counts_.step;
    if (counts_.step % 16 == 0 || counts_.step == extent_.total_steps) {
      progress_.update(counts_.step, extent_.total_steps, "steps",
                       "loss " + format_short(counts_.epoch_loss / double(counts_.epoch_samples), 4));
    }
  }

  /// Nothing that is not finite reaches controls, a device or a file, and while all that a step reads stays
  /// below these bounds, its update is finite as well: squares, and sums of many, fit a float. (A device's
  /// loss stays finite when the residual maps do not.)
  void check_finite(double loss) {
    constexpr float largest_gradient = 1e15F, largest_value = 1e30F;
    const auto within = [](const std::vector<float>& values, float most) {
      return all_finite(std::span<const float>(values), most);
    };
    const char* what = nullptr;
    if (!std::isfinite(loss)) {
      what = "the loss is";
    } else if (!within(control_gradient_, largest_gradient) || !within(digital_gradient_, largest_gradient)) {
      what = "the gradient is";
    } else if (!within(start_.state, largest_value)) {
      what = "the running statistics of a batchnorm are";
    } else if (!within(start_.digital, largest_value)) {
      what = "the digital parameters are";
    } else {
      for_each_moment([&](const std::string&, const std::string&, std::vector<float>& values) {
        if (!within(values, std::numeric_limits<float>::max())) what = "the state of the optimiser is";
      });
    }
    if (what != nullptr) throw DivergenceError(std::string(what) + " not finite, or far too large");
  }

  /// Steps are in units of each layer's range.
  void update_controls(double rate) {
    for (std::size_t layer = 0; layer < objective_.layers(); ++layer) {
      const auto& map = objective_.map(layer);
      const auto first = std::size_t(objective_.offset(layer));
      const std::span<float> controls = controls_of(layer);
      const auto lower = float(map.lower()), upper = float(map.upper());
      optimizers_[0].update(first, controls,
                            std::span<const float>(control_gradient_).subspan(first, controls.size()),
                            double(upper - lower), rate, counts_.step);
      keep_within_bounds(layer);
    }
  }

  void add_to_means() {
    for (std::size_t layer = 0; layer < objective_.layers(); ++layer)
      means_[0].add(std::size_t(objective_.offset(layer)), controls_of(layer),
                    objective_.map(layer).periodic() ? 2 * std::numbers::pi : 0, counts_.step);
    means_[1].add(0, start_.digital, 0, counts_.step);
  }

  /// What is evaluated, and written in the end: the parameters, or their running mean with batch-norm
  /// statistics of its own, for which the cost at the end alone is counted.
  Start shown(Cost& cost) {
    Start mean = start_;
    if (means_.empty()) return mean;
    mean.controls = means_[0].values();
    mean.digital = means_[1].values();
    platform::project(std::span<float>(mean.controls), bounds_, in_.network.plans());
    const StepBuffers buffers{mean.controls, mean.digital, mean.state, {}, {}};
    const std::uint64_t evaluations = evaluations_at_end(settings_, in_.network);
    for (std::uint64_t k = 0; k < evaluations; ++k) {
      estimator_.measure_statistics(batches_.at(counts_.step + k), buffers, std::uint32_t(counts_.step + k),
                                    std::uint32_t(k), cost);
    }
    return mean;
  }

  /// Matrices of unperturbed controls.
  const std::vector<Matrix<float>>& matrices(std::span<const float> flat) {
    matrices_.resize(view_maps_.size());
    const auto controls = platform::by_layer(in_.network.plans(), flat);
    for (std::size_t k = 0; k < view_maps_.size(); ++k) {
      matrices_[k].resize(view_maps_[k]->rows(), view_maps_[k]->cols());
      view_maps_[k]->evaluate({controls[k], {}, 0}, view(matrices_[k]));
    }
    return matrices_;
  }

  void end_epoch(bool last) {
    const std::uint64_t epoch = (counts_.step + extent_.steps_per_epoch - 1) / extent_.steps_per_epoch;
    if (last || epoch % std::uint64_t(settings_.length.evaluate_every) == 0) {
      Cost cost;
      Start now = shown(cost);
      const network::Parameters<float> parameters{matrices(now.controls), now.digital, now.state};
      if (laboratory_) laboratory_->set_controls(now.controls);
      const auto score = [&](const network::SplitView& split,
                             const std::optional<network::LatentSplit>& latents) {
        if (split.size() == 0) return network::Evaluation{};
        return network::evaluate(in_.network, parameters, latents ? network::SplitView(*latents) : split,
                                 task_, laboratory_ ? &*laboratory_ : nullptr);
      };
      // a device may fail here, so nothing is recorded before both numbers are known
      const network::Evaluation on_validation = score(in_.data.validation, latent_validation_),
                                on_test = score(in_.data.test, latent_test_);
      if (last) counts_.evaluations += cost.evaluations;
      history_.epoch.push_back(double(counts_.step) / double(extent_.steps_per_epoch));
      history_.loss.push_back(counts_.epoch_loss / double(counts_.epoch_samples));
      const double right = double(counts_.epoch_correct) / double(counts_.epoch_samples);
      history_.train_score.push_back(network::score_of(task_, {history_.loss.back(), right, variance_}));
      history_.validation_score.push_back(on_validation.score);
      history_.test_score.push_back(on_test.score);
      if (laboratory_) counts_.device_calls = laboratory_->calls();
      history_.gradients.push_back(double(counts_.gradients) + double(counts_.evaluations) / 3);
      history_.device_calls.push_back(double(counts_.device_calls));
      const ConstVectorView<float> controls(now.controls.data(), Index(now.controls.size()));
      history_.rms_control.push_back(
          std::sqrt(squared_norm(controls.cast<double>()) / double(std::max<Index>(1, controls.size()))));
      progress_.say("epoch " + format_short(history_.epoch.back(), 4) + ": loss " +
                    format_short(history_.loss.back(), 4) + ", " + traits_.metric.word + " " +
                    traits_.metric.text(history_.train_score.back()) + " in training, " +
                    traits_.metric.text(history_.validation_score.back()) + " on validation, " +
                    traits_.metric.text(history_.test_score.back()) + " on test");
      tell_never_predicted(on_validation.confusion.size() > 0 ? on_validation.confusion : on_test.confusion);
      if (last && !means_.empty()) finished_ = std::move(now);
    }
    counts_.epoch_loss = 0;
    counts_.epoch_correct = counts_.epoch_samples = 0;
    if (!last && epoch % std::uint64_t(settings_.length.checkpoint_every) == 0) save_state();
  }

  /// A class that is given for no sample has lost its output: a detector that stays dark has no gradient.
  void tell_never_predicted(const Matrix<double>& confusion) {
    if (confusion.size() == 0) return;
    std::vector<std::string> classes;
    for (Index k = 0; k < confusion.cols(); ++k) {
      if (confusion.col(k).maxCoeff() == 0 && confusion.row(k).maxCoeff() > 0)
        classes.push_back(std::size_t(k) < in_.data.classes.size() ? in_.data.classes[std::size_t(k)]
                                                                   : std::to_string(k));
    }
    history_.never_predicted.push_back(double(classes.size()));
    if (!classes.empty())
      progress_.say("epoch " + format_short(history_.epoch.back(), 4) +
                    ": never predicted: " + join(classes, ", "));
  }

  Params params(bool finished) {
    Params p;
    p.network = in_.network.spec;
    p.process = in_.model.process;
    p.method = word_of(settings_.method);
    p.label = settings_.label.empty() ? p.method : settings_.label;
    p.task = settings_.task;
    if (traits_.against == network::Against::targets) p.targets = in_.data.targets;
    p.sampled_around = drawn_around(settings_, in_.model);
    const Start& written = finished && finished_ ? *finished_ : start_;
    write_flat(written, matrices(written.controls), in_.network, p);
    const auto plans = in_.network.plans();
    const auto whole = platform::source_bounds(plans, p.process);
    for (std::size_t k = 0; k < plans.size(); ++k) {
      if (!platform::narrower(bounds_[k], whole[k])) continue;
      p.bounds.resize(plans.size());
      p.bounds[k] = bounds_[k];
    }
    p.fixed = in_.fixed;
    p.history = history_;
    p.optimizer = counts_;
    p.optimizer.finished = finished;
    p.optimizer.seconds = p.optimizer.processor_seconds = 0;  // known to the caller
    if (!finished) {
      for_each_moment([&](const std::string& name, const std::string& what, std::vector<float>& values) {
        if (!values.empty()) p.optimizer.moments.push_back(flat_tensor(name, what, values));
      });
      const std::vector<float> system = estimator_.ascent_system();
      for (std::size_t k = 0; k < system.size(); ++k)
        p.optimizer.moments.push_back(flat_tensor("system/" + estimator_.followed()[k]->name,
                                                  "system parameter of that ascent, as maps take it",
                                                  {system[k]}));
    }
    return p;
  }

  const TrainInput& in_;
  const TrainSettings& settings_;
  Progress& progress_;
  const std::function<void(const Params&)>& checkpoint_;
  Ranks& ranks_;
  network::Task task_;
  const network::TaskTraits& traits_;
  double variance_ = 0;  ///< of the targets of a regression, in training
  Extent extent_;
  Batches batches_;
  std::vector<platform::ControlBounds> bounds_;  ///< of the controls of each layer
  Objective<float> objective_;
  Maps view_maps_;  ///< of the unperturbed model, for evaluations and exported weights
  Estimator estimator_;
  std::optional<Laboratory> laboratory_;  ///< the device of a training in situ
  std::optional<Residuals> residuals_;    ///< residual maps of that device
  Optimizer optimizers_[2];
  std::vector<RunningMean> means_;  ///< of controls and digital parameters, with --average
  std::optional<Start> finished_;   ///< that mean at the end
  Schedule schedule_;
  Start start_;
  History history_;
  OptimizerState counts_;
  std::vector<float> control_gradient_, digital_gradient_;
  std::vector<Matrix<float>> matrices_;
  std::optional<network::LatentSplit> latent_validation_, latent_test_;  ///< generate: what evaluations show
  /// What keep_state takes back.
  struct Kept {
    std::vector<float> state, ascent, remembered, system;
    std::optional<Residuals> residuals;
  } kept_;
};

}  // namespace

Params train(const TrainInput& input, Progress& progress,
             const std::function<void(const Params&)>& checkpoint) {
  input.settings.check();
  if (input.resume != nullptr && input.resume->optimizer.finished) {
    progress.say("this training was finished already; to train further, give its parameters as --init");
    return *input.resume;
  }
  check_ranks(input);
  std::optional<Training> training;
  together(ranks(), [&] { training.emplace(input, progress, checkpoint); });
  return training->run();
}

}  // namespace pnn::train
