// The contract of a platform: what a kind of photonic hardware must provide so that every tool works on it.
//
// A platform is a folder of lib/pnn/platforms. It implements four classes: Platform describes the kind of
// hardware (its words, the quantities of its process, how a layer is planned), LayerPlan (layer_plan.hpp) one
// layer on it, TransferMap (transfer_map.hpp) its physics, and study::PlatformLab (study/lab.hpp) its
// measurements and fits. One line in platforms/registry.cpp makes the platform known, and
// tests/platforms/contract.cpp checks it against the contract. lib/README.md, "Adding a platform", tells the
// steps.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/layer_text.hpp"
#include "pnn/platform/process.hpp"
#include "pnn/platform/quantity.hpp"
#include "pnn/platform/response.hpp"
#include "pnn/platform/shape.hpp"
#include "pnn/platform/system.hpp"
#include "pnn/platform/truth.hpp"

namespace pnn::platform {

/// What a layer is planned from.
struct LayerRequest {
  std::string name;       ///< name of the layer: its word and a number
  Shape in;               ///< shape of its input
  const LayerText& text;  ///< the text of the user
  const Process& process;
};

/// How robust trainings (on sampled chips, with momentum-SAM) move the controls of a platform best, in units
/// of their range.
struct RobustSettings {
  double rate = 5e-3;  ///< Adam's learning rate, constant, with a running mean of the parameters
  double annealed_rate =
      8e-3;              ///< the same where it falls to 0 as a cosine (networks with batch normalisation)
  double radius = 1e-3;  ///< rms of the look-ahead; 0: it gains nothing over the sampled chips alone
  /// Whether annealing is better than the mean in networks without batch normalisation too.
  bool anneals = false;
};

/// A kind of photonic hardware.
class Platform {
 public:
  virtual ~Platform() = default;

  /// The word that its layers, quantities and files are named with; also the name of its folder.
  [[nodiscard]] virtual std::string word() const = 0;
  /// What the elements of its chips are called, in the plural, for messages and help texts.
  [[nodiscard]] virtual std::string elements() const = 0;
  /// The quantities of its fabrication process, in a fixed order. Each name begins with the word and a point.
  [[nodiscard]] virtual std::vector<Quantity> quantities() const = 0;
  [[nodiscard]] virtual std::vector<QuantityAlias> aliases() const { return {}; }
  /// All complaints about its values in `process`; empty when fine.
  [[nodiscard]] virtual std::vector<std::string> complaints_about(const Process& process) const = 0;

  /// The keys of its layer text; a bare value belongs to the first. With the key `keep` the network uses only
  /// the first outputs.
  [[nodiscard]] virtual std::vector<std::string> keys() const = 0;
  /// How a layer is written, for the help: "WORD:out=N[,chip=RxC]".
  [[nodiscard]] virtual std::string usage() const = 0;
  /// Small layers for `inputs` numbers, as a user writes them: one for each kind of layer that differs in its
  /// physics. Tests run them, and messages show the first one, which should be the simplest.
  [[nodiscard]] virtual std::vector<std::string> examples(Index inputs) const = 0;
  /// Whether a convolution can run on it, patch by patch. If so, "WORD-conv" is a layer too.
  [[nodiscard]] virtual bool convolves() const { return false; }
  /// The keys, as "out=16", of a layer that multiplies signals of numbers by a given matrix [out, in], up to
  /// a factor (LayerPlan::start_from sets its controls); empty if this hardware has no such layer.
  [[nodiscard]] virtual std::string matrix_keys(Index /*out*/, Index /*in*/) const { return {}; }
  /// Whether its input may be a field.
  [[nodiscard]] virtual bool takes_field() const { return false; }
  /// Plans a layer. Throws UsageError, beginning with the text's `where`, if no such layer is possible.
  [[nodiscard]] virtual AnyPlan plan(const LayerRequest& request) const = 0;

  /// Whether two controls of an element give the same weight, on the two flanks of a resonance, so that a
  /// start chooses one of them (StartSettings::flank).
  [[nodiscard]] virtual bool has_flanks() const { return false; }

  /// Found on validation chips (scripts/reproduce).
  [[nodiscard]] virtual RobustSettings robust() const { return {}; }

  /// System parameters of this platform alone. The registry sets their `own`.
  [[nodiscard]] virtual std::vector<SystemParameter> own_system_parameters() const { return {}; }
  /// The offset that conditions can add to the response of its elements; null if there is none.
  [[nodiscard]] virtual const ResponseOffset* response() const { return nullptr; }
  /// The kinds of hidden values of its chips, in a fixed order. Names are unique among all platforms.
  [[nodiscard]] virtual const std::vector<TruthField>& truth_fields() const = 0;
};

/// A platform whose process values are a struct P with P::quantities().
template <PlatformProcess P>
class PlatformOf : public Platform {
 public:
  [[nodiscard]] std::vector<Quantity> quantities() const final {
    require(P::quantities().size() * sizeof(double) == sizeof(P), "every number of a process has a name");
    return quantities_of<P>();
  }
  [[nodiscard]] std::vector<std::string> complaints_about(const Process& process) const final {
    const P own = process.as<P>();
    std::vector<std::string> wrong = platform::complaints_about(P::quantities(), own);
    for (std::string& more : conflicts(own)) wrong.push_back(std::move(more));
    return wrong;
  }

 protected:
  /// All complaints about values that contradict each other, each being in its range; empty when fine.
  [[nodiscard]] virtual std::vector<std::string> conflicts(const P&) const { return {}; }
};

/// All platforms, in a fixed order. Defined in platforms/registry.cpp.
const std::vector<const Platform*>& registry();

/// The platform with this word; null if there is none.
const Platform* find_platform(std::string_view word);

/// The kinds of hidden values of all platforms.
std::vector<TruthField> all_truth_fields();

/// The response offsets of all platforms, each once, in the order of the registry.
std::vector<const ResponseOffset*> response_offsets();

}  // namespace pnn::platform
