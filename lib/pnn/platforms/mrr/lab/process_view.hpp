// What fitted rings tell about the process that made them.
#pragma once

#include "pnn/platforms/lab.hpp"

namespace pnn::platforms::mrr::lab {

/// Of the kinds airy and airy+crosstalk: δ, r and β, and with two temperatures or more η. A model has the
/// resistance of the process, and enters heater powers as η R alone: the spread of R is part of what it finds
/// of η, or without a fitted η of δ, r and β.
///
/// Of the kind spectrum: δ where lasers are known, else resonances about their columns; r, η, β, R where it
/// was measured (else η has its spread), and the means of a, FSR and κ.
///
/// Places are those that the names of the rings tell. Throws InputError for a ring whose name tells none, and
/// for one with a single coupler, which this process does not make.
study::ProcessView view_of_process(const ChipModel& chip);

}  // namespace pnn::platforms::mrr::lab
