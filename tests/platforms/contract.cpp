// What every registered platform has to hold, whichever it is.
#include "pnn/platform/platform.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/model/model.hpp"
#include "pnn/network/spec.hpp"
#include "pnn/study/lab.hpp"
#include "tests/catch.hpp"
#include "tests/taylor.hpp"

using namespace pnn;
using platform::AnyPlan;
using platform::DrawAddress;
using platform::System;
using platform::TransferMap;

namespace {

constexpr Index inputs = 6;

/// A layer of some platform, alone in its network.
struct Case {
  std::string text;
  AnyPlan plan;
};

/// Every example of every platform.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const platform::Platform* platform : platform::registry()) {
    for (const std::string& text : platform->examples(inputs))
      all.push_back({text, network::resolve({std::to_string(inputs), {text}}, {}).plans().front()});
  }
  return all;
}

DrawAddress address(std::uint32_t device, std::uint32_t step = 0) {
  return {7, int(Purpose::test), 3, device, step};
}

template <class Real>
std::unique_ptr<TransferMap<Real>> drawn_map(const AnyPlan& plan, std::uint32_t device) {
  const platform::Process process;
  return platform::make_device_map<Real>(plan, process, plan->draw_truth(process, address(device)));
}

template <class Real>
std::unique_ptr<TransferMap<Real>> nominal_map(const AnyPlan& plan) {
  return std::move(model::make_maps<Real>(model::nominal_model({plan}, {}), 0).front());
}

/// Controls in the middle half of their range.
template <class Real>
std::vector<Real> controls_of(const TransferMap<Real>& map, std::uint64_t seed) {
  std::vector<Real> out(std::size_t(map.control_count()));
  fill_symmetric({seed, Purpose::test, 1}, std::span<Real>(out));
  for (Real& x : out) x = Real(map.lower() + (0.5 + 0.25 * double(x)) * (map.upper() - map.lower()));
  return out;
}

template <class Real>
Matrix<Real> evaluated(TransferMap<Real>& map, const std::vector<Real>& controls, const System& system = {},
                       const std::vector<Real>& offset = {}) {
  Matrix<Real> weights(map.rows(), map.cols());
  map.evaluate({controls, offset, system}, view(weights));
  return weights;
}

/// A fixed weighted sum of a map's matrix, and its gradients.
struct Probe {
  TransferMap<double>& map;
  std::vector<double> controls, offset;
  System system;
  Matrix<double> by_weights;

  explicit Probe(TransferMap<double>& of) : map(of), controls(controls_of(of, 2)) {
    offset.assign(controls.size(), 0.0);
    fill_symmetric({3, Purpose::test, 1}, std::span<double>(offset));
    for (double& x : offset) x *= 0.1 * map.response_spread();
    by_weights.resize(map.rows(), map.cols());
    fill_symmetric({4, Purpose::test, 1},
                   std::span<double>(by_weights.data(), std::size_t(by_weights.size())));
  }
  double loss() { return (evaluated(map, controls, system, offset).array() * by_weights.array()).sum(); }
  platform::Pullback<double> gradient(std::vector<double>& by_controls, std::vector<double>& by_offset) {
    by_controls.resize(controls.size());
    by_offset.resize(controls.size());
    platform::Pullback<double> out{by_controls, by_offset, {}};
    map.pullback({controls, offset, system}, view(std::as_const(by_weights)), out);
    return out;
  }
};

/// A system in which nothing is aligned, since the derivatives of an aligned one may jump where samples meet
/// the centres of pixels.
System somewhere() {
  System system;
  for (const platform::SystemParameter& p : platform::system_parameters())
    p.at(system) = p.one_sided() ? 0.3 * p.to_system(p.max) : 0.0123;
  system.shift_x_px = 0.31, system.shift_y_px = -0.17;
  return system;
}

