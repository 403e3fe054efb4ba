// Spectra of rings whose couplings, loss and tuning are known, with noise and the envelope of couplers.
#include "pnn/platforms/mrr/lab/spectral_model.hpp"

#include <cmath>
#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/platforms/mrr/lab/ring_constants.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using namespace pnn::platforms::mrr::lab;
using Catch::Matchers::Contains;
using model::BusPort;
using model::Spectrum;
using std::numbers::pi;

namespace {

struct Ring {
  double r1, r2, a, resonance_nm, group_length_nm;
  double eta_nm_per_mw = 0.06;
  [[nodiscard]] double fsr_nm() const { return resonance_nm * resonance_nm / group_length_nm; }
  /// T_through and T_drop at a wavelength, of a resonance moved by `shift_nm`.
  [[nodiscard]] std::pair<double, double> ports(double wavelength_nm, double shift_nm) const {
    const double phase =
        2 * pi * group_length_nm * ((1 + shift_nm / resonance_nm) / wavelength_nm - 1 / resonance_nm);
    const double g = r1 * r2 * a, d = 1 - 2 * g * std::cos(phase) + g * g;
    return {(r2 * a * r2 * a - 2 * g * std::cos(phase) + r1 * r1) / d, (1 - r1 * r1) * (1 - r2 * r2) * a / d};
  }
};

/// Normal numbers of one address each.
double normal(std::uint32_t place) {
  const double u = (below({1, Purpose::test, 3, 0, place}, 0, 1U << 30) + 0.5) / double(1U << 30);
  const double v = (below({1, Purpose::test, 4, 0, place}, 0, 1U << 30) + 0.5) / double(1U << 30);
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * pi * v);
}

Spectrum swept(const std::vector<Ring>& rings, double power_mw, std::size_t heated, double noise_db,
               std::uint32_t number) {
  Spectrum s;
  s.bus = "bus";
  s.heater = "h" + std::to_string(heated);
  s.power_mw = power_mw;
  model::PortTrace through{BusPort::through, {}}, drop{BusPort::drop, {}};
  for (int k = 0; k < 1200; ++k) {
    const double wavelength = 1538 + 0.02 * k;
    double bus = 1, dropped = 0;
    for (std::size_t r = 0; r < rings.size(); ++r) {
      const auto [t, d] = rings[r].ports(wavelength, r == heated ? rings[r].eta_nm_per_mw * power_mw : 0);
      dropped += bus * d;
      bus *= t;
    }
    const double envelope = -9 - 0.01 * (wavelength - 1552) * (wavelength - 1552);
    s.wavelength_nm.push_back(wavelength);
    through.power.push_back(envelope + 10 * std::log10(bus) +
                            noise_db * normal(number + std::uint32_t(2 * k)));
    drop.power.push_back(envelope + 10 * std::log10(dropped) +
                         noise_db * normal(number + std::uint32_t(2 * k + 1)));
  }
  s.ports = {through, drop};
  return s;
}

}  // namespace

TEST_CASE("couplings and loss come back from the width, the depth and the drop of a resonance") {
  for (const auto& [r1, r2, a] :
       {std::tuple{0.96, 0.95, 0.999}, {0.94, 0.97, 0.995}, {0.955, 0.955, 0.998}}) {
    const double g = r1 * r2 * a;
    CHECK(round_trip(10 * 2 / pi * std::asin((1 - g) / 2 / std::sqrt(g)), 10) == Approx(g));
    const double t = std::pow((r2 * a - r1) / (1 - g), 2),
                 d = (1 - r1 * r1) * (1 - r2 * r2) * a / ((1 - g) * (1 - g));
    const auto ring = ring_of(g, t, d, r1 < r2 * a);
    REQUIRE(ring);
    CHECK(ring->r1 == Approx(r1));
    CHECK(ring->r2 == Approx(r2));
    CHECK(ring->a == Approx(a));
  }
  const double g = 0.96 * 0.96 * 0.99, t = std::pow(0.96 * 0.01 / (1 - g), 2);
  CHECK(symmetric_ring(g, t).r1 == Approx(0.96));
  CHECK(symmetric_ring(g, t).a == Approx(0.99));
  CHECK_FALSE(ring_of(0.9, 0.01, 1.5, false));  // more light than there is
}

