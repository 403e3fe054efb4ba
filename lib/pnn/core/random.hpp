// Random numbers that are addressed instead of drawn in sequence: each is a pure function of (seed, purpose,
// stream, device, step, index), so that threads, shards and resumption do not change it. Generator:
// Philox4x32-10 of Random123 (Salmon et al., SC 2011), counter {index, step, device, stream · 2^16 +
// purpose}, key = seed. Logarithm, sine and cosine are the project's own polynomials, so that the bits do not
// depend on the system's mathematical library. All functions below read the same counters, so use only one of
// them at any one address.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace pnn {

/// What a stream of random numbers is for. Every file's reproducibility depends on these values: append new
/// ones and never renumber.
enum class Purpose : std::uint16_t {
  fabrication = 1,        ///< ground truth of devices: one stream for each parameter (`stream` counts them)
  readout_noise = 2,      ///< noise on a device's outputs
  characterization = 3,   ///< noise on measured tuning curves
  controller_jitter = 4,  ///< temperature jitter of a thermo-electric controller
  free_walk = 5,          ///< temperature walk without a controller
  initial_controls = 6,
  initial_digital = 7,
  data_order = 8,
  data_split = 9,
  control_noise = 10,    ///< noise-aware training, perturbation sweeps
  ascent_start = 11,     ///< random start of a sharpness-aware ascent
  system_draw = 12,      ///< samples of system parameters (temperature, …) from their range
  process_draw = 13,     ///< a chip sampled from the process variation at every training step
  detuning_noise = 14,   ///< each element's own detuning or phase in perturbation sweeps
  test = 15,             ///< tests only
  probe_direction = 16,  ///< signs of a simultaneous perturbation
  latent = 17,           ///< latent vectors of a generator; `stream` 0 in training, 1 in evaluations
  validation_chip = 18,  ///< chips on which settings are chosen, addressed as those of fabrication
  search_point = 19,     ///< settings that a search tries; `stream` counts the options
  dropout = 20,       ///< what a training leaves out; `stream` is the layer, `device` the sample in its batch
  augmentation = 21,  ///< crops and flips of training pictures
};

/// The address of a stream of random numbers; an `index` then counts within it.
struct Stream {
  std::uint64_t seed = 1;
  Purpose purpose = Purpose::test;
  std::uint16_t stream = 0;  ///< distinguishes streams of one purpose: number of a parameter, a layer, …
  std::uint32_t device = 0;
  std::uint32_t step = 0;
};

/// Uniform in (0, 1), with 53 random bits.
double uniform(const Stream& stream, std::uint32_t index);
/// Standard normal, by the Box-Muller transform in double.
double normal(const Stream& stream, std::uint32_t index);
/// Uniform integer in [0, bound), bound > 0; its bias is below 2^-32.
std::uint32_t below(const Stream& stream, std::uint32_t index, std::uint32_t bound);
/// values[i] = a standard normal at index i, accurate to float: the fast way to fill whole layers. These are
/// other numbers than those of normal(). They do not depend on threads, vector width or the length of
/// `values`, and both overloads give the same numbers.
void fill_normal(const Stream& stream, std::span<float> values);
void fill_normal(const Stream& stream, std::span<double> values);
/// values[i] = a uniform number in (-1, 1) at index i, a multiple of 2^-24, with the guarantees of
/// fill_normal.
void fill_symmetric(const Stream& stream, std::span<float> values);
void fill_symmetric(const Stream& stream, std::span<double> values);
/// Fills `order` with a random permutation of 0…n-1 (Fisher-Yates), n = order.size().
void permutation(const Stream& stream, std::span<std::uint32_t> order);

namespace detail {
/// Philox4x32-10 of one counter and key, exposed for its known-answer test.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::uint64_t key);
}  // namespace detail

}  // namespace pnn