/// How far a parameter is moved in a Taylor test, in the unit of System: far enough to be seen beside
/// rounding, and not over a point at which a derivative jumps.
double step_of(const platform::SystemParameter& p) {
  return p.shared == &System::axial_um ? 0.05 : 2e-5;
}

}  // namespace

TEST_CASE("a platform's words are its own, and its quantities have defaults within their ranges") {
  std::set<std::string> words, names, hidden;
  for (const platform::Platform* platform : platform::registry()) {
    INFO(platform->word());
    CHECK(words.insert(platform->word()).second);
    CHECK_FALSE(platform->elements().empty());
    CHECK_FALSE(platform->usage().rfind(platform->word() + ":", 0) != 0);
    for (const platform::Quantity& quantity : platform->quantities()) {
      INFO(quantity.name);
      CHECK(names.insert(quantity.name).second);
      CHECK(quantity.name.rfind(platform->word() + ".", 0) == 0);
      CHECK(quantity.description.size() > 10);
      CHECK(platform::complaint_about(quantity, quantity.initial).empty());
    }
    for (const platform::QuantityAlias& alias : platform->aliases()) {
      CHECK(names.insert(alias.name).second);
      CHECK(platform::process_number(alias.name) == alias.stands_for);
    }
    CHECK(platform->complaints_about({}).empty());
    for (const platform::TruthField& field : platform->truth_fields())
      CHECK(hidden.insert(field.name).second);
    CHECK(&study::lab_of(*platform).platform() == platform);
  }
}

TEST_CASE("every quantity is set by its name and read back, and no other moves") {
  const platform::Process defaults;
  for (const platform::ProcessField& field : platform::process_fields()) {
    INFO(field.name);
    platform::Process process;
    const double other = field.of(defaults) == field.max ? field.min : field.max;
    platform::set_process_value(process, field.name + "=" + platform::value_text(field, other));
    for (const platform::ProcessField& any : platform::process_fields())
      CHECK(any.of(process) == (any.name == field.name ? other : any.of(defaults)));
    CHECK(field.of(platform::scale_spreads(defaults, 2)) == field.of(defaults) * (field.spread ? 2 : 1));
    for (const double beyond :
         {field.min - 1, field.max + 1, field.integer ? field.min + 0.5 : field.max + 1}) {
      platform::Process wrong;
      wrong[field.number] = beyond;
      const std::vector<std::string> complaints = platform::check_process(wrong);
      REQUIRE_FALSE(complaints.empty());
      CHECK(complaints.front().find(field.name) == 0);
    }
  }
}

TEST_CASE("a layer's ports, map and source agree, on its device and on its model") {
  for (const Case& c : cases()) {
    INFO(c.text);
    const platform::LayerPlan& plan = c.plan;
    CHECK(c.plan == network::resolve({std::to_string(inputs), {c.text}}, {}).plans().front());
    CHECK(plan.name() == plan.platform().word() + "1");
    for (const bool device : {false, true}) {
      const auto map = device ? drawn_map<float>(c.plan, 0) : nominal_map<float>(c.plan);
      const auto size_of = [](const platform::Port& port) {
        CHECK(port.axes.size() == port.shape.size());
        Index size = 1;
        for (const std::size_t side : port.shape) size *= Index(side);
        return size;
      };
      CHECK(size_of(plan.controls_port()) == plan.controls());
      CHECK(size_of(plan.weights_port()) == map->rows() * map->cols());
      CHECK(map->cols() == Index(plan.weights_port().shape.back()));
      CHECK(map->control_count() == plan.controls());
      CHECK(map->periodic() == plan.periodic());
      const platform::Source source = plan.source({}, {});
      CHECK(map->lower() == source.lower);
      CHECK(map->upper() == source.upper);
      CHECK(map->lower() < map->upper());
      CHECK(Index(map->element_of_control().size()) == plan.controls());
      for (const std::uint32_t element : map->element_of_control())
        CHECK(Index(element) < map->element_count());
    }
    const platform::Design design = plan.design({});
    CHECK(design.parameters.size() == design.values.size());
    CHECK(design.parameters.size() == design.units.size());
    CHECK_FALSE(plan.element_names().empty());
  }
}

