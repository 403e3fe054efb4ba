// Fits a model to spectra, and puts its elements onto those of a network.
#pragma once

#include <string>
#include <vector>

#include "pnn/model/model.hpp"
#include "pnn/model/spectra.hpp"
#include "pnn/study/placement.hpp"

namespace pnn::study {

/// The model that the laboratory of `kind` fits (lab.hpp). With plans its elements go to those of the network
/// by their names, as imported curves do (placement.hpp), and elements without a spectrum take what
/// `settings` say. `notes` gets what is to be told. Throws UsageError if the kind is not one of spectra, or
/// the process that the fit found is impossible, and InputError as fits and placements do.
model::Model fit_spectra(const std::vector<model::Spectrum>& spectra, const std::string& kind,
                         const platform::Process& process, std::vector<platform::AnyPlan> plans,
                         const PlacementSettings& settings, const ElementMap& map, const std::string& where,
                         std::vector<std::string>& notes);

}  // namespace pnn::study
