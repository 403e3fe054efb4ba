// Sweeps over the fabrication process: the same devices, made worse or better.
#include "pnn/study/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "pnn/core/errors.hpp"
#include "pnn/study/cells.hpp"
#include "pnn/train/loop.hpp"
#include "tests/catch.hpp"
#include "tests/train/small.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;

/// A small network of a platform, its nominal model, three devices, and parameters trained on the model.
struct Case {
  network::Resolved net;
  network::Dataset data = test::clusters(6, 60, 40, 0.4F, 0.6F);
  model::Model model;
  device::DeviceSet set;
  train::Params params;
  Progress quiet;

  explicit Case(const std::vector<std::string>& layers)
      : net(network::resolve({"6", layers}, {})),
        model(model::nominal_model(net.plans(), {})),
        set(device::fabricate(net.plans(), {}, 3, 7)) {
    train::TrainSettings settings;
    settings.updates.batch = 20;
    settings.length.epochs = 10;
    settings.updates.lr = 1e-2;
    params = train::train({net, model, 0, data, settings}, quiet, [](const train::Params&) {});
  }
  [[nodiscard]] study::SweepInput input(const device::DeviceSet& devices) const {
    study::SweepInput in{.tool = "test", .params = {&params}, .network = net, .data = data};
    in.target.devices = &devices;
    in.target.indices = {2, 0};
    return in;
  }
};

const std::vector<std::string> mesh = {"mzi:modes=6,detect=modulus", "mzi:modes=6,keep=3"};
const std::vector<std::string> rings = {"mrr:out=8", "batchnorm", "relu", "mrr:out=3"};