TEST_CASE("each parameter of noisy spectra is within three of its standard errors for 95 % of rings") {
  const platforms::mrr::Process process;
  int within = 0, all = 0;
  for (std::uint32_t n = 0; n < 40; ++n) {
    const Ring ring{
        0.955 + 0.004 * normal(7000 + n), 0.945 + 0.004 * normal(8000 + n), 0.997, 1549.5 + 0.02 * n,
        240e3 + 400 * normal(9000 + n),   0.06 + 0.001 * normal(9500 + n)};
    std::vector<Spectrum> sweeps;
    for (int step = 0; step < 4; ++step)
      sweeps.push_back(swept({ring}, 6.0 * step, 0, 0.05, 100000 * (n + 1) + 10000 * std::uint32_t(step)));
    for (Spectrum& s : sweeps) s.heater.clear();
    const SpectralChip chip = find_rings(sweeps, process, "test");
    REQUIRE(chip.rings.size() == 1);
    const SpectralRing& found = chip.rings.front();
    const double g = ring.r1 * ring.r2 * ring.a;
    const double fwhm = 2 * ring.fsr_nm() / pi * std::asin((1 - g) / 2 / std::sqrt(g));
    const auto count = [&](const Measured& is, double truth) {
      ++all;
      within += std::abs(is.value - truth) < 3 * is.sigma ? 1 : 0;
    };
    count(found.resonance.wavelength_nm, ring.resonance_nm);
    count(found.resonance.fwhm_nm, fwhm);
    count(*found.resonance.through, std::pow((ring.r2 * ring.a - ring.r1) / (1 - g), 2));
    count(*found.resonance.drop,
          (1 - ring.r1 * ring.r1) * (1 - ring.r2 * ring.r2) * ring.a / ((1 - g) * (1 - g)));
    count(found.eta_nm_per_mw, ring.eta_nm_per_mw);
    CHECK(found.fsr_nm.value == Approx(ring.fsr_nm()).epsilon(1e-4));
    CHECK_FALSE(found.eta_assumed);
    CHECK_FALSE(found.resonance.split);
  }
  INFO(within << " of " << all);
  CHECK(within >= 0.95 * all);
}

TEST_CASE("several rings on one bus are told apart, and the shift of a neighbour by a heater is crosstalk") {
  const platforms::mrr::Process process;
  std::vector<Ring> rings;
  for (int k = 0; k < 3; ++k) rings.push_back({0.955, 0.955, 0.998, 1547.3 + 2.6 * k, 240e3});
  std::vector<Spectrum> sweeps = {swept(rings, 0, 0, 0.01, 1)};
  for (std::size_t heater = 0; heater < 3; ++heater)
    for (const double power : {4.0, 8.0}) sweeps.push_back(swept(rings, power, heater, 0.01, 5000));
  const SpectralChip chip = find_rings(sweeps, process, "test");
  REQUIRE(chip.rings.size() == 3);
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(chip.rings[k].name == "bus col " + std::to_string(k));
    const double off =
        (chip.rings[k].resonance.wavelength_nm.value - rings[k].resonance_nm) / rings[k].fsr_nm();
    CHECK(std::abs(off - std::round(off)) < 0.01);
    CHECK(chip.rings[k].eta_nm_per_mw.value == Approx(0.06).epsilon(0.01));
  }
  CHECK(chip.crosstalk.size() == 6);
  for (const SpectralCrosstalk& one : chip.crosstalk) CHECK(std::abs(one.share.value) < 0.01);
}

TEST_CASE("a balanced detector gives the same ring, and a sweep without resonances is refused") {
  const platforms::mrr::Process process;
  const Ring ring{0.95, 0.95, 0.998, 1550, 240e3};
  Spectrum s = swept({ring}, 0, 0, 0, 1);
  s.decibel = false;
  std::vector<double> difference;
  for (const double wavelength : s.wavelength_nm) {
    const auto [t, d] = ring.ports(wavelength, 0);
    difference.push_back(0.3 * (t - d));
  }
  s.ports = {{BusPort::through_drop, difference}};
  const SpectralChip chip = find_rings({s}, process, "test");
  REQUIRE(chip.rings.size() == 1);
  CHECK(chip.rings[0].resonance.wavelength_nm.value == Approx(1550).epsilon(1e-6));
  const auto [t, d] = ring.ports(1550, 0);
  CHECK(chip.rings[0].resonance.difference->value == Approx(1 - t + d).epsilon(1e-3));
  for (double& value : s.ports[0].power) value = 0.3;
  CHECK_THAT(test::message_of<InputError>([&] { static_cast<void>(find_rings({s}, process, "test")); }),
             Contains("no resonance in its sweep"));
}

TEST_CASE("the model of a spectrum has the weights of the ring that was swept") {
  platforms::mrr::Process process;
  const Ring ring{0.95, 0.962, 0.996, 1550, 240e3};
  const SpectralChip chip = find_rings({swept({ring}, 0, 0, 1e-4, 1)}, process, "test");
  const platform::ChipModel model = spectral_model(chip, process);
  const auto parameter = [&](const char* name) {
    const auto at = std::find(model.parameters.begin(), model.parameters.end(), name);
    return model.values.data[std::size_t(at - model.parameters.begin())];
  };
  CHECK(process.fsr_nm == Approx(ring.fsr_nm()).epsilon(1e-4));
  for (const double detuning : {0.0, 0.1, 0.4, 2.0}) {
    const auto [t, d] = ring.ports(1550 + detuning, 0);
    const double r = parameter("r"), a = parameter("a"), g = r * r * a;
    const double c = std::cos(2 * pi * detuning / process.fsr_nm), denominator = 1 - 2 * g * c + g * g;
    const double drop = (1 - r * r) * (1 - r * r) * a / denominator;
    const double thru = (r * a * r * a - 2 * g * c + r * r) / denominator;
    CHECK(parameter("gain") * (drop - thru) + parameter("offset") == Approx(d - t).margin(2e-3));
  }
  CHECK(std::find(model.assumed.begin(), model.assumed.end(), "mrr.eta (nm/mW)") != model.assumed.end());
}

