// Shows controls that are pixels as the pictures that set them.
#pragma once

#include <array>
#include <string>

#include "pnn/app/control_export.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/core/options.hpp"
#include "pnn/core/words.hpp"
#include "pnn/train/params.hpp"

namespace pnn::app {

/// How a level stands in a pixel of a PNG file.
enum class FrameFormat { grey8, grey10, rgb334 };
constexpr auto words_of(FrameFormat) {
  using enum FrameFormat;
  return std::to_array<Word<FrameFormat>>(
      {{grey8, "grey8", "8 bits, as grey"},
       {grey10, "grey10", "10 bits, as the numbers 0 to 1023 in grey of 16 bits"},
       {rgb334, "rgb334",
        "10 bits in 24 of a colour, as screens on a DVI line take them: the upper three bits are those of "
        "red, the next three those of green, the lower four those of blue, each the uppermost of its byte"}});
}

/// --frames and its like.
struct FrameSettings {
  std::string folder;  ///< where the pictures go; empty: none are made
  FrameFormat format = FrameFormat::grey8;
  std::string grey_table;  ///< path of a table: the phase or transmission of each level; empty: proportional
  std::string panel;       ///< "1920x1080"; empty: as large as the layer
  void describe(Options& options);
};

/// Makes the pictures of the layers of `params` that `exported` chooses, as export_controls takes their
/// controls (without a unit of its own), FOLDER/LAYER-NAME.png, and reports each. Phases are wrapped into the
/// range that the table was measured over, transmissions are shares of the way from its darkest to its
/// brightest level, and each becomes the nearest level; without a table, level g of 2^bits is the phase
/// 2πg/2^bits or the transmission g/(2^bits − 1). Pixels without a control are at transmission or phase 0.
/// Throws InputError for controls that cannot be reached, for a table that is not monotone or has levels that
/// the format does not have, and UsageError for layers without such pictures or a panel that is smaller than
/// one.
void export_frames(const train::Params& params, const std::string& path, const ExportSettings& exported,
                   const FrameSettings& settings, cli::Context& context);

}  // namespace pnn::app