TEST_CASE("hidden values are as many as named, and a chip as designed has them too") {
  for (const Case& c : cases()) {
    INFO(c.text);
    const std::vector<std::size_t> sizes = c.plan->truth_sizes();
    REQUIRE(sizes.size() == c.plan->platform().truth_fields().size());
    for (const platform::Truth& truth : {c.plan->nominal_truth({}), c.plan->draw_truth({}, address(0))}) {
      REQUIRE(truth.size() == sizes.size());
      for (std::size_t k = 0; k < sizes.size(); ++k) CHECK(truth[k].size() == sizes[k]);
    }
    CHECK(c.plan->draw_truth({}, address(0)) != c.plan->draw_truth({}, address(1)));
    CHECK(c.plan->draw_truth({}, address(0)) != c.plan->draw_truth({}, address(0, 1)));
    CHECK(c.plan->draw_truth(platform::scale_spreads({}, 0), address(0)) ==
          c.plan->draw_truth(platform::scale_spreads({}, 0), address(1)));
  }
}

TEST_CASE("seeds, chips, devices, steps and kinds of hidden values have numbers of their own") {
  platform::Process process;
  for (const platform::ProcessField& field : platform::process_fields())
    if (field.spread && field.of(process) == 0) process[field.number] = std::min(field.max, 0.01);
  const int purpose = int(Purpose::test);
  for (const Case& c : cases()) {
    const std::vector<platform::TruthField>& fields = c.plan->platform().truth_fields();
    const platform::Truth nominal = c.plan->nominal_truth(process);
    std::vector<platform::Truth> all;
    for (const DrawAddress& at : {DrawAddress{7, purpose, 3, 1, 2}, DrawAddress{8, purpose, 3, 1, 2},
                                  DrawAddress{7, purpose, 4, 1, 2}, DrawAddress{7, purpose, 3, 2, 2},
                                  DrawAddress{7, purpose, 3, 1, 3}})
      all.push_back(c.plan->draw_truth(process, at));
    CHECK(c.plan->draw_truth(process, {7, purpose, 3, 1, 2}) == all.front());
    const auto fixed = [&](std::size_t k) {
      return std::all_of(all.begin(), all.end(),
                         [&](const platform::Truth& truth) { return truth[k] == all[0][k]; });
    };
    for (std::size_t k = 0; k < fields.size(); ++k) {
      INFO(c.text << ", " << fields[k].name);
      std::set<double> seen;
      for (const platform::Truth& truth : all) seen.insert(truth[k].begin(), truth[k].end());
      if (fixed(k)) {
        CHECK(all[0][k] == nominal[k]);
      } else {
        CHECK(seen.size() == all.size() * nominal[k].size());  // no number stands twice
      }
      // two kinds that were made of the same random numbers would deviate in one ratio, on every device
      for (std::size_t other = 0; other < k && !fixed(k); ++other) {
        if (fixed(other)) continue;
        std::set<double> ratios;
        for (const platform::Truth& truth : all)
          ratios.insert(
              std::round(1e6 * (truth[k][0] - nominal[k][0]) / (truth[other][0] - nominal[other][0])));
        CHECK(ratios.size() > 1);
      }
    }
  }
}

TEST_CASE("a device does not depend on how many are drawn beside it") {
  for (const Case& c : cases()) {
    INFO(c.text);
    const device::DeviceSet few = device::fabricate({c.plan}, {}, 2, 5),
                            many = device::fabricate({c.plan}, {}, 4, 5);
    CHECK(few.chips.front().of(1) == many.chips.front().of(1));
  }
}

