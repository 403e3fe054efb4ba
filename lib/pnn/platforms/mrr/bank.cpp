#include "pnn/platforms/mrr/bank.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platforms/mrr/flat_bank.hpp"
#include "pnn/platforms/mrr/tiled_bank.hpp"

namespace pnn::platforms::mrr {

namespace {

void check_bank(const BankPlan& plan, const BankPhysics& physics) {
  const std::string where = "bank " + plan.name + ": ";
  if (plan.out < 1 || plan.in < 1 || plan.chip_rows < 1 || plan.chip_cols < 1) {
    throw UsageError(where + "expected at least one output, input, chip row and chip column");
  }
  if (!(physics.current_min_ma < physics.current_max_ma) || physics.current_min_ma < 0) {
    throw UsageError(where + "expected a range of currents that starts at 0 mA or above and is not empty");
  }
  if (!(physics.fsr_nm > 0) || !(physics.channel_spacing_nm > 0)) {
    throw UsageError(where + "expected a positive free spectral range and channel spacing");
  }
  if (physics.crosstalk < 0 || physics.package_k_per_mw < 0 || physics.reach < 0 ||
      (physics.crosstalk > 0 && !(physics.crosstalk_length > 0))) {
    throw UsageError(where + "expected crosstalk, package heating and reach of 0 or more");
  }
  const double channels = channels_of_bus(physics.fsr_nm, physics.channel_spacing_nm);
  if (physics.response == Response::airy_bank && double(plan.chip_cols) > channels) {
    throw UsageError(where + "a bus carries at most floor(FSR/channel spacing) = " + format_number(channels) +
                     " channels, but the chip has " + std::to_string(plan.chip_cols) + " columns");
  }
}

}  // namespace

template <class Real>
std::unique_ptr<Bank<Real>> make_bank(const BankPlan& plan, const BankPhysics& physics,
                                      const RingParameters& rings) {
  check_bank(plan, physics);
  const bool thermal = physics.crosstalk > 0 || physics.package_k_per_mw > 0;
  std::unique_ptr<Bank<Real>> bank;
  if (thermal || physics.response == Response::airy_bank) {
    bank = std::make_unique<TiledBank<Real>>(plan, physics);
  } else {
    bank = std::make_unique<FlatBank<Real>>(plan, physics);
  }
  bank->set_rings(rings);
  return bank;
}

template std::unique_ptr<Bank<float>> make_bank(const BankPlan&, const BankPhysics&, const RingParameters&);
template std::unique_ptr<Bank<double>> make_bank(const BankPlan&, const BankPhysics&, const RingParameters&);

}  // namespace pnn::platforms::mrr
