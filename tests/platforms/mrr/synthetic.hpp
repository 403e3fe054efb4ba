// Tuning curves of a fabricated chip with everything real in it but jitter and rounding, and its truth.
#pragma once

#include <cmath>

#include "pnn/core/random.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/model.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/process.hpp"

namespace pnn::tests {

struct SyntheticChip {
  platforms::mrr::Process process;
  platforms::mrr::BankPlan plan;
  platforms::mrr::RingParameters truth;
  std::unique_ptr<platforms::mrr::Bank<double>> bank;

  explicit SyntheticChip(const platforms::mrr::Process& p, std::uint64_t seed = 1)
      : process(p),
        plan{"mrr1",           Index(p.chip_rows), Index(p.chip_cols),
             int(p.chip_rows), int(p.chip_cols),   platforms::mrr::Reuse::time},
        truth(platforms::mrr::draw_rings(p, plan.rings(), seed, int(Purpose::fabrication), 0, 0, 0)),
        bank(platforms::mrr::make_bank<double>(plan, full_physics(p), truth)) {}

  [[nodiscard]] double weight(const std::vector<double>& controls, std::size_t ring, double offset_k) const {
    Matrix<double> weights(plan.out, plan.in);
    bank->evaluate({controls, {}, offset_k}, view(weights));
    return weights.data()[ring];
  }

  /// One ring driven, the others at 0 mA; noise of standard error `sigma` on every response.
  [[nodiscard]] model::ChipCurves sweep(const std::vector<double>& temperatures_c, std::size_t points,
                                        double sigma, std::uint64_t seed) const {
    const std::size_t rings = std::size_t(plan.rings());
    model::ChipCurves chip;
    chip.key = plan.chip_key();
    chip.layers = {plan.name};
    chip.elements = platforms::mrr::ring_names(plan);
    chip.temperature_c = temperatures_c;
    chip.control = chip.response = Array<double>({1, rings, temperatures_c.size(), points});
    chip.sigma = Array<double>(chip.control.shape, sigma);
    std::vector<double> controls(rings, 0.0);
    std::size_t at = 0;
    for (std::size_t ring = 0; ring < rings; ++ring) {
      for (const double temperature : temperatures_c) {
        for (std::size_t p = 0; p < points; ++p, ++at) {
          controls[ring] = process.current_max_ma * std::sqrt(double(p) / double(points - 1));
          chip.control.data[at] = controls[ring];
          chip.response.data[at] = weight(controls, ring, temperature - process.reference_temperature_c) +
                                   sigma * normal({seed, Purpose::test}, std::uint32_t(at));
        }
      }
      controls[ring] = 0;
    }
    return chip;
  }

  /// Adds pair sweeps: ring k held on its flank while the ring `rows` below it is heated, for each k and
  /// rows.
  void sweep_pairs(model::ChipCurves& chip, const std::vector<Index>& distances, double sigma,
                   std::uint64_t seed) const {
    constexpr std::size_t points = 9;
    std::vector<double> held, control, response;
    std::vector<double> controls(std::size_t(plan.rings()), 0.0);
    for (const Index distance : distances) {
      for (Index k = 0; k + distance * plan.chip_cols < plan.rings(); ++k) {
        const Index heated = k + distance * plan.chip_cols;
        chip.pair_victim.push_back(int(k)), chip.pair_aggressor.push_back(int(heated));
        held.push_back(3.7);
        controls[std::size_t(k)] = held.back();
        for (std::size_t p = 0; p < points; ++p) {
          controls[std::size_t(heated)] = process.current_max_ma * std::sqrt(double(p) / double(points - 1));
          control.push_back(controls[std::size_t(heated)]);
          response.push_back(
              weight(controls, std::size_t(k), chip.temperature_c[0] - process.reference_temperature_c) +
              sigma * normal({seed, Purpose::test, 1}, std::uint32_t(response.size())));
        }
        controls[std::size_t(k)] = controls[std::size_t(heated)] = 0;
      }
    }
    const std::size_t pairs = held.size();
    chip.pair_victim_control = Array<double>({1, pairs});
    chip.pair_control = chip.pair_response = Array<double>({1, pairs, points});
    chip.pair_sigma = Array<double>({1, pairs, points}, sigma);
    chip.pair_victim_control.data = held, chip.pair_control.data = control,
    chip.pair_response.data = response;
  }
};

}  // namespace pnn::tests