TEST_CASE("a map drawn anew is the map of that chip, to the bit") {
  for (const Case& c : cases()) {
    INFO(c.text);
    const auto fresh = drawn_map<float>(c.plan, 2), redrawn = drawn_map<float>(c.plan, 1);
    const std::vector<float> controls = controls_of(*fresh, 1);
    const Matrix<float> other = evaluated(*redrawn, controls), expected = evaluated(*fresh, controls);
    CHECK(other != expected);
    c.plan->redraw(*redrawn, {}, address(2));
    CHECK(evaluated(*redrawn, controls) == expected);
    // nor does a matrix depend on what was asked before
    const std::vector<float> offset(controls.size(), float(0.3 * fresh->response_spread()));
    CHECK(evaluated(*redrawn, controls, somewhere(), offset) ==
          evaluated(*fresh, controls, somewhere(), offset));
    CHECK(evaluated(*redrawn, controls) == expected);
    c.plan->redraw(*redrawn, {}, address(1));
    CHECK(evaluated(*redrawn, controls) == other);
  }
}

TEST_CASE("gradients by controls and response offsets pass a Taylor test, on devices and on models") {
  for (const Case& c : cases()) {
    for (const bool device : {false, true}) {
      INFO(c.text << (device ? ", device" : ", model"));
      const auto map = device ? drawn_map<double>(c.plan, 0) : nominal_map<double>(c.plan);
      Probe probe(*map);
      if (device) probe.system = somewhere();
      std::vector<double> by_controls, by_offset;
      static_cast<void>(probe.gradient(by_controls, by_offset));
      const auto along = [&](std::vector<double>& moved) {
        return [&](std::span<const double> x) {
          const std::vector<double> back = moved;
          moved.assign(x.begin(), x.end());
          const double value = probe.loss();
          moved = back;
          return value;
        };
      };
      const std::vector<double> controls = probe.controls, offset = probe.offset;
      const double scale = 1e-4 * (map->upper() - map->lower());
      CHECK(test::taylor_order(along(probe.controls), controls, by_controls, scale) > 1.8);
      CHECK(test::taylor_order(along(probe.offset), offset, by_offset, 0.01 * map->response_spread()) > 1.8);
    }
  }
}

TEST_CASE("a pullback fills what is wanted alone, and no part depends on which others are wanted") {
  for (const Case& c : cases()) {
    INFO(c.text);
    const auto map = drawn_map<double>(c.plan, 0);
    Probe probe(*map);
    probe.system = somewhere();
    std::vector<double> by_controls, by_offset, alone(probe.controls.size());
    const System full = probe.gradient(by_controls, by_offset).system;
    const platform::OperatingPoint<double> at{probe.controls, probe.offset, probe.system};
    const auto pull = [&](std::span<double> controls, std::span<double> offset, bool system) {
      platform::Pullback<double> out{controls, offset, {}, system};
      map->pullback(at, view(std::as_const(probe.by_weights)), out);
      return out.system;
    };
    CHECK(pull(alone, {}, true) == full);
    CHECK(alone == by_controls);
    static_cast<void>(pull(alone, {}, false));
    CHECK(alone == by_controls);
    CHECK(pull({}, alone, true) == full);
    CHECK(alone == by_offset);
    CHECK(pull({}, {}, true) == full);
  }
}

TEST_CASE("a layer follows the system parameters that it names, with their gradients, and no others") {
  for (const Case& c : cases()) {
    const auto map = drawn_map<double>(c.plan, 0);
    Probe probe(*map);
    for (const platform::SystemParameter& p : platform::system_parameters()) {
      INFO(c.text << ", " << p.name);
      probe.system = somewhere();
      std::vector<double> by_controls, by_offset;
      const platform::Pullback<double> pulled = probe.gradient(by_controls, by_offset);
      const auto along = [&](std::span<const double> x) {
        const System back = probe.system;
        p.at(probe.system) = x[0];
        const double value = probe.loss();
        probe.system = back;
        return value;
      };
      const std::vector<double> at{p.at(probe.system)}, slope{p.at(pulled.system)};
      CHECK((slope[0] != 0) == platform::acts_on(p, c.plan));
      CHECK(test::taylor_order(along, at, slope, step_of(p)) > 1.8);
    }
  }
}

