#include "pnn/platforms/mzi/lab/fringe_bench.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/reduce.hpp"

namespace pnn::platforms::mzi::lab {

using std::numbers::pi;

namespace {

constexpr Index apart = 8;  ///< MZIs of a column read together

Index mzi_of(const MeshPlan& plan, const ControlPlace& place) {
  return plan.first_mzi(place.mesh) + plan.mesh(place.mesh).first_mzi(place.column) + place.index;
}

/// From an input through the cross port of an MZI to an output: of the ways up and down that there are, the
/// one with fewer edges.
CrossedMode straight_way(const CrossedMzi& mzi) {
  const CrossedMode up{mzi.from_below, mzi.to_above}, down{mzi.from_above, mzi.to_below};
  const bool can_up = up.from != dark && up.to != dark, can_down = down.from != dark && down.to != dark;
  if (can_up && (!can_down || mzi.edges_up <= mzi.edges_down)) return up;
  return can_down ? down : CrossedMode{};
}

}  // namespace

FringeBench::FringeBench(device::Device& device, std::size_t layer, int averages, double settle_s)
    : device_(device),
      layer_(layer),
      plan_(*mesh_of(device.layers()[layer].plan)),
      paths_(crossed_paths(plan_.mesh)),
      averages_(averages),
      settle_s_(settle_s),
      quadrature_(std::size_t(plan_.mesh.mzis()), pi / 2),
      controls_(std::size_t(plan_.mesh.control_count())),
      scramble_(controls_.size()) {
  plan_groups();
}

bool shows_fringe(const MeshPlan& plan, const CrossedPaths& paths, Index control) {
  const ControlPlace place = plan.place_of(control);
  if (place.kind == MeshControl::psi) return false;
  if (place.kind == MeshControl::attenuator) return true;
  const CrossedMzi& mzi = paths.mzis[std::size_t(mzi_of(plan, place))];
  if (place.kind == MeshControl::phi)
    return mzi.from_above != dark && mzi.from_below != dark && (mzi.to_above != dark || mzi.to_below != dark);
  return straight_way(mzi).from != dark;
}

void FringeBench::plan_groups() {
  const MeshPlan& plan = plan_.mesh;
  const auto add = [&](ControlPlace place, Index count) {
    for (Index first = 0; first < std::min(apart, count); ++first) {
      FringeGroup group{place.kind, {}};
      for (place.index = first; place.index < count; place.index += apart) {
        const Index control = plan.control_of(place);
        if (shows_fringe(plan, paths_, control)) group.controls.push_back(control);
      }
      if (!group.controls.empty()) groups_.push_back(std::move(group));
    }
  };
  for (const MeshControl kind : {MeshControl::theta, MeshControl::attenuator, MeshControl::phi}) {
    if (kind == MeshControl::attenuator) {
      add({kind, 0, 0, 0}, plan.attenuators());
      continue;
    }
    for (int number = 0; number < plan.meshes(); ++number) {
      const RectangularMesh mesh = plan.mesh(number);
      for (Index column = 0; column < mesh.columns(); ++column)
        add({kind, number, column, 0}, mesh.mzis_in_column(column));
    }
  }
}

void FringeBench::set_quadrature(Index theta_control, double phase_rad) {
  quadrature_[std::size_t(mzi_of(plan_.mesh, plan_.mesh.place_of(theta_control)))] = phase_rad;
}

void FringeBench::light(const FringeGroup& group) {
  const device::LayerPort& port = device_.layers()[layer_];
  const Index rows = Index(group.controls.size()) * (group.kind == MeshControl::phi ? 2 : 1);
  inputs_.setZero(rows, port.plan->inputs());
  outputs_.resize(rows, port.plan->outputs());
  power_.resize(rows, plan_.mesh.out);
  terms_.clear();
  for (std::size_t k = 0; k < group.controls.size(); ++k) {
    const ControlPlace place = plan_.mesh.place_of(group.controls[k]);
    if (group.kind == MeshControl::phi) {
      light_both(k, paths_.mzis[std::size_t(mzi_of(plan_.mesh, place))]);
      continue;
    }
    const CrossedMode way = group.kind == MeshControl::attenuator
                                ? paths_.attenuators[std::size_t(place.index)]
                                : straight_way(paths_.mzis[std::size_t(mzi_of(plan_.mesh, place))]);
    inputs_(Index(k), way.from) = 1;
    terms_.push_back({k, Index(k), way.to, 0});
  }
}

/// The two inputs that meet at an MZI, in phase and against it.
void FringeBench::light_both(std::size_t shifter, const CrossedMzi& mzi) {
  const Index in_phase = Index(2 * shifter), against = in_phase + 1;
  const auto amplitude = float(std::numbers::sqrt2 / 2);
  inputs_(in_phase, mzi.from_below) = inputs_(against, mzi.from_below) = amplitude;
  inputs_(in_phase, mzi.from_above) = amplitude;
  inputs_(against, mzi.from_above) = -amplitude;
  // M_00 / M_01 = tan(θ/2) e^{iφ} and M_10 / M_11 = −cot(θ/2) e^{iφ}
  for (const int quadrature : {1, -1}) {
    if (mzi.to_above != dark)
      terms_.push_back({shifter, quadrature > 0 ? in_phase : against, mzi.to_above, quadrature});
    if (mzi.to_below != dark)
      terms_.push_back({shifter, quadrature > 0 ? against : in_phase, mzi.to_below, quadrature});
  }
}

/// Draws the phases that do not matter to a group; sets all others to rest.
void FringeBench::scramble(const ControlPlace& first) {
  const MeshPlan& plan = plan_.mesh;
  std::fill(controls_.begin(), controls_.end(), 0.0F);
  fill_symmetric({1, Purpose::characterization, std::uint16_t(layer_), 0, draws_++}, std::span(scramble_));
  const auto draw = [&](Index control) {
    controls_[std::size_t(control)] = float(pi * (1 + scramble_[std::size_t(control)]));
  };
  const bool of_phi = first.kind == MeshControl::phi;
  for (int number = of_phi ? first.mesh : 0; number < plan.meshes(); ++number) {
    const RectangularMesh mesh = plan.mesh(number);
    const Index column = of_phi && number == first.mesh ? first.column + 1 : 0;
    const Index begin = column < mesh.columns() ? mesh.first_mzi(column) : mesh.mzis();
    for (Index mzi = begin; mzi < mesh.mzis(); ++mzi) draw(plan.first_control(number) + mesh.phi(mzi));
    if (number + 1 < plan.meshes()) {
      for (Index mode = 0; mode < mesh.modes; ++mode) draw(plan.first_control(number) + mesh.psi(mode));
    }
  }
}

/// Which modes between two meshes the light of the group takes.
void FringeBench::find_ways(const FringeGroup& group) {
  const MeshPlan& plan = plan_.mesh;
  on_way_.assign(std::size_t(plan.attenuators()), false);
  const auto mark = [&](Index CrossedMode::*end, Index number) {
    for (std::size_t k = 0; k < on_way_.size(); ++k) {
      if (paths_.attenuators[k].*end == number) on_way_[k] = true;
    }
  };
  for (std::size_t k = 0; k < group.controls.size(); ++k) {
    const ControlPlace place = plan.place_of(group.controls[k]);
    const auto first =
        std::find_if(terms_.begin(), terms_.end(), [&](const Term& t) { return t.shifter == k; });
    if (place.kind == MeshControl::attenuator) {
      on_way_[std::size_t(place.index)] = true;
    } else if (place.mesh == 0) {
      // of the two outputs for φ the one is enough: the other's light then comes through a mode that is
      // turned
      mark(&CrossedMode::to, first->output);
    } else {
      for (Index input = 0; input < plan.in; ++input) {
        if (inputs_(first->row, input) != 0) mark(&CrossedMode::from, input);
      }
    }
  }
}

/// One call; adds to power_ what each output had of each row.
void FringeBench::call() {
  device_.set_controls(layer_, controls_);
  if (settle_s_ > 0) device_.wait(settle_s_);
  device_.run(layer_, view(std::as_const(inputs_)), view(outputs_));
  if (!outputs_.allFinite()) {
    throw device::DeviceError("layer " + plan_.mesh.name +
                              ": the device answered with a number that is not finite");
  }
  const Index modes = plan_.mesh.out;
  const auto out = outputs_.cast<double>().array();
  switch (plan_.detection) {
    case platform::Detection::intensity:
      power_.array() += out;
      break;
    case platform::Detection::modulus:
    case platform::Detection::coherent:
      power_.array() += out.square();
      break;
    case platform::Detection::field:
      power_.array() += out.leftCols(modes).square() + out.rightCols(modes).square();
      break;
  }
}

void FringeBench::run_at(int quadrature, const FringeGroup& group, double phase_rad) {
  const MeshPlan& plan = plan_.mesh;
  for (const Index control : group.controls) {
    controls_[std::size_t(control)] = float(phase_rad);
    if (quadrature == 0) continue;
    ControlPlace place = plan.place_of(control);
    const double half_way = quadrature_[std::size_t(mzi_of(plan, place))];
    place.kind = MeshControl::theta;
    controls_[std::size_t(plan.control_of(place))] = float(quadrature > 0 ? half_way : half_way + pi);
  }
  power_.setZero();
  call();
  if (plan_.detection != platform::Detection::coherent) return;
  // (Re z)² + (Re iz)² = |z|²: the outputs' own phases turn by a quarter
  const int last = plan.meshes() - 1;
  const RectangularMesh mesh = plan.mesh(last);
  for (Index mode = 0; mode < mesh.modes; ++mode)
    controls_[std::size_t(plan.first_control(last) + mesh.psi(mode))] = float(pi / 2);
  call();
  for (Index mode = 0; mode < mesh.modes; ++mode)
    controls_[std::size_t(plan.first_control(last) + mesh.psi(mode))] = 0;
}

std::vector<Reading> FringeBench::read(const FringeGroup& group, double phase_rad) {
  light(group);
  const ControlPlace first = plan_.mesh.place_of(group.controls.front());
  Matrix<double> seen = Matrix<double>::Zero(averages_, Index(group.controls.size()));
  find_ways(group);
  const int turns = plan_.mesh.meshes();  // one mesh has no modes between
  for (Index average = 0; average < averages_; ++average) {
    scramble(first);
    for (int turn = 0; turn < turns; ++turn) {
      for (const int quadrature : {0, 1, -1}) {
        if ((quadrature == 0) == (group.kind == MeshControl::phi)) continue;
        run_at(quadrature, group, phase_rad);
        for (const Term& term : terms_) {
          if (term.quadrature == quadrature)
            seen(average, Index(term.shifter)) += power_(term.row, term.output) / turns;
        }
      }
      for (std::size_t k = 0; k < on_way_.size(); ++k) {
        if (!on_way_[k]) controls_[std::size_t(plan_.mesh.mesh(0).psi(Index(k)))] += float(pi);
      }
    }
  }
  std::vector<int> terms(group.controls.size(), 0);
  for (const Term& term : terms_) ++terms[term.shifter];
  std::vector<Reading> readings(group.controls.size());
  for (std::size_t k = 0; k < readings.size(); ++k) {
    const Vector<double> values = seen.col(Index(k)) / double(terms[k]);
    readings[k].mean = mean(values);
    const double squares = sum((values.array() - readings[k].mean).square());
    readings[k].error = averages_ > 1 ? std::sqrt(squares / (averages_ - 1.0) / averages_) : 0;
  }
  return readings;
}

}  // namespace pnn::platforms::mzi::lab
