// A sequence of digital layers with their numbers, as other software trains it.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/network/spec.hpp"

namespace pnn::network {

/// An array with a name, as "conv1.weight".
struct NamedValues {
  std::string name;
  Array<float> values;
};

/// A digital layer with its numbers.
struct DigitalLayer {
  std::string text;    ///< as a user writes it: "conv:out=6,kernel=5,pad=2"
  std::string origin;  ///< what it was there, for people: "node Conv_0"
  /// Its segments (network.hpp) without the name of the layer: weight [out, in] and bias [out], or scale,
  /// shift, mean and variance [channel]. Other axes than those of the segment are taken as one.
  std::vector<NamedValues> values = {};
};

/// A factor and an offset for each channel: x → factor x + offset.
struct Affine {
  std::vector<double> factor, offset;
};

/// A network of digital layers alone.
struct DigitalNetwork {
  std::string inputs;  ///< "1x28x28"
  std::vector<DigitalLayer> layers;
  std::vector<std::string> notes = {};  ///< sentences: what was left out or taken for something
  [[nodiscard]] NetworkSpec spec() const;
};

/// What each layer of a digital network was resolved to; null for a save, which is none.
std::vector<const Layer*> layers_of(const NetworkSpec& digital, const Resolved& resolved);

/// The layer that normalises channels whose statistics are known: y = (x − mean)/sqrt(variance + epsilon)
/// scale + shift, with running statistics. `epsilon` may differ from that of a batchnorm layer
/// (batchnorm.hpp).
DigitalLayer batchnorm_layer(const Affine& behind, std::vector<double> mean, std::vector<double> variance,
                             double epsilon, std::string origin);

/// All numbers by the names of their segments ("conv1/weight"), trained ones first, in the order of the
/// layout. Throws InputError, naming `where`, the layers and what they were, for sizes that do not fit, and
/// UsageError as resolve() does.
std::vector<NamedValues> segments_of(const DigitalNetwork& network, const std::string& where);

/// Puts x → factor x + offset in front of the network, for one channel or each: into the weights of the first
/// layer where that gives the same, otherwise as a batchnorm whose statistics are those of the normalisation
/// (the border that a convolution adds is 0 behind it). Says in `notes` which. Throws InputError, naming
/// `where`, if the inputs have another number of channels.
void put_in_front(DigitalNetwork& network, const Affine& normalisation, const std::string& where);

/// "0.1307:0.3081" or, one for each channel, "0.49:0.25,0.48:0.24,0.45:0.26": (x − mean)/deviation. Throws
/// UsageError, naming `option`.
Affine parse_normalisation(const std::string& text, const std::string& option);

}  // namespace pnn::network