TEST_CASE("local slopes, where a map has them, are those of the one weight that a control moves") {
  for (const Case& c : cases()) {
    INFO(c.text);
    const auto map = nominal_map<double>(c.plan);
    const std::vector<double> controls = controls_of(*map, 4);
    std::vector<double> slope(controls.size()), curvature(controls.size());
    if (!map->has_slopes()) {
      CHECK_THROWS_AS(map->slope({controls, {}, {}}, slope), InternalError);
      continue;
    }
    map->slope({controls, {}, {}}, slope);
    map->curvature({controls, {}, {}}, curvature);
    const double step = 1e-5 * (map->upper() - map->lower());
    const Matrix<double> at = evaluated(*map, controls);
    for (std::size_t k = 0; k < controls.size(); ++k) {
      std::vector<double> moved = controls;
      moved[k] = controls[k] + step;
      const Matrix<double> above = evaluated(*map, moved);
      moved[k] = controls[k] - step;
      const Matrix<double> below = evaluated(*map, moved);
      Index own = 0, weights = 0;
      for (Index i = 0; i < at.size(); ++i) {
        if (above.data()[i] == at.data()[i] && below.data()[i] == at.data()[i]) continue;
        own = i;
        ++weights;
      }
      CHECK(weights == 1);
      const double high = above.data()[own], middle = at.data()[own], low = below.data()[own];
      CHECK(slope[k] == Approx((high - low) / (2 * step)).epsilon(1e-4).margin(1e-6));
      CHECK(curvature[k] == Approx((high - 2 * middle + low) / (step * step)).epsilon(1e-2).margin(1e-3));
    }
  }
}

TEST_CASE("signals through a map without its matrix, where that is a way, are those through the matrix") {
  for (const Case& c : cases()) {
    INFO(c.text);
    const auto map = nominal_map<double>(c.plan);
    const std::vector<double> controls = controls_of(*map, 4);
    Matrix<double> signal(1, 2 * map->cols()), out(1, map->rows());
    fill_symmetric({5, Purpose::test, 1}, std::span<double>(signal.data(), std::size_t(signal.size())));
    if (map->largest_direct_batch() == 0) {
      CHECK_THROWS_AS(map->propagate({controls, {}, {}}, view(std::as_const(signal)), view(out)),
                      InternalError);
      continue;
    }
    map->propagate({controls, {}, {}}, view(std::as_const(signal)), view(out));
    const Matrix<double> w = evaluated(*map, controls);
    const Index half = map->rows() / 2, cols = map->cols();
    for (Index i = 0; i < half; ++i) {
      double re = 0, im = 0;
      for (Index j = 0; j < cols; ++j) {
        re += w(i, j) * signal(0, j) - w(half + i, j) * signal(0, cols + j);
        im += w(half + i, j) * signal(0, j) + w(i, j) * signal(0, cols + j);
      }
      CHECK(out(0, i) == Approx(re).margin(1e-12));
      CHECK(out(0, half + i) == Approx(im).margin(1e-12));
    }
  }
}

TEST_CASE("controls found for the matrix of a model give that matrix") {
  for (const Case& c : cases()) {
    INFO(c.text);
    const auto map = nominal_map<double>(c.plan);
    const Matrix<double> target = evaluated(*map, controls_of(*map, 6));
    std::vector<double> controls = controls_of(*map, 7);
    CHECK(map->invert(view(target), controls) < 1e-4);
    CHECK((evaluated(*map, controls) - target).cwiseAbs().maxCoeff() < 1e-4);
    for (const double x : controls) {
      CHECK(x >= map->lower());
      CHECK(x <= map->upper());
    }
  }
}

