#include <cmath>

#include "samples.hpp"
#include "tests/catch.hpp"

namespace {

using namespace pnn;
using pnn::test::TemporaryFolder;

template <class T>
void require_same(const Array<T>& a, const Array<T>& b) {
  REQUIRE(a.shape == b.shape);
  for (std::size_t k = 0; k < a.size(); ++k) {
    const bool both_nan = std::isnan(double(a.data[k])) && std::isnan(double(b.data[k]));
    REQUIRE((both_nan || a.data[k] == b.data[k]));
  }
}

void require_same(const std::vector<train::Tensor>& a, const std::vector<train::Tensor>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    CHECK(a[k].name == b[k].name);
    CHECK(a[k].unit == b[k].unit);
    require_same(a[k].values, b[k].values);
  }
}

void require_same(const platform::Process& a, const platform::Process& b) {
  for (const auto& field : platform::process_fields()) CHECK(field.of(a) == field.of(b));
}

void require_same(const Provenance& a, const Provenance& b) {
  CHECK(a.creator == b.creator);
  CHECK(a.command == b.command);
  CHECK(a.seed == b.seed);
  CHECK(a.history == b.history);
  REQUIRE(a.parents.size() == b.parents.size());
  for (std::size_t k = 0; k < a.parents.size(); ++k) {
    CHECK(a.parents[k].role == b.parents[k].role);
    CHECK(a.parents[k].filetype == b.parents[k].filetype);
    CHECK(a.parents[k].hash == b.parents[k].hash);
  }
}

}  // namespace

TEST_CASE("a dataset comes back as it was, bytes or floats") {
  const TemporaryFolder folder;
  const network::Dataset before = samples::dataset();
  io::write_dataset(folder / "d.h5", before, samples::header());
  const auto after = io::read_dataset(folder / "d.h5");
  require_same(after.header, samples::header());
  CHECK(after.filetype == "dataset");
  CHECK(after.value.name == before.name);
  CHECK(after.value.shape == before.shape);
  CHECK(after.value.classes == before.classes);
  CHECK(after.value.train.x == before.train.x);
  CHECK(after.value.train.y == before.train.y);
  CHECK(after.value.validation.size() == 0);
  CHECK(after.value.test.x == before.test.x);
  CHECK(after.value.test.y == before.test.y);
}

TEST_CASE(
    "parts of a dataset that nobody asked for are not read, but for those of a file that has no others") {
  const TemporaryFolder folder;
  network::Dataset before = samples::dataset();
  io::write_dataset(folder / "d.h5", before, samples::header());
  const io::DataParts test{.train = false, .validation = false};
  const auto part = io::read_dataset(folder / "d.h5", test);
  CHECK(part.hash == io::read_dataset(folder / "d.h5").hash);
  CHECK(part.value.train.size() == 0);
  CHECK(part.value.test.x == before.test.x);
  before.test = {};
  io::write_dataset(folder / "e.h5", before, samples::header());
  CHECK(io::read_dataset(folder / "e.h5", test).value.train.x == before.train.x);
}

TEST_CASE("every one of the 256 grey levels survives its way through 8 bits") {
  const TemporaryFolder folder;
  network::Dataset data = samples::dataset();
  data.shape = {256, 1, 1};
  data.train.x = Matrix<float>(1, 256);
  for (Index k = 0; k < 256; ++k) data.train.x(0, k) = float(k) / 255.0F;
  data.train.y = {0};
  data.test = {};
  io::write_dataset(folder / "d.h5", data, {});
  CHECK(io::read_dataset(folder / "d.h5").value.train.x == data.train.x);
  // one value between two levels, and all are kept as floats
  data.train.x(0, 7) = 0.5F;
  io::write_dataset(folder / "d.h5", data, {});
  CHECK(io::read_dataset(folder / "d.h5").value.train.x == data.train.x);
}

