// Converts between what laboratories state of a heater: its current, voltage or power.
#pragma once

#include <optional>

#include "pnn/core/unit.hpp"

namespace pnn::study {

/// The current in mA of a heater of a fixed resistance, given a current (A), a voltage (V) or a power (W): I,
/// V/R or √(P/R). The rise of the resistance with heat is left out. Nothing for a negative power and for
/// other dimensions.
std::optional<double> heater_current_ma(Dimension dimension, double value, double resistance_ohm);

/// The reverse: the current (A), voltage (V) or power (W) of a heater at a current ≥ 0 in mA. Nothing for
/// other dimensions.
std::optional<double> heater_quantity(Dimension dimension, double current_ma, double resistance_ohm);

}  // namespace pnn::study