TEST_CASE("matrices and gradients are the same bytes for any number of threads") {
  const auto outcome = [](int count) {
    set_threads(count);
    std::vector<float> all;
    for (const Case& c : cases()) {
      const auto map = drawn_map<float>(c.plan, 0);
      const std::vector<float> controls = controls_of(*map, 1);
      const Matrix<float> weights = evaluated(*map, controls);
      std::vector<float> by_controls(controls.size());
      platform::Pullback<float> out{by_controls, {}, {}};
      map->pullback({controls, {}, {}}, view(weights), out);
      all.insert(all.end(), weights.data(), weights.data() + weights.size());
      all.insert(all.end(), by_controls.begin(), by_controls.end());
      for (const platform::SystemParameter& p : platform::system_parameters())
        all.push_back(float(p.at(out.system)));
    }
    return all;
  };
  const int before = threads();
  const std::vector<float> one = outcome(1), three = outcome(3);
  set_threads(before);
  CHECK(one == three);
}

TEST_CASE("a matrix found again where system parameters alone have changed has the bits of one found anew") {
  for (const Case& c : cases()) {
    INFO(c.text);
    const auto map = drawn_map<float>(c.plan, 0), fresh = drawn_map<float>(c.plan, 0);
    const std::vector<float> controls = controls_of(*map, 1), others = controls_of(*map, 2);
    std::vector<float> offset(controls.size());
    fill_symmetric({3, Purpose::test, 1}, std::span<float>(offset));
    for (float& x : offset) x *= float(0.1 * map->response_spread());
    const auto check = [&](const std::vector<float>& at, const std::vector<float>& moved) {
      evaluated(*map, at, {}, moved);
      for (const double warmer : {0.0, 0.3, -0.02}) {
        System system = somewhere();
        system.temperature_k += warmer;
        Matrix<float> again(map->rows(), map->cols());
        map->evaluate_again({at, moved, system}, view(again));
        CHECK(again == evaluated(*fresh, at, system, moved));
      }
    };
    check(controls, {});
    check(controls, offset);
    check(others, offset);
    check(others, {});
    check(controls, {});
  }
}

TEST_CASE("trainings start within the range, from random numbers or from the layer's own matrix") {
  const platform::Process process;
  for (const Case& c : cases()) {
    INFO(c.text);
    const auto map = nominal_map<float>(c.plan);
    std::vector<float> controls(std::size_t(map->control_count())), again = controls, other = controls;
    c.plan->start(*map, process, {}, {1, Purpose::test, 4}, controls);
    c.plan->start(*map, process, {}, {1, Purpose::test, 4}, again);
    c.plan->start(*map, process, {}, {2, Purpose::test, 4}, other);
    CHECK(again == controls);
    CHECK(other != controls);
    const auto within = [&](const std::vector<float>& all) {
      for (const float x : all) {
        CHECK(std::isfinite(x));
        if (!map->periodic()) CHECK((double(x) >= map->lower() && double(x) <= map->upper()));
      }
    };
    within(controls);
    const Matrix<float> weights = evaluated(*map, controls);
    const auto [outputs, _] = c.plan->size();
    const platform::StartTarget target{view(weights), &*c.plan, outputs, false, "other"};
    const platform::StartOutcome outcome =
        c.plan->start_from(*map, process, {}, {1, Purpose::test, 4}, target, again);
    CHECK(outcome.fits);
    CHECK(outcome.scale > 0);
    within(again);
    const Matrix<float> none(1, 1);
    CHECK_FALSE(c.plan
                    ->start_from(*map, process, {}, {1, Purpose::test, 4},
                                 {view(none), nullptr, 1, false, "x"}, again)
                    .fits);
  }
}