std::string message_of(const study::SweepInput& in) {
  Progress quiet;
  try {
    static_cast<void>(study::sweep(in, quiet));
  } catch (const UsageError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("at a point of a grid over the process stand the devices that this process fabricates") {
  struct Grid {
    std::vector<std::string> layers;
    std::string first, second;  ///< names
    std::vector<double> x, y;   ///< the first of each is not the default
  };
  for (const Grid& grid : {Grid{mesh, "mzi.split", "mzi.ps", {0.3, 0}, {0.2, 0.05, 0}},
                           Grid{rings, "mrr.delta.sigma", "mrr.crosstalk", {0.05, 0.02}, {0.02, 0, 0.005}}}) {
    const Case c(grid.layers);
    for (const study::Adjustment& trim : {study::Adjustment{}, study::Adjustment{{study::Trim::gain}}}) {
      INFO(grid.first << ", trim " << trim.text());
      study::SweepInput in = c.input(c.set);
      in.axes = {
          {grid.first, "", "", grid.x}, {"control-noise", "1", "", {0, 0.01}}, {grid.second, "", "", grid.y}};
      in.adjustments = {trim};
      in.repeats = 2;
      Progress quiet;
      const Array<double> loss = study::sweep(in, quiet).result.loss;
      REQUIRE(loss.shape == std::vector<std::size_t>{1, 2, 2, 3, 2, 2});
      for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t j = 0; j < 3; ++j) {
          platform::Process process;
          platform::set_process_value(process, grid.first, grid.x[i]);
          platform::set_process_value(process, grid.second, grid.y[j]);
          const device::DeviceSet others = device::fabricate(c.net.plans(), process, 3, 7);
          study::SweepInput one = c.input(others);
          one.axes = {in.axes[1]};
          one.adjustments = {trim};
          one.repeats = 2;
          const std::vector<double> expected = study::sweep(one, quiet).result.loss.data;
          for (std::size_t noise = 0; noise < 2; ++noise)
            for (std::size_t k = 0; k < 4; ++k)
              CHECK(loss.data[((i * 2 + noise) * 3 + j) * 4 + k] == expected[noise * 4 + k]);
        }
      CHECK(loss.data[0] != loss.data[loss.size() - 4]);  // the grid changes something
    }
  }
}

TEST_CASE(
    "statistics of the samples shown are those of a trim on these very samples, and the file's count not") {
  const Case c(rings);
  network::Dataset data = c.data;
  data.train = data.test;  // 40 samples, one batch: a trim on them takes the same statistics
  study::SweepInput in{.tool = "test", .params = {&c.params}, .network = c.net, .data = data};
  in.target.model = &c.model;
  in.target.indices = {0};
  in.surroundings.device.drift_k = 0.5;
  Progress quiet;
  const study::Adjustment none, batchnorm{{study::Trim::batchnorm}};
  const auto loss = [&](study::NormalizedBy statistics, const study::Adjustment& trim,
                        const train::Params& params) {
    in.params = {&params};
    in.mapping.statistics = statistics;
    in.adjustments = {trim};
    return study::sweep(in, quiet).result.loss.data.at(0);
  };
  const double shown = loss(study::NormalizedBy::shown, none, c.params),
               file = loss(study::NormalizedBy::file, none, c.params);
  // running variances are those of a sample, n/(n − 1) of those that a batch divides by: 1.3 % of each
  // signal, and 1.6 % of this loss
  CHECK(shown == Approx(loss(study::NormalizedBy::file, batchnorm, c.params)).epsilon(0.02));
  CHECK(std::abs(file - shown) >
        0.05 * shown);  // the drift moves what the statistics of the training belong to
  train::Params other = c.params;
  for (train::Tensor& t : other.digital) {
    if (t.name != "batchnorm1/mean") continue;
    for (float& v : t.values.data) v += 1;
  }
  CHECK(loss(study::NormalizedBy::file, none, other) != file);
  CHECK(loss(study::NormalizedBy::shown, none, other) == shown);
  const Case without(mesh);
  study::SweepInput plain = without.input(without.set);
  plain.mapping.statistics = study::NormalizedBy::shown;
  CHECK_THAT(message_of(plain), Contains("has no batch normalisation"));
  CHECK_THROWS_AS((study::MapSettings{.trim = {"batchnorm"}, .statistics = study::NormalizedBy::shown}.check(
                      false, false)),
                  UsageError);
}

TEST_CASE("axes over the process that mean nothing are refused") {
  const Case c(mesh);
  const auto refuse = [&](const std::vector<study::Axis>& axes) {
    study::SweepInput in = c.input(c.set);
    in.axes = axes;
    return message_of(in);
  };
  CHECK_THAT(refuse({{"mzi.split", "", "", {0.1}}, {"mzi.bs", "", "", {0.1}}}),
             Contains("another axis, mzi.split, varies the same"));
  CHECK_THAT(refuse({{"drift", "", "", {1}}, {"drift", "", "", {2}}}),
             Contains("--vary drift: another axis"));
  CHECK_THAT(refuse({{"mrr.delta.sigma", "", "", {0.1}}}),
             Contains("--vary mrr.delta.sigma: acts on layers of mrr, and this network has those of mzi"));
  CHECK_THAT(refuse({{"rotation", "", "", {1}}}), Contains("--vary rotation: acts on no layer"));
  const Case ringed(rings);
  const auto refuse_of_rings = [&](const char* name, double value) {
    study::SweepInput in = ringed.input(ringed.set);
    in.axes = {{name, "", "", {value}}};
    return message_of(in);
  };
  CHECK_THAT(refuse_of_rings("mrr.chip.rows", 8), Contains("size of a chip is part of the network"));
  CHECK_THAT(refuse_of_rings("mrr.channel.spacing", 5), Contains("--vary: "));
  study::SweepInput on_model = c.input(c.set);
  on_model.target = {nullptr, &c.model, {0}};
  on_model.axes = {{"mzi.bs", "", "", {0.1}}};
  CHECK_THAT(message_of(on_model), Contains("--vary mzi.bs") && Contains("a model is none"));
  model::Model fitted = c.model;  // to two devices
  for (model::ChipModel& chip : fitted.chips)
    chip.values = Array<double>({2, chip.values.dim(1), chip.values.dim(2)});
  study::SweepInput with_models = c.input(c.set);
  with_models.device_models = &fitted;
  with_models.axes = on_model.axes;
  CHECK_THAT(message_of(with_models), Contains("fitted to the devices of the file"));

  CHECK_THROWS_WITH(study::parse_axis("mzi.sb=0:0.2:0.1"), Contains("did you mean \"mzi.bs\"?"));
  CHECK_THROWS_WITH(study::parse_axis("mzi.bs=0,2"), Contains("mzi.bs is 2, expected a number in [0, 1]"));
  CHECK_THROWS_WITH(study::parse_axis("sb=0,2"), Contains("a value of the process, as"));
  CHECK(study::parse_axis("mzi.ps=0:0.2:0.1").unit == "rad");
  CHECK(study::parse_axis("mzi.split=0.1").unit == "1");
}

TEST_CASE("what a device gives for a sample does not depend on how many others are evaluated with it") {
  for (const auto& layers : {rings, mesh}) {
    const Case c(layers);
    const network::Dataset many = test::clusters(6, 60, 300, 0.4F, 0.6F);  // two batches of an evaluation
    const auto outputs = [&](Index images) {
      study::SweepInput in{.tool = "test", .params = {&c.params}, .network = c.net, .data = many};
      in.target.devices = &c.set;
      in.target.indices = {1};
      in.surroundings.device.environment = device::Environment::exact;
      in.images = images;
      in.outputs = std::min<Index>(images, 20);
      Progress quiet;
      return study::sweep(in, quiet).result.outputs.data;
    };
    const std::vector<float> all = outputs(300), few = outputs(20), one = outputs(1);
    CHECK(few == all);
    CHECK(std::equal(one.begin(), one.end(), all.begin()));
  }
}

TEST_CASE("a grid lists every cell once, deployment by deployment, without a list") {
  const Case c(mesh);
  study::SweepInput in = c.input(c.set);
  in.params = {&c.params, &c.params};
  in.axes = {{"drift", "K", "", {0, 1, 2}},
             {"mzi.split", "", "", {0.1, 0.2}},
             {"control-noise", "1", "", {0, 0.01}},
             {"mzi.ps", "", "", {0, 0.1, 0.2}}};
  in.repeats = 3;
  const study::Grid grid(in);
  REQUIRE(grid.cells() == 2 * 3 * 2 * 2 * 3 * 2 * 3);
  REQUIRE(grid.deployments() == 2 * 2 * 3 * 2);
  std::vector<int> seen(grid.cells(), 0);
  for (std::size_t d = 0; d < grid.deployments(); ++d) {
    const study::Cell first = study::cell_at(grid.flat(d, 0), in);
    for (std::size_t k = 0; k < grid.conditions(); ++k) {
      const std::size_t flat = grid.flat(d, k);
      REQUIRE(flat < grid.cells());
      ++seen[flat];
      const study::Cell cell = study::cell_at(flat, in);
      CHECK(std::tuple(cell.method, cell.device, cell.axis[1], cell.axis[3]) ==
            std::tuple(first.method, first.device, first.axis[1], first.axis[3]));
      if (k > 0) CHECK(flat > grid.flat(d, k - 1));
    }
  }
  CHECK(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));

  in.shards = 5;
  std::size_t all = 0;
  for (in.shard = 0; in.shard < in.shards; ++in.shard) {
    const study::Grid part(in);
    std::size_t wanted = 0, deployments = 0;
    for (std::size_t flat = 0; flat < part.cells(); ++flat) wanted += part.wanted(flat) ? 1 : 0;
    for (std::size_t d = 0; d < part.deployments(); ++d) deployments += part.first_wanted(d) ? 1 : 0;
    CHECK(part.wanted_cells() == wanted);
    CHECK(part.wanted_deployments() == deployments);
    all += wanted;
  }
  CHECK(all == grid.cells());
}

