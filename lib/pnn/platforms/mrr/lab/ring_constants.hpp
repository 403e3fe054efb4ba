// From what a resonance shows to the couplings and the loss of its ring.
#pragma once

#include <optional>
#include <string>

namespace pnn::platforms::mrr::lab {

/// Field self-couplings of the input and the drop coupler, and single-pass amplitude.
struct RingConstants {
  double r1 = 0, r2 = 0, a = 1;
};

/// r1 r2 a of a ring with this width: with w = sin(π FWHM/(2 FSR)) the root of (1 − g)/(2 √g) = w.
double round_trip(double fwhm_nm, double fsr_nm);

/// The ring of which T0 = ((r2 a − r1)/(1 − g))² of the light is left on resonance and D0 = (1 − r1²)(1 −
/// r2²) a/(1 − g)² is dropped, with g = r1 r2 a. `over`: its input coupler takes more than the ring loses, r1
/// < r2 a; T0 does not tell which. Empty if no ring does so, with all of them in (0, 1) and a ≤ 1.
std::optional<RingConstants> ring_of(double g, double through, double drop, bool over);

/// The ring with one coupler, r2 = 1, of which T0 = ((a − r1)/(1 − g))² is left on resonance, g = r1 a.
RingConstants all_pass_ring(double g, double through, bool over);

/// The ring with two equal couplers of which T0 is left on resonance; it is always the less coupled one.
RingConstants symmetric_ring(double g, double through);

}  // namespace pnn::platforms::mrr::lab
