// The physics and the rings of a bank as a model describes them.
#pragma once

#include "pnn/platforms/contract.hpp"
#include "pnn/platforms/mrr/bank.hpp"

namespace pnn::platforms::mrr {

/// The physics that the model of a chip assumes for device `index` (only of airy+crosstalk it differs between
/// devices). A fitted gain contains the sign of the detector, so that the polarity is drop − thru for every
/// kind of model with a gain.
BankPhysics model_physics(const Process& process, const ChipModel& chip, std::size_t index);
/// The rings of a bank; they take the parameters of the model's elements in turn.
RingParameters model_rings(const Process& process, const ChipModel& chip, const BankPlan& plan,
                           std::size_t index);

}  // namespace pnn::platforms::mrr