TEST_CASE("how many cells are listed at a time changes nothing") {
  const Case c(rings);
  study::SweepInput in = c.input(c.set);
  in.axes = {{"drift", "K", "", {0, 0.5, 1}}, {"mrr.delta.sigma", "", "", {0.02, 0.05}}};
  in.adjustments = {{{study::Trim::gain}}};
  in.repeats = 2;
  Progress quiet;
  const study::SweepOutcome whole = study::sweep(in, quiet);
  REQUIRE(whole.complete);
  for (const std::size_t at_a_time : {1, 4, 5, 6, 12}) {
    INFO(at_a_time);
    in.at_a_time = at_a_time;
    const study::SweepOutcome pieces = study::sweep(in, quiet);
    CHECK(pieces.complete);
    CHECK(pieces.result.loss.data == whole.result.loss.data);
    CHECK(pieces.result.confusion.data == whole.result.confusion.data);
    CHECK(pieces.device_calls == whole.device_calls);
  }
  // what is left of a sweep of which half is known, and of one of which all is
  study::Result half = whole.result;
  for (std::size_t k = 0; k < half.loss.size(); k += 2) half.loss.data[k] = half.score.data[k] = std::nan("");
  in.previous = &half;
  in.at_a_time = 5;
  CHECK(study::sweep(in, quiet).result.loss.data == whole.result.loss.data);
  CHECK(study::forecast(in, quiet).count("evaluations") == half.loss.size() / 2);
  in.previous = &whole.result;
  CHECK(study::sweep(in, quiet).complete);
  CHECK(study::forecast(in, quiet).count("evaluations") == 0);
}

TEST_CASE("a grid is counted before anything is laid out") {
  const Case c(rings);
  study::SweepInput in = c.input(c.set);
  std::vector<double> many(65'536);
  for (std::size_t k = 0; k < many.size(); ++k) many[k] = double(k) * 1e-3;
  in.axes = {{"drift", "K", "", many},
             {"detuning", "nm", "", many},
             {"detuning-spread", "", "", many},
             {"control-noise", "", "", many}};
  CHECK_THAT(message_of(in), Contains("too many evaluations: 3.689e+19"));
  in.axes.resize(1);
  in.repeats = 65'536;
  Progress quiet;
  const Forecast told = study::forecast(in, quiet);
  CHECK(told.count("evaluations") == std::uint64_t{65'536} * 65'536 * 2);
  CHECK(told.held_bytes == told.count("evaluations") * 40);
  in.axes = {{"mrr.delta.sigma", "", "", std::vector<double>(2000, 0.05)},
             {"mrr.crosstalk", "", "", std::vector<double>(2000, 0.001)}};
  in.repeats = 1;
  CHECK_THAT(message_of(in), Contains("too many points of the fabrication process: 4e+06"));
  in.axes = {{"drift", "K", "", many}};
  in.outputs = 40;
  in.repeats = 2000;
  CHECK_THAT(message_of(in), Contains("--outputs 40: "));
}
