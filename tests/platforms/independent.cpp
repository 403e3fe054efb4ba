// Values that other people's simulators give, to the last digits that they print.
//
// Rings and meshes: photontorch 0.4.1 (F. Laporte, J. Dambre, P. Bienstman, Scientific Reports 9, 5918,
// 2019), which solves the scattering matrix of a whole circuit and knows no formula of a ring or a mesh. A
// ring is two of its DirectionalCoupler (power coupling 1 − r²) and two Waveguide of half the phase and loss;
// an interferometer is Waveguide φ, DirectionalCoupler sin²(π/4 + β1), Waveguide θ, DirectionalCoupler
// sin²(π/4 + β2). Frequency domain, double precision. Phase masks: torchoptics 1.0.2 (M. J. Filipovich, A. I.
// Lvovsky, arXiv:2411.18591), its angular-spectrum method ("ASM") in complex double with 8 pixels of padding
// on each side. Both with PyTorch 1.13.1.
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "pnn/platforms/d2nn/propagation.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/mzi/cases.hpp"

using namespace pnn;

TEST_CASE("rings pass and drop what photontorch's circuit of couplers and waveguides does") {
  struct Value {
    double r1, r2, a, turns;  // a round trip's phase in turns
    double thru, drop;
  };
  const Value values[] = {
      {0.955, 0.955, 0.998, 0, 0.00045240068107247825, 0.9578678744527893},
      {0.955, 0.955, 0.998, 0.002, 0.017956451276468076, 0.9410937180748936},
      {0.955, 0.955, 0.998, 0.005, 0.10063531395673272, 0.8618624473363286},
      {0.955, 0.955, 0.998, 0.01, 0.30849264471357146, 0.6626724740552707},
      {0.955, 0.955, 0.998, 0.03, 0.8000351561496102, 0.19162659194496387},
      {0.955, 0.955, 0.998, 0.1, 0.9773417249709693, 0.021713456923524985},
      {0.955, 0.955, 0.998, 0.5, 0.9977910349151493, 0.0021168543569190443},
      {0.9, 0.97, 0.95, 0, 0.01587319438121499, 0.36631280631981417},
      {0.9, 0.97, 0.95, 0.005, 0.04277631902542895, 0.3562988944632042},
      {0.9, 0.97, 0.95, 0.03, 0.5101126766710273, 0.18234642036429916},
      {0.9, 0.97, 0.95, 0.5, 0.991436130572088, 0.003187653283280305},
      {0.99, 0.99, 1, 0.002, 0.281000381382738, 0.71899961861726},
      {0.99, 0.99, 1, 0.01, 0.9071274795466778, 0.09287252045332063},
      {0.99, 0.99, 1, 0.1, 0.9989432995744529, 0.0010567004255469747},
  };
  const double fsr_nm = 10;
  for (const Value& v : values) {
    INFO("r " << v.r1 << " " << v.r2 << ", a " << v.a << ", " << v.turns << " turns");
    const auto t = platforms::mrr::ring_transmission(v.turns * fsr_nm, fsr_nm, v.r1, v.r2, v.a);
    // photontorch solves a linear system whose condition is the finesse, below 160 here: 160 · 2^-53 times a
    // few
    CHECK(std::abs(t.thru - v.thru) < 1e-11);
    CHECK(std::abs(t.drop - v.drop) < 1e-11);
  }
}

TEST_CASE("a bank of rings weighs as photontorch's rings do, drop minus through") {
  // the bank's own fast formulas, from currents: δ − η P = 0.05 nm (0.005 turns) and 0.3 nm (0.03 turns)
  platforms::mrr::Process process;
  process.r = 0.955;
  process.a = 0.998;
  process.fsr_nm = 10;
  platforms::mrr::BankPlan plan;
  plan.name = "mrr1";
  plan.out = 1;
  plan.in = 2;
  const auto bank =
      platforms::mrr::make_bank<double>(plan, platforms::mrr::ideal_physics(process),
                                        platforms::mrr::nominal_rings(process, plan.rings(), true));
  const auto current_at = [&](double detuning_nm) {
    return std::sqrt((process.delta_nm - detuning_nm) / process.eta_nm_per_mw /
                     (1e-3 * process.resistance_ohm));
  };
  const std::vector<double> currents{current_at(0.05), current_at(0.3)}, none(2, 0.0);
  Matrix<double> weights(1, 2);
  bank->evaluate({currents, none, 0.0}, view(weights));
  CHECK(std::abs(weights(0, 0) - (0.8618624473363286 - 0.10063531395673272)) < 1e-9);
  CHECK(std::abs(weights(0, 1) - (0.19162659194496387 - 0.8000351561496102)) < 1e-9);
}

