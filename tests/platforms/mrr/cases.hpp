// Banks of every kind, for tests that hold for all of them.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "pnn/core/random.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"

namespace pnn::test {

struct BankCase {
  std::string name;
  platforms::mrr::BankPlan plan;
  platforms::mrr::BankPhysics physics;
  platforms::mrr::RingParameters rings;
};

inline platforms::mrr::BankPlan make_plan(Index out, Index in, int chip_rows, int chip_cols,
                                          platforms::mrr::Reuse reuse) {
  platforms::mrr::BankPlan plan;
  plan.name = "mrr1";
  plan.out = out;
  plan.in = in;
  plan.chip_rows = chip_rows;
  plan.chip_cols = chip_cols;
  plan.reuse = reuse;
  return plan;
}

/// Rings of the process's spread, with gains, offsets, widths and knots of their own where `response` has
/// them.
inline platforms::mrr::RingParameters make_rings(platforms::mrr::Response response,
                                                 const platforms::mrr::Process& process, Index rings,
                                                 std::uint64_t seed) {
  platforms::mrr::RingParameters out =
      platforms::mrr::draw_rings(process, rings, seed, int(Purpose::test), 0, 0, 0);
  if (response == platforms::mrr::Response::airy_bank) return out;
  std::vector<double> z(out.r.size());
  fill_symmetric({seed, Purpose::test, 100}, z);
  for (const double x : z) {
    const bool lorentzian = response == platforms::mrr::Response::lorentzian;
    out.gain.push_back(lorentzian ? 1.8 + 0.1 * x : 1 + 0.1 * x);
    out.offset.push_back(lorentzian ? -0.9 + 0.05 * x : 0.05 * x);
    out.hwhm_nm.push_back(0.15 + 0.02 * x);
  }
  if (response == platforms::mrr::Response::spline) {
    constexpr std::size_t knots = 40;
    out.knot_detuning_nm = Array<double>({std::size_t(rings), knots});
    out.knot_weight = Array<double>({std::size_t(rings), knots});
    for (std::size_t ring = 0; ring < std::size_t(rings); ++ring) {
      for (std::size_t k = 0; k < knots; ++k) {
        const double d = -1 + 2.2 * double(k) / (knots - 1) + 0.01 * std::sin(double(k + ring));
        out.knot_detuning_nm.slice(ring)[k] = d;
        out.knot_weight.slice(ring)[k] = -0.9 + 1.8 / (1 + (d / 0.16) * (d / 0.16)) + 0.02 * std::cos(9 * d);
      }
    }
  }
  return out;
}

/// Response × thermal crosstalk × reuse × shape × polarity.
inline std::vector<BankCase> all_cases() {
  using platforms::mrr::Response;
  struct Shape {
    const char* name;
    Index out, in;
    int rows, cols;
  };
  // chips of 8 columns fill the free spectral range (cyclic distances), those of 5 do not
  const Shape shapes[] = {{"smaller than the chip", 3, 2, 4, 8},
                          {"one chip", 4, 8, 4, 8},
                          {"ragged", 9, 21, 4, 8},
                          {"ragged, open bus", 6, 13, 4, 5}};
  const std::pair<const char*, Response> responses[] = {{"airy", Response::airy},
                                                        {"airy bank", Response::airy_bank},
                                                        {"lorentzian", Response::lorentzian},
                                                        {"spline", Response::spline}};
  std::vector<BankCase> cases;
  for (const auto& [response_name, response] : responses) {
    for (const char* heat : {"none", "local", "package"}) {
      for (const auto reuse : {platforms::mrr::Reuse::time, platforms::mrr::Reuse::space}) {
        for (const Shape& shape : shapes) {
          for (const auto polarity :
               {platforms::mrr::Polarity::drop_thru, platforms::mrr::Polarity::thru_drop}) {
            platforms::mrr::Process process;
            process.set(polarity);
            process.crosstalk = std::string(heat) == "none" ? 0 : 0.02;
            process.package_k_per_mw = std::string(heat) == "package" ? 1e-3 : 0;
            BankCase c;
            c.physics = full_physics(process);
            c.physics.response = response;
            c.plan = make_plan(shape.out, shape.in, shape.rows, shape.cols, reuse);
            c.rings = make_rings(response, process, c.plan.rings(), 7 + cases.size());
            c.name = std::string(response_name) + ", heat " + heat + ", " + shape.name +
                     (reuse == platforms::mrr::Reuse::time ? ", time" : ", space") +
                     (polarity == platforms::mrr::Polarity::drop_thru ? "" : ", thru-drop");
            cases.push_back(std::move(c));
          }
        }
      }
    }
  }
  return cases;
}

/// Uniform numbers in (low, high), one a weight.
inline std::vector<double> spread(Index count, double low, double high, std::uint64_t seed) {
  std::vector<double> out(std::size_t(count), 0.0);
  fill_symmetric({seed, Purpose::test, 101}, out);
  for (double& x : out) x = (low + high) / 2 + (high - low) / 2 * x;
  return out;
}

}  // namespace pnn::test
