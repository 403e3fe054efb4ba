// One small value of every filetype, with no two axes of equal length.
#pragma once

#include <limits>
#include <string>

#include "pnn/io/records.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "tests/temporary_folder.hpp"

namespace samples {

using namespace pnn;

template <class T>
Array<T> counted(std::vector<std::size_t> shape, T first, T step) {
  Array<T> array(std::move(shape));
  for (std::size_t k = 0; k < array.size(); ++k) array.data[k] = first + T(k) * step;
  return array;
}

inline Provenance header(const std::string& tool = "pnn-test") {
  return {tool + " 0.1.0",
          tool + " points=61 label='ß and µ'",
          std::numeric_limits<std::uint64_t>::max(),
          {{"model", "model", "00112233445566778899aabbccddeeff"}, {"data", "dataset", std::string(32, 'f')}},
          {"pnn-fabricate 0.1.0: pnn-fabricate seed=1", "pnn-characterize 0.1.0: pnn-characterize"}};
}

inline network::NetworkSpec network() {
  return {"6", {"mrr:out=5", "relu", "mrr:out=3"}};
}

inline platforms::mrr::Process process() {
  platforms::mrr::Process p;
  p.chip_rows = 4;
  p.chip_cols = 3;
  p.delta_sigma_nm = 0.1;
  p.set(platforms::mrr::Polarity::thru_drop);
  return p;
}

inline std::vector<platform::AnyPlan> plans() {
  return network::resolve(network(), process()).plans();
}

inline network::Dataset dataset() {
  network::Dataset d;
  d.name = "small";
  d.shape = {1, 2, 3};
  d.classes = {"cat", "dög"};
  d.train.x = Matrix<float>(5, 6);
  for (Index k = 0; k < d.train.x.size(); ++k) d.train.x.data()[k] = float(k * 8) / 255.0F;
  d.train.y = {0, 1, 1, 0, 1};
  d.test.x = Matrix<float>::Constant(4, 6, 0.1F);
  d.test.y = {1, 0, 0, 1};
  return d;
}

inline io::DeviceFile device() {
  io::DeviceFile d{network(), {plans(), process(), 2, 77, {}}};
  device::ChipTruth chip;
  chip.key = plans()[0]->chip_key();
  chip.layers = {plans()[0]->name(), plans()[1]->name()};
  chip.stream = 3;
  // delta, eta, resistance, beta, r, a
  chip.fields = {counted<double>({2, 12}, 0.5, 0.01),  counted<double>({2, 12}, 0.06, 0.001),
                 counted<double>({2, 12}, 500, 1),     counted<double>({2, 12}, 0.004, 1e-5),
                 counted<double>({2, 12}, 0.95, 1e-4), counted<double>({2, 12}, 0.99, 1e-4)};
  d.set.chips = {chip};
  return d;
}

inline io::CurvesFile curves() {
  model::ChipCurves chip;
  chip.key = plans()[0]->chip_key();
  chip.layers = {plans()[0]->name(), plans()[1]->name()};
  chip.elements = {"row 0 col 0", "row 0 col 1", "row 1 col 0"};
  chip.conditions = {{"rotation", "°", 2}, {"detuning", "nm", 0.01}};
  chip.temperature_c = {21, 23};
  chip.direction = {1, 1, 1, -1, -1};
  chip.control = counted<double>({1, 3, 2, 5}, 0, 0.1);
  chip.response = counted<double>({1, 3, 2, 5}, -0.9, 0.05);
  chip.sigma = counted<double>({1, 3, 2, 5}, 0.01, 0);
  for (Array<double>* a : {&chip.control, &chip.response, &chip.sigma})
    a->data.back() = std::numeric_limits<double>::quiet_NaN();
  chip.pair_victim = {0, 2};
  chip.pair_aggressor = {1, 0};
  chip.pair_victim_control = counted<double>({1, 2}, 3.5, 0.1);
  chip.pair_control = counted<double>({1, 2, 4}, 0, 1);
  chip.pair_response = counted<double>({1, 2, 4}, 0.1, 0.01);
  chip.pair_sigma = counted<double>({1, 2, 4}, 0.001, 0);
  return {network(), process(), {{chip}, 4, 0.25}};
}

inline io::ModelFile model() {
  model::ChipModel chip;
  chip.key = plans()[0]->chip_key();
  chip.layers = {plans()[0]->name(), plans()[1]->name()};
  chip.kind = "airy+crosstalk";
  chip.elements = {"row 0 col 0", "row 0 col 1", "row 1 col 0"};
  chip.parameters = {"delta_nm", "r"};
  chip.units = {"nm", "1"};
  chip.values = counted<double>({1, 3, 2}, 0.5, 0.01);
  chip.covariance = counted<double>({1, 3, 2, 2}, 1e-6, 1e-7);
  chip.rms_residual = counted<double>({1, 3}, 0.01, 0.02);
  chip.more["crosstalk"] = counted<double>({1, 2}, 0.005, 1);
  chip.more["crosstalk_sigma"] = counted<double>({1, 2}, 1e-4, 1e-2);
  chip.measured = counted<double>({1, 3, 2}, 0, 1.5);
  chip.measured.data[4] = chip.measured.data[5] = std::numeric_limits<double>::quiet_NaN();
  chip.assumed = {"mrr.kappa (nm/K)"};
  chip.remarks = {"", "", "never passes its resonance"};
  return {network(), {process(), plans(), {chip}}};
}

inline train::Params params() {
  train::Params p;
  p.network = network();
  p.process = process();
  p.method = "sat";
  p.label = "SAT";
  p.task = network::Task::classify;
  p.sampled_around = "design values";
  // not in alphabetical order, which a file must not impose
  p.controls = {{"mrr1", "mA", "currents", counted<float>({5, 6}, 0, 0.1F)},
                {"mrr2", "mA", "currents", counted<float>({3, 5}, 0, 0.2F)}};
  p.weights = {{"mrr1", "1", "weights", counted<float>({5, 6}, -1, 0.05F)},
               {"mrr2", "1", "weights", counted<float>({3, 5}, -1, 0.1F)}};
  const float far = std::numeric_limits<float>::infinity();
  p.bounds = {{}, {std::vector<float>(15, 0.5F), std::vector<float>(15, 4.25F)}};
  p.bounds[1].lower[3] = -far, p.bounds[1].upper[3] = far;
  p.bounds[1].lower[4] = p.bounds[1].upper[4] = 1;
  p.fixed = {"mrr2[4]=1"};
  p.digital = {{"gain2", "1", "unused", counted<float>({1}, 2, 0)},
               {"gain1", "1", "", counted<float>({1}, 3, 0)}};
  p.digital[0].name = "gain2/gain";
  p.digital[1].name = "gain1/gain";
  p.history.epoch = {1, 2};
  p.history.loss = {1.5, 0.5};
  p.history.rms_control = {3.5, 3.6};
  p.optimizer.step = 1234;
  p.optimizer.epoch_loss = 2.25;
  p.optimizer.processor_seconds = 3.5;
  p.optimizer.moments = {{"controls/m", "1", "first moment", counted<float>({45}, 0, 1e-3F)},
                         {"ascent/temperature", "1", "offset", counted<float>({1}, 0.5F, 0)}};
  return p;
}

inline study::Tuning tuning() {
  study::Tuning t;
  t.network = "mrr";
  t.dataset = "small";
  t.criterion = "quantile=5";
  t.options = {"lr", "method"};
  t.ranges = {"0.001:0.1:log", "bp,sat"};
  t.axes = {{"drift", "K", "above the set point", {-1, -0.5, 0, 0.5, 1, 1.5}}};
  t.chips = 3;
  t.images = 10;
  for (std::uint64_t k = 0; k < 4; ++k) {
    study::TuningTrial trial;
    trial.point = k, trial.rung = k / 2, trial.seed = 7, trial.length = k / 2 ? 1 : 0.25,
    trial.gradients = 12.5;
    trial.values = {"0.0" + std::to_string(k + 1), k % 2 == 0 ? "bp" : "sat"};
    trial.chips.assign(3, std::numeric_limits<double>::quiet_NaN());
    if (k != 1) {  // which diverged
      trial.criterion = 0.5 + 0.125 * double(k), trial.mean = 0.75, trial.designed = 0.875;
      trial.chips = {0.5, 0.75, 0.875};
    }
    t.trials.push_back(trial);
  }
  return t;
}

inline study::Result result() {
  study::Result r;
  r.tool = "pnn-perturb";
  r.network = "mrr";
  r.dataset = "small";
  r.methods = {"BP", "BP (gain)"};
  r.deployments = {"none", "gain"};
  r.spent_samples = counted<double>({2, 3, 4, 5, 6}, 500, 1);
  r.spent_calls = counted<double>({2, 3, 4, 5, 6}, 2, 1);
  r.adjusted = counted<double>({2, 3, 4, 5, 6}, 0, 1);
  r.axes = {{"temperature", "degC", "ambient", {21, 22, 23}},
            {"dac-bits", "bit", "resolution", {4, 8, 12, 16}}};
  r.devices = {"0", "1", "2", "3", "4"};
  r.repeats = 6;
  r.loss = counted<double>({2, 3, 4, 5, 6}, 0.1, 0.001);
  r.score = counted<double>({2, 3, 4, 5, 6}, 0.1, 0.001);
  r.classes = {"cat", "dog"};
  r.confusion = counted<double>({2, 2, 2}, 1, 1);
  r.power_mean_mw = counted<double>({2, 3, 4, 5, 6}, 100, 0.125);
  r.power_largest_mw = counted<double>({2, 3, 4, 5, 6}, 200, 0.125);
  r.energy_uj = counted<double>({2, 3, 4, 5, 6}, 300, 0.125);
  r.frechet = counted<double>({2, 3, 4, 5, 6}, 1, 0.5);
  r.outputs = counted<float>({2, 3, 4, 5, 6, 2, 4}, 0, 0.25F);
  r.pictures = counted<float>({2, 1, 2, 2}, 0, 0.125F);
  r.yield.levels = {0.9, 0.95};
  r.yield.conditions = {"temperature=21", "temperature=22", "all"};
  r.yield.probabilities = {0.05, 0.5};
  for (Array<double>* shares : {&r.yield.share, &r.yield.share_low, &r.yield.share_high, &r.yield.at_least})
    *shares = counted<double>({2, 2, 3}, 0.25, 0.0625);
  for (Array<double>* quantiles : {&r.yield.quantile, &r.yield.quantile_low, &r.yield.quantile_high})
    *quantiles = counted<double>({2, 2, 3}, 0.125, 0.0625);
  r.yield.worst_tenth = counted<double>({2, 3}, 0.5, 0.0625);
  r.yield.worst = counted<double>({2, 3}, 0.25, 0.0625);
  r.images = 10;
  return r;
}

}  // namespace samples