TEST_CASE("a device comes back as it was, and its public part without the truth") {
  const TemporaryFolder folder;
  const io::DeviceFile before = samples::device();
  io::write_device(folder / "d.h5", before, samples::header());
  const auto after = io::read_device(folder / "d.h5");
  CHECK(after.value.network == before.network);
  require_same(after.value.set.process, before.set.process);
  CHECK(after.value.set.count == 2);
  CHECK(after.value.set.seed == 77);
  CHECK(after.value.set.plans.size() == 2);
  REQUIRE(after.value.set.chips.size() == 1);
  const device::ChipTruth &a = before.set.chips[0], &b = after.value.set.chips[0];
  CHECK(a.key == b.key);
  CHECK(a.layers == b.layers);
  CHECK(a.stream == b.stream);
  REQUIRE(a.fields.size() == b.fields.size());
  for (std::size_t k = 0; k < a.fields.size(); ++k) require_same(a.fields[k], b.fields[k]);
  const auto known = io::read_device_public(folder / "d.h5");
  CHECK(known.value.network == before.network);
  CHECK(known.value.count == 2);
  CHECK(known.value.seed == 77);
}

TEST_CASE("curves come back as they were, with padding and pairs") {
  const TemporaryFolder folder;
  const io::CurvesFile before = samples::curves();
  io::write_curves(folder / "c.h5", before, samples::header());
  const auto after = io::read_curves(folder / "c.h5");
  CHECK(after.value.network == before.network);
  require_same(after.value.process, before.process);
  CHECK(after.value.curves.averages == 4);
  CHECK(after.value.curves.settle_s == 0.25);
  REQUIRE(after.value.curves.chips.size() == 1);
  const model::ChipCurves &a = before.curves.chips[0], &b = after.value.curves.chips[0];
  CHECK(a.key == b.key);
  CHECK(a.layers == b.layers);
  CHECK(a.elements == b.elements);
  CHECK(a.conditions == b.conditions);
  CHECK(b.platform.empty());
  CHECK(a.temperature_c == b.temperature_c);
  CHECK(a.direction == b.direction);
  require_same(a.control, b.control);
  require_same(a.response, b.response);
  require_same(a.sigma, b.sigma);
  CHECK(a.pair_victim == b.pair_victim);
  CHECK(a.pair_aggressor == b.pair_aggressor);
  require_same(a.pair_victim_control, b.pair_victim_control);
  require_same(a.pair_control, b.pair_control);
  require_same(a.pair_response, b.pair_response);
  require_same(a.pair_sigma, b.pair_sigma);
}

TEST_CASE("imported curves need neither network nor layers") {
  const TemporaryFolder folder;
  io::CurvesFile before = samples::curves();
  before.network = {};
  before.curves.chips[0].key = "import";
  before.curves.chips[0].layers.clear();
  before.curves.chips[0].platform = "mzi";
  platform::set_process_value(before.process, "mzi.bs=0.03");
  io::write_curves(folder / "c.h5", before, {});
  const auto after = io::read_curves(folder / "c.h5");
  CHECK(after.value.curves.chips.at(0).platform == "mzi");
  // of the platform's process all, of the others nothing
  for (const auto& field : platform::process_fields())
    CHECK(field.of(after.value.process) ==
          (field.platform == "mzi" ? field.of(before.process) : field.initial));
  CHECK(after.value.network.empty());
  CHECK(after.value.curves.chips.at(0).key == "import");
  CHECK(after.value.curves.chips.at(0).layers.empty());
}

