// Random numbers that are addressed, not consumed: each is a pure function of (seed, purpose,
// device, step, index), so threads, shards and resumption change nothing.
// Generator: Philox4x32-10 of Random123 (Salmon et al., SC 2011), counter {index, step, device,
// stream · 2^16 + purpose}, key = seed. Logarithm, sine and cosine are our own polynomials, so the bits do
// not depend on the mathematical library of the system either.
// The functions below read the same counters: draw from one address with one function only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace pnn {

/// What a stream of random numbers is for. The numbers are part of every file's reproducibility:
/// append new ones, never renumber.
enum class Purpose : std::uint16_t {
  fabrication = 1,        ///< device truth: one stream a parameter (`stream` counts them)
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
  system_draw = 12,      ///< draws of system parameters (temperature, …) in their box
  process_draw = 13,     ///< a chip drawn from the process at every training step
  detuning_noise = 14,   ///< individual detuning in perturbation sweeps
  test = 15,             ///< tests only
  probe_direction = 16,  ///< signs of a simultaneous perturbation
  latent = 17,           ///< latent vectors of a generator; `stream` 0 in training, 1 in evaluations
};

/// The address of a stream; `index` then counts within it.
struct Stream {
  std::uint64_t seed = 1;
  Purpose purpose = Purpose::test;
  std::uint16_t stream = 0;  ///< parameter, layer, … : tells streams of one purpose apart
  std::uint32_t device = 0;
  std::uint32_t step = 0;
};

/// Uniform in (0, 1), 53-bit.
double uniform(const Stream& stream, std::uint32_t index);
/// Standard normal (Box-Muller in double).
double normal(const Stream& stream, std::uint32_t index);
/// Uniform integer in [0, bound), bound > 0, unbiased to 2^-32.
std::uint32_t below(const Stream& stream, std::uint32_t index, std::uint32_t bound);
/// values[i] = the standard normal at index i, in float accuracy: the fast path for whole layers.
/// Not the same numbers as normal(); equal for every thread count and vector width, and for any length of
/// `values`. The double form holds the same numbers as the float one.
void fill_normal(const Stream& stream, std::span<float> values);
void fill_normal(const Stream& stream, std::span<double> values);
/// values[i] = a uniform number in (-1, 1) at index i, a multiple of 2^-24; otherwise as fill_normal.
void fill_symmetric(const Stream& stream, std::span<float> values);
void fill_symmetric(const Stream& stream, std::span<double> values);
/// order[i] = a permutation of 0…n-1 (Fisher-Yates).
void permutation(const Stream& stream, std::span<std::uint32_t> order);

namespace detail {
/// Philox4x32-10 of one counter and key, for the known-answer test.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::uint64_t key);
}  // namespace detail

}  // namespace pnn
