#include "pnn/app/curve_import.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/table.hpp"
#include "pnn/model/import.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::app {
namespace {

std::vector<const study::PlatformLab*> importing_labs() {
  std::vector<const study::PlatformLab*> all;
  for (const study::PlatformLab* lab : study::labs())
    if (lab->imports()) all.push_back(lab);
  return all;
}

}  // namespace

ImportSettings::ImportSettings() : platform(importing_labs().front()->platform().word()) {}

void ImportSettings::describe(Options& o) {
  std::vector<std::string> words, elements, polarities;
  for (const study::PlatformLab* lab : importing_labs()) {
    words.push_back(lab->platform().word());
    elements.push_back(lab->platform().elements());
    for (const std::string& word : lab->polarities())
      if (std::find(polarities.begin(), polarities.end(), word) == polarities.end())
        polarities.push_back(word);
  }
  polarities.emplace_back("auto");
  o.group("Import");
  o.input("import", table,
          "table of measured curves: columns element, control (mA, or the unit of the platform's controls), "
          "response, and perhaps sigma, temperature (°C)");
  o.choice("platform", platform, words, "what was measured: curves of " + join(elements, ", or of "));
  o.choice("polarity", polarity, polarities,
           "detector of the imported curves, where their platform has several; auto looks where they start");
}

io::CurvesFile import_curves(const ImportSettings& settings, cli::Context& context) {
  const study::PlatformLab& lab = study::lab_of(*platform::find_platform(settings.platform));
  if (settings.polarity != "auto" && lab.polarities().empty())
    throw UsageError("--polarity: curves of " + lab.platform().elements() + " have none");
  const io::Table csv = io::read_table(settings.table);
  model::CurveTable table{csv.texts("element"), csv.numbers("control"), csv.numbers("response"), {}, {}};
  if (csv.has("sigma")) table.sigma = csv.numbers("sigma");
  if (csv.has("temperature")) table.temperature_c = csv.numbers("temperature");
  context.parent("import", "csv", csv.hash, {});
  io::CurvesFile file;
  file.curves = model::import_curves(table, lab.reference_temperature_c(file.process), settings.table);
  for (model::ChipCurves& chip : file.curves.chips)
    chip.control_unit = lab.control_unit(), chip.platform = settings.platform;
  lab.take_polarity(file.curves, settings.polarity, settings.table, file.process);
  return file;
}

}  // namespace pnn::app