TEST_CASE("a model comes back as it was") {
  const TemporaryFolder folder;
  const io::ModelFile before = samples::model();
  io::write_model(folder / "m.h5", before, samples::header());
  const auto after = io::read_model(folder / "m.h5");
  CHECK(after.value.network == before.network);
  require_same(after.value.model.process, before.model.process);
  CHECK(after.value.model.plans.size() == 2);
  REQUIRE(after.value.model.chips.size() == 1);
  const model::ChipModel &a = before.model.chips[0], &b = after.value.model.chips[0];
  CHECK(a.key == b.key);
  CHECK(a.layers == b.layers);
  CHECK(a.kind == b.kind);
  CHECK(a.elements == b.elements);
  CHECK(a.parameters == b.parameters);
  CHECK(a.units == b.units);
  CHECK(a.remarks == b.remarks);
  require_same(a.values, b.values);
  require_same(a.covariance, b.covariance);
  require_same(a.rms_residual, b.rms_residual);
  REQUIRE(a.more.size() == b.more.size());
  for (const auto& [name, array] : a.more) require_same(array, b.more.at(name));
}

TEST_CASE("a spline model comes back with its knots") {
  const TemporaryFolder folder;
  io::ModelFile before = samples::model();
  model::ChipModel& chip = before.model.chips[0];
  chip.kind = "spline";
  chip.more.clear();
  chip.more["knot_detuning"] = samples::counted<double>({1, 3, 7}, -1, 0.1);
  chip.more["knot_weight"] = samples::counted<double>({1, 3, 7}, 0.1, 0.01);
  io::write_model(folder / "m.h5", before, {});
  const auto after = io::read_model(folder / "m.h5");
  require_same(after.value.model.chips.at(0).more.at("knot_detuning"), chip.more.at("knot_detuning"));
  require_same(after.value.model.chips.at(0).more.at("knot_weight"), chip.more.at("knot_weight"));
}

TEST_CASE("parameters come back as they were, in their order, with all that a resumption needs") {
  const TemporaryFolder folder;
  const train::Params before = samples::params();
  io::write_params(folder / "p.h5", before, samples::header());
  const auto after = io::read_params(folder / "p.h5");
  const train::Params& p = after.value;
  CHECK(p.network == before.network);
  require_same(p.process, before.process);
  CHECK(p.method == "sat");
  CHECK(p.label == "SAT");
  CHECK(p.task == network::Task::classify);
  CHECK(p.sampled_around == "design values");
  require_same(p.controls, before.controls);
  require_same(p.digital, before.digital);
  require_same(p.weights, before.weights);
  CHECK(p.history.epoch == before.history.epoch);
  CHECK(p.history.loss == before.history.loss);
  CHECK(p.history.test_score.empty());
  CHECK(p.history.rms_control == before.history.rms_control);
  CHECK(p.optimizer.step == 1234);
  CHECK(p.optimizer.epoch_loss == 2.25);
  CHECK(p.optimizer.seconds == 0);
  CHECK(p.optimizer.processor_seconds == 3.5);
  CHECK_FALSE(p.optimizer.finished);
  require_same(p.optimizer.moments, before.optimizer.moments);
}

TEST_CASE("a result comes back as it was, with NaN where a shard has no number") {
  const TemporaryFolder folder;
  study::Result before = samples::result();
  before.task = network::Task::regress;
  before.targets = {"detuning (pm)", "width (pm)", "loss (dB)"};
  before.rms_error = samples::counted<double>({2, 3, 4, 5, 6, 3}, 0.5, 0.25);
  before.rms_error.data[7] = std::numeric_limits<double>::quiet_NaN();
  before.wanted = samples::counted<float>({2, 3}, -1, 0.5F);
  before.shard = 1;
  before.shards = 3;
  before.loss.data[5] = before.score.data[5] = before.frechet.data[5] =
      std::numeric_limits<double>::quiet_NaN();
  io::write_result(folder / "r.h5", before, samples::header());
  const study::Result after = io::read_result(folder / "r.h5").value;
  CHECK(after.task == before.task);
  CHECK(after.targets == before.targets);
  require_same(after.rms_error, before.rms_error);
  CHECK(after.wanted.data == before.wanted.data);
  require_same(after.frechet, before.frechet);
  CHECK(after.outputs.shape == before.outputs.shape);
  CHECK(after.outputs.data == before.outputs.data);
  CHECK(after.pictures.shape == before.pictures.shape);
  CHECK(after.pictures.data == before.pictures.data);
  CHECK(after.tool == before.tool);
  CHECK(after.network == before.network);
  CHECK(after.dataset == before.dataset);
  CHECK(after.methods == before.methods);
  REQUIRE(after.axes.size() == 2);
  for (std::size_t k = 0; k < 2; ++k) {
    CHECK(after.axes[k].name == before.axes[k].name);
    CHECK(after.axes[k].unit == before.axes[k].unit);
    CHECK(after.axes[k].description == before.axes[k].description);
    CHECK(after.axes[k].values == before.axes[k].values);
  }
  CHECK(after.devices == before.devices);
  CHECK(after.repeats == 6);
  require_same(after.score, before.score);
  require_same(after.loss, before.loss);
  CHECK(after.classes == before.classes);
  require_same(after.confusion, before.confusion);
  require_same(after.power_mean_mw, before.power_mean_mw);
  require_same(after.power_largest_mw, before.power_largest_mw);
  require_same(after.energy_uj, before.energy_uj);
  CHECK(after.images == 10);
  CHECK(after.shard == 1);
  CHECK(after.shards == 3);
}

