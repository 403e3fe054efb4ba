// One physical layer on whichever platform it runs: what enters and leaves it, how many controls it has, and
// which chip carries it.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "pnn/platform/bank_plan.hpp"
#include "pnn/platform/d2nn_plan.hpp"
#include "pnn/platform/detection.hpp"
#include "pnn/platform/freespace_plan.hpp"
#include "pnn/platform/mesh_plan.hpp"
#include "pnn/platform/system.hpp"

namespace pnn::platform {

/// A mesh with the detectors behind it.
struct MeshLayer {
  MeshPlan mesh;
  Detection detection = Detection::intensity;
  bool field_input = false;  ///< signals enter as amplitudes [re | im], else as real amplitudes
  bool operator==(const MeshLayer&) const = default;
};

struct LayerPlan {
  std::variant<BankPlan, MeshLayer, FreespacePlan, D2nnPlan> on;

  LayerPlan(BankPlan bank) : on(std::move(bank)) {}   // NOLINT(google-explicit-constructor): is one of these
  LayerPlan(MeshLayer mesh) : on(std::move(mesh)) {}  // NOLINT(google-explicit-constructor)
  LayerPlan(FreespacePlan plan) : on(std::move(plan)) {}  // NOLINT(google-explicit-constructor)
  LayerPlan(D2nnPlan plan) : on(std::move(plan)) {}       // NOLINT(google-explicit-constructor)
  [[nodiscard]] const BankPlan* bank() const { return std::get_if<BankPlan>(&on); }
  [[nodiscard]] const MeshLayer* mesh() const { return std::get_if<MeshLayer>(&on); }
  [[nodiscard]] const FreespacePlan* freespace() const { return std::get_if<FreespacePlan>(&on); }
  [[nodiscard]] const D2nnPlan* d2nn() const { return std::get_if<D2nnPlan>(&on); }

  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] Index inputs() const;    ///< real numbers of a signal that enters
  [[nodiscard]] Index outputs() const;   ///< real numbers that leave its detectors
  [[nodiscard]] Index controls() const;  ///< control parameters
  /// Layers with equal keys share one chip.
  [[nodiscard]] std::string chip_key() const;
  /// Whether controls are angles, equal after a turn.
  [[nodiscard]] bool periodic() const;
  /// How controls stand in a file: [out, in] where every weight has one, [polarity, out, site] in free space,
  /// [mask, row, column] on masks, else [control].
  [[nodiscard]] std::vector<std::size_t> control_shape() const;
  [[nodiscard]] std::vector<std::string> control_axes() const;  ///< their names
  /// How weights stand in a file: [out, in], [2, out, in] for real and imaginary part, or [mask, 2 · pixels +
  /// 1] (d2nn_masks.hpp).
  [[nodiscard]] std::vector<std::size_t> weight_shape() const;
  [[nodiscard]] std::vector<std::string> weight_axes() const;  ///< their names
  /// Outputs × inputs, amplitudes counted where light is a field.
  [[nodiscard]] std::pair<Index, Index> size() const;
  /// "mA", "rad" or "1", and what a control is.
  [[nodiscard]] const char* control_unit() const;
  [[nodiscard]] const char* control_description() const;
  bool operator==(const LayerPlan&) const = default;
};

/// Number of each plan's chip among the distinct chips, in order of first use: addresses draws that layers on
/// one chip share.
std::vector<std::uint16_t> chip_numbers(const std::vector<LayerPlan>& plans);

/// Whether a system parameter acts on a layer's platform.
bool acts_on(const SystemParameter& parameter, const LayerPlan& plan);
/// Throws UsageError, as of `option`, where a system parameter acts on none of the layers.
void check_system_parameter(const SystemParameter& parameter, const std::vector<LayerPlan>& plans,
                            const std::string& option);

/// What of `system` a layer cannot follow: a shift that takes the whole picture off its plane, masks moved
/// farther than the light goes. Empty when fine, and where the parameter acts on no such layer.
std::vector<std::string> complaints_about(const System& system, const LayerPlan& plan);

std::vector<std::string> layer_names(const std::vector<LayerPlan>& plans);

/// Which of `names` a comma list holds (--only-layers); an empty list holds all. Throws UsageError naming the
/// nearest one for a name that is not there.
std::vector<bool> select_layers(const std::vector<std::string>& names, const std::string& list);

}  // namespace pnn::platform