TEST_CASE(
    "a mesh with imperfect splitters divides light as photontorch's circuit of couplers and waveguides "
    "does") {
  test::MeshCase c{"", test::square_mesh(4), {}, platforms::mzi::no_errors(test::square_mesh(4))};
  c.errors.beta1 = {0.05, -0.1, 0.02, 0.15, -0.07, 0.0};
  c.errors.beta2 = {-0.03, 0.08, 0.11, -0.12, 0.06, 0.09};
  const std::vector<double> controls{0.3, 1.1, 2.0, 2.9, 4.2, 5.5,  // θ
                                     0.7, 3.3, 1.9, 5.1, 0.2, 4.4,  // φ
                                     0.5, 1.5, 2.5, 3.5};           // ψ
  const double power[4][4] = {
      // [output][input that is lit]
      {0.1417805975582354, 0.8334475657651439, 0.0065579985325903, 0.0182138381440306},
      {0.0178799833863849, 0.0088924498925104, 0.1083408193045738, 0.8648867474165306},
      {0.763837830661718, 0.1558926604047548, 0.0696488265768478, 0.0106206823566786},
      {0.076501588393661, 0.001767323937591, 0.815452355585988, 0.10627873208276}};
  const test::ComplexMatrix u = test::evaluate<double>(c, controls, std::vector<double>(16, 0.0), 0);
  for (Index out = 0; out < 4; ++out)
    for (Index in = 0; in < 4; ++in) {
      INFO("from mode " << in << " to mode " << out);
      CHECK(std::abs(std::norm(u(out, in)) - power[out][in]) < 1e-14);
    }
}

TEST_CASE("light passes phase masks and the space between them as in torchoptics") {
  using Complex = std::complex<double>;
  constexpr Index n = 16;
  platforms::d2nn::Plane plane;
  plane.width = plane.height = n;
  plane.pixel_um = 2;
  plane.wavelength_nm = 532;
  const auto propagate = [&](const std::vector<double>& from, double distance_mm) {
    platforms::d2nn::AngularSpectrum<double>::Scratch scratch(plane);
    std::vector<double> to(from.size());
    platforms::d2nn::AngularSpectrum<double>(plane, distance_mm).forward(from, to, scratch);
    return to;
  };
  const auto at = [](const std::vector<double>& u, Index y, Index x) {
    return Complex(u[std::size_t(y * n + x)], u[std::size_t(n * n + y * n + x)]);
  };
  const auto pass_mask = [&](std::vector<double> u, double k) {
    for (Index y = 0; y < n; ++y)
      for (Index x = 0; x < n; ++x) {
        const double phase =
            1.3 * std::sin(0.9 * double(x) + k) + 0.7 * std::cos(1.7 * double(y) + 0.3 * double(x) - k);
        const Complex v = at(u, y, x) * std::polar(1.0, phase);
        u[std::size_t(y * n + x)] = v.real();
        u[std::size_t(n * n + y * n + x)] = v.imag();
      }
    return u;
  };
  std::vector<double> entry(std::size_t(2 * n * n), 0.0);
  for (Index y = 2; y < 14; ++y)
    for (Index x = 4; x < 12; ++x) entry[std::size_t(y * n + x)] = 0.2 + 0.05 * double(x) + 0.03 * double(y);
  const std::vector<double> first = propagate(entry, 0.1);
  const std::vector<double> last = propagate(pass_mask(propagate(pass_mask(first, 0), 0.08), 1), 0.12);
  struct Value {
    Index y, x;
    Complex first, last;
  };
  const Value values[] = {
      {0, 0, {-0.005198483391092204, -0.026084138153204168}, {0.03352114142734064, -0.008042139430715668}},
      {3, 5, {0.38869316542506854, -0.1946376388558963}, {-0.24370747303896909, 0.8365115881354845}},
      {8, 8, {1.002681659566425, -0.10451527036707076}, {0.9451293523689885, -0.1252464175278546}},
      {12, 2, {0.1308113376127718, 0.09266386450965688}, {-0.2735609801561012, 0.0679416595620042}},
      {15, 15, {-0.022871772026652144, -0.06269702131305752}, {0.08919364476243781, -0.13629724557751838}},
  };
  // Distances are some hundred wavelengths: a phase k d of up to 1500 rad is known to 1500 · 2^-53.
  for (const Value& v : values) {
    INFO("pixel " << v.x << ", " << v.y);
    CHECK(std::abs(at(first, v.y, v.x) - v.first) < 1e-11);
    CHECK(std::abs(at(last, v.y, v.x) - v.last) < 1e-11);
  }
  const double quadrants[2][2] = {{10.664410907669586, 7.881125654823268},
                                  {16.43228888489627, 12.281303132150429}};
  for (Index down = 0; down < 2; ++down)
    for (Index across = 0; across < 2; ++across) {
      double power = 0;
      for (Index y = 8 * down; y < 8 * down + 8; ++y)
        for (Index x = 8 * across; x < 8 * across + 8; ++x) power += std::norm(at(last, y, x));
      CHECK(power == Approx(quadrants[down][across]).epsilon(1e-11));
    }
}