TEST_CASE("a ring with one coupler comes back from depth and width, and its weight is the light it leaves") {
  platforms::mrr::Process process;
  for (const auto& [r, a] : {std::pair(0.95, 0.97), std::pair(0.97, 0.94)}) {  // over and under coupled
    const Ring ring{r, 1, a, 1550, 240e3};
    std::vector<Spectrum> sweeps;
    for (const double power : {0.0, 4.0, 8.0}) {
      sweeps.push_back(swept({ring}, power, 0, 0.02, std::uint32_t(2e5 + 1e4 * power)));
      sweeps.back().ports.pop_back();  // its drop port has no light
      sweeps.back().heater.clear();
    }
    const SpectralChip found = find_rings(sweeps, process, "test");
    REQUIRE(found.rings.size() == 1);
    const platform::ChipModel chip = spectral_model(found, process, 60, true);
    const auto value = [&](const std::string& name, const Array<double>& of) {
      const std::size_t count = chip.parameters.size();
      for (std::size_t k = 0; k < count; ++k)
        if (chip.parameters[k] == name) return of.data.size() == count ? of.data[k] : of.data[k * count + k];
      throw std::invalid_argument(name);
    };
    CHECK(value("r2", chip.values) == 1);
    // the depth does not tell which of both is the coupler
    CHECK(value("r1", chip.values) == Approx(std::max(r, a)).margin(1e-3));
    CHECK(value("a", chip.values) == Approx(std::min(r, a)).margin(1e-3));
    CHECK_THAT(chip.remarks.at(0), Contains("under-coupled (r1") && Contains("over-coupled (r1"));
    for (const std::string& one : chip.assumed) CHECK_THAT(one, !Contains("r1 and r2"));
    // W = gain (T_drop - T_through) + offset of the model's own ring is the light at the through port
    const auto slopes = [&](double detuning) {
      const double g = value("r", chip.values) * value("r", chip.values) * value("a", chip.values),
                   rr = value("r", chip.values), aa = value("a", chip.values),
                   c = std::cos(2 * pi * detuning / process.fsr_nm), d = 1 - 2 * g * c + g * g;
      const double drop = (1 - rr * rr) * (1 - rr * rr) * aa / d,
                   thru = (rr * rr * aa * aa - 2 * g * c + rr * rr) / d;
      return value("gain", chip.values) * (drop - thru) + value("offset", chip.values);
    };
    for (const double detuning : {0.0, 0.05, 0.2, 1.0})
      CHECK(slopes(detuning) == Approx(-ring.ports(1550 + detuning, 0).first).margin(0.01));
    // the group index is that of the group length
    const double index = value("group_index", chip.values),
                 sigma = std::sqrt(value("group_index", chip.covariance));
    CHECK(index == Approx(240.0 / 60).epsilon(1e-3));
    CHECK(sigma / index == Approx(std::sqrt(value("group_length_um", chip.covariance)) /
                                  value("group_length_um", chip.values)));
    CHECK(sigma > 0);
  }
}

TEST_CASE("the growth of a resistance is told by stated currents alone, and powers at voltages have it") {
  const platforms::mrr::Process process;
  const Ring ring{0.955, 0.945, 0.997, 1550, 240e3};
  for (const std::string stated : {"voltage", "power", "current"}) {
    INFO(stated);
    std::vector<Spectrum> sweeps;
    for (const double current : {0.0, 2.0, 3.0, 4.0, 5.0}) {
      const double power =
          platforms::mrr::heater_power_mw(current, process.resistance_ohm, process.beta_per_ma2);
      Spectrum s = swept({ring}, power, 0, 0.01, std::uint32_t(3e5 + 1e4 * current));
      s.heater.clear();
      if (stated != "power") s.power_mw = Spectrum::unknown;
      if (stated == "voltage") s.voltage_v = current > 0 ? power / current : 0;
      if (stated == "current") s.current_ma = current;
      sweeps.push_back(std::move(s));
    }
    const SpectralRing found = find_rings(sweeps, process, "test").rings.at(0);
    CHECK(found.beta_assumed == (stated != "current"));
    CHECK(found.beta_per_ma2 == Approx(process.beta_per_ma2).epsilon(found.beta_assumed ? 1e-12 : 0.05));
    CHECK(found.eta_nm_per_mw.value == Approx(ring.eta_nm_per_mw).epsilon(2e-3));
    CHECK(found.most_ma == Approx(5).epsilon(1e-6));
  }
}