TEST_CASE("writing the same value twice gives the same bytes, and reading it back and writing again too") {
  const TemporaryFolder folder;
  const auto check = [&](const auto& write, const auto& again) {
    write(folder / "1.h5");
    write(folder / "2.h5");
    again(folder / "1.h5", folder / "3.h5");
    const std::string bytes = folder.read("1.h5");
    CHECK(bytes == folder.read("2.h5"));
    CHECK(bytes == folder.read("3.h5"));
  };
  const Provenance header = samples::header();
  using String = std::string;
  check([&](const String& p) { io::write_dataset(p, samples::dataset(), header); },
        [&](const String& a, const String& b) { io::write_dataset(b, io::read_dataset(a).value, header); });
  check([&](const String& p) { io::write_device(p, samples::device(), header); },
        [&](const String& a, const String& b) { io::write_device(b, io::read_device(a).value, header); });
  check([&](const String& p) { io::write_curves(p, samples::curves(), header); },
        [&](const String& a, const String& b) { io::write_curves(b, io::read_curves(a).value, header); });
  check([&](const String& p) { io::write_model(p, samples::model(), header); },
        [&](const String& a, const String& b) { io::write_model(b, io::read_model(a).value, header); });
  check([&](const String& p) { io::write_params(p, samples::params(), header); },
        [&](const String& a, const String& b) { io::write_params(b, io::read_params(a).value, header); });
  check([&](const String& p) { io::write_result(p, samples::result(), header); },
        [&](const String& a, const String& b) { io::write_result(b, io::read_result(a).value, header); });
  check([&](const String& p) { io::write_tuning(p, samples::tuning(), header); },
        [&](const String& a, const String& b) { io::write_tuning(b, io::read_tuning(a).value, header); });
}

TEST_CASE("a search comes back as it was, with NaN for a training that diverged") {
  const TemporaryFolder folder;
  const study::Tuning before = samples::tuning();
  io::write_tuning(folder / "t.h5", before, samples::header());
  const study::Tuning after = io::read_tuning(folder / "t.h5").value;
  CHECK(after.network == before.network);
  CHECK(after.dataset == before.dataset);
  CHECK(after.criterion == before.criterion);
  CHECK(after.options == before.options);
  CHECK(after.ranges == before.ranges);
  REQUIRE(after.axes.size() == 1);
  CHECK(after.axes[0].unit == "K");
  CHECK(after.axes[0].values == before.axes[0].values);
  CHECK(after.chips == 3);
  CHECK(after.images == 10);
  REQUIRE(after.trials.size() == 4);
  for (std::size_t k = 0; k < 4; ++k) {
    const study::TuningTrial &a = after.trials[k], &b = before.trials[k];
    CHECK(a.point == b.point);
    CHECK(a.rung == b.rung);
    CHECK(a.seed == b.seed);
    CHECK(a.length == b.length);
    CHECK(a.gradients == b.gradients);
    CHECK(a.values == b.values);
    CHECK(std::isnan(a.criterion) == (k == 1));
    if (k == 1) continue;
    CHECK(a.criterion == b.criterion);
    CHECK(a.mean == b.mean);
    CHECK(a.designed == b.designed);
    CHECK(a.chips == b.chips);
  }
}

