// Fits a model to spectra, and puts its elements onto those of a network.
#pragma once

#include <string>
#include <vector>

#include "pnn/model/model.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::study {

/// The model that the laboratory of the settings' kind fits (lab.hpp). With plans its elements go to those of
/// the network by their names, as imported curves do (placement.hpp), and elements without a spectrum take
/// what the settings say. `notes` gets what is to be told. Throws UsageError if the kind is not one of
/// spectra, or the process that the fit found is impossible, and InputError as fits and placements do.
model::Model fit_spectra(const SpectraInput& input, const platform::Process& process,
                         std::vector<platform::AnyPlan> plans, const ElementMap& map,
                         std::vector<std::string>& notes);

}  // namespace pnn::study