TEST_CASE("a sample that passes a device has the same bits alone and in a batch") {
  for (const Case& c : cases()) {
    INFO(c.text);
    const auto map = drawn_map<float>(c.plan, 0);
    const Matrix<float> weights = evaluated(*map, controls_of(*map, 1));
    constexpr Index batch = 7;
    Matrix<float> x(batch, c.plan->inputs()), all(batch, c.plan->outputs());
    fill_symmetric({8, Purpose::test, 1}, std::span<float>(x.data(), std::size_t(x.size())));
    x = x.cwiseAbs().eval();
    c.plan->transmit(view(weights), view(std::as_const(x)), view(all));
    for (Index n = 0; n < batch; ++n) {
      const Matrix<float> alone = x.row(n);
      Matrix<float> out(1, all.cols());
      c.plan->transmit(view(weights), view(alone), view(out));
      CHECK(out.row(0) == all.row(n));
    }
  }
}

TEST_CASE("what goes back through a layer's transmission is the derivative of what went forth") {
  for (const Case& c : cases()) {
    INFO(c.text);
    const auto map = nominal_map<double>(c.plan);
    const Matrix<double> weights = evaluated(*map, controls_of(*map, 1));
    std::unique_ptr<platform::Transmission<double>> transmission;
    constexpr Index batch = 3;
    c.plan->make_transmission(batch, transmission);
    Matrix<double> x(batch, c.plan->inputs()), by_out(batch, c.plan->outputs()),
        out(batch, c.plan->outputs()), by_in(batch, x.cols()), by_weights(weights.rows(), weights.cols());
    fill_symmetric({8, Purpose::test, 1}, std::span<double>(x.data(), std::size_t(x.size())));
    x = x.cwiseAbs().eval();
    fill_symmetric({9, Purpose::test, 1}, std::span<double>(by_out.data(), std::size_t(by_out.size())));
    const auto loss = [&](const Matrix<double>& w, const Matrix<double>& signals) {
      transmission->forward(view(w), nullptr, view(signals), view(out));
      return (out.array() * by_out.array()).sum();
    };
    static_cast<void>(loss(weights, x));
    transmission->backward(view(weights), nullptr, view(std::as_const(x)), view(std::as_const(out)),
                           view(std::as_const(by_out)), view(by_in), view(by_weights), true);
    const auto flat = [](const Matrix<double>& m) {
      return std::vector<double>(m.data(), m.data() + m.size());
    };
    const auto of_signals = [&](std::span<const double> v) {
      return loss(weights, Matrix<double>(ConstMatrixView<double>(v.data(), x.rows(), x.cols())));
    };
    const auto of_weights = [&](std::span<const double> v) {
      return loss(Matrix<double>(ConstMatrixView<double>(v.data(), weights.rows(), weights.cols())), x);
    };
    CHECK(test::taylor_order(of_signals, flat(x), flat(by_in), 1e-3) > 1.8);
    CHECK(test::taylor_order(of_weights, flat(weights), flat(by_weights), 1e-3) > 1.8);
  }
}

TEST_CASE("read-out noise grows with the share, and is none at a share of 0") {
  for (const Case& c : cases()) {
    INFO(c.text);
    const platform::Process process;
    const auto map = drawn_map<float>(c.plan, 0);
    const double full_scale = c.plan->full_scale(*map);
    CHECK(full_scale > 0);
    const std::vector<float> controls = controls_of(*map, 1);
    Matrix<float> x = Matrix<float>::Constant(2, c.plan->inputs(), 0.5F), small(2, c.plan->outputs()),
                  large = small;
    const platform::Call call{*map, {controls, {}, {}}, view(std::as_const(x)), full_scale};
    REQUIRE(c.plan->readout_sigma(process, 0.5, call, view(small)));
    REQUIRE(c.plan->readout_sigma(process, 5.0, call, view(large)));
    CHECK(large(0, 0) > 5 * small(0, 0));
    CHECK(small.row(0) == small.row(1));
  }
}