TEST_CASE(
    "the yield of a result comes back as it was, in a shard the levels alone, and its shapes are checked") {
  const TemporaryFolder folder;
  study::Result before = samples::result();
  before.yield.quantile_low.data[0] = std::numeric_limits<double>::quiet_NaN();
  before.yield.confidence = 0.9;
  const auto reads = [&] {
    io::write_result(folder / "r.h5", before, samples::header());
    return io::read_result(folder / "r.h5").value.yield;
  };
  const study::Yield after = reads();
  CHECK(after.levels == before.yield.levels);
  CHECK(after.confidence == 0.9);
  CHECK(after.conditions == before.yield.conditions);
  CHECK(after.probabilities == before.yield.probabilities);
  for (const auto numbers : {&study::Yield::share, &study::Yield::share_low, &study::Yield::share_high,
                             &study::Yield::at_least, &study::Yield::quantile, &study::Yield::quantile_low,
                             &study::Yield::quantile_high, &study::Yield::worst_tenth, &study::Yield::worst})
    require_same(after.*numbers, before.yield.*numbers);
  before.yield.share = samples::counted<double>({2, 2, 1}, 0.25, 0.0625);
  CHECK_THROWS(reads());
  study::Yield asked;
  asked.levels = {0.5};
  before.yield = asked;
  CHECK(reads().levels == asked.levels);
  CHECK(reads().share.data.empty());
  before.yield = {};
  CHECK(reads().levels.empty());
}

TEST_CASE("a result comes back with its deployments and their costs, all of them or none") {
  const TemporaryFolder folder;
  study::Result result = samples::result();
  const auto reads = [&] {
    io::write_result(folder / "r.h5", result, samples::header());
    return io::read_result(folder / "r.h5").value;
  };
  const study::Result after = reads();
  CHECK(after.deployments == result.deployments);
  CHECK(after.spent_samples.data == result.spent_samples.data);
  CHECK(after.spent_calls.data == result.spent_calls.data);
  CHECK(after.adjusted.data == result.adjusted.data);
  result.deployments.pop_back();
  CHECK_THROWS_WITH(reads(), Catch::Matchers::Contains("writing /deployments: expected 2 along axis method"));
  result.deployments.clear();
  CHECK_THROWS_WITH(reads(), Catch::Matchers::Contains("stand beside what they cost"));
  result.spent_samples = result.spent_calls = result.adjusted = {};
  CHECK(reads().deployments.empty());
}

TEST_CASE("a result whose evaluations were not finite says so, and one that does not say so is not whole") {
  const TemporaryFolder folder;
  const double none = std::numeric_limits<double>::quiet_NaN();
  study::Result result = samples::result();
  const auto reads = [&] {
    io::write_result(folder / "r.h5", result, samples::header());
    return io::read_result(folder / "r.h5").value;
  };
  result.loss.data[7] = none;
  CHECK_THROWS_WITH(reads(), Catch::Matchers::Contains("evaluation 7 has none"));
  result.score.data[7] = result.frechet.data[7] = none;
  CHECK(reads().overflowed.data.empty());  // not evaluated
  result.overflowed = Array<double>(result.loss.shape, 0.0);
  result.overflowed.data[7] = 1;
  CHECK(reads().overflowed.data == result.overflowed.data);
  result.score.data[7] = 1;
  CHECK_THROWS_WITH(reads(), Catch::Matchers::Contains("/overflowed says that they were not finite"));
  result.loss.data[8] = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(reads(), Catch::Matchers::Contains("/loss: value 8"));
}
