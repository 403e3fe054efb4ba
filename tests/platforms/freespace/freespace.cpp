#include "pnn/platforms/freespace/freespace.hpp"
#include "pnn/platforms/freespace/light.hpp"
#include "pnn/platforms/freespace/plan.hpp"
#include "pnn/platforms/freespace/platform.hpp"
#include "pnn/platforms/freespace/process.hpp"

#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/freespace/cases.hpp"

using namespace pnn;
using platforms::freespace::Plan;
using platforms::freespace::Signs;

namespace {

/// A picture as numbers [height, width].
using Picture = Matrix<double>;

/// Draws `values` [image_rows · block_rows, image_cols · block_cols] into the image of a cell of a picture.
void draw(const Plan& plan, Index row, Index col, const Picture& values, Picture& picture) {
  const Index top =
      row * (plan.image_rows + 2 * plan.guard_rows) * plan.block_rows + plan.guard_rows * plan.block_rows;
  const Index left =
      col * (plan.image_cols + 2 * plan.guard_cols) * plan.block_cols + plan.guard_cols * plan.block_cols;
  picture.block(top, left, values.rows(), values.cols()) = values;
}

/// Elements as blocks of pixels.
Picture magnify(const Plan& plan, const std::vector<double>& elements) {
  Picture image(plan.image_rows * plan.block_rows, plan.image_cols * plan.block_cols);
  for (Index y = 0; y < image.rows(); ++y) {
    for (Index x = 0; x < image.cols(); ++x) {
      image(y, x) = elements[std::size_t(y / plan.block_rows * plan.image_cols + x / plan.block_cols)];
    }
  }
  return image;
}

/// The forward map of the header inverted as a 2 × 2 system, and bilinear samples as hat functions.
Picture misalign(const Picture& source, const platform::System& system) {
  const double k = 1 + system.magnification, x0 = double(source.cols() - 1) / 2,
               y0 = double(source.rows() - 1) / 2;
  const double a = k * std::cos(system.rotation_rad), b = -k * std::sin(system.rotation_rad), c = -b, d = a;
  const double determinant = a * d - b * c;
  Picture target = Picture::Zero(source.rows(), source.cols());
  for (Index y = 0; y < target.rows(); ++y) {
    for (Index x = 0; x < target.cols(); ++x) {
      const double px = double(x) - x0 - system.shift_x_px, py = double(y) - y0 - system.shift_y_px;
      const double sx = x0 + (d * px - b * py) / determinant, sy = y0 + (-c * px + a * py) / determinant;
      for (Index row = 0; row < source.rows(); ++row) {
        for (Index col = 0; col < source.cols(); ++col) {
          target(y, x) += source(row, col) * std::max(0.0, 1 - std::abs(sx - double(col))) *
                          std::max(0.0, 1 - std::abs(sy - double(row)));
        }
      }
    }
  }
  return target;
}

Picture blur(const Picture& source, double w) {
  if (w == 0) return source;
  const int n = int(std::ceil(4 * w));
  double norm = 0;
  for (int t = -n; t <= n; ++t) norm += std::exp(-t * t / (2 * w * w));
  Picture target = Picture::Zero(source.rows(), source.cols());
  for (Index y = 0; y < source.rows(); ++y) {
    for (Index x = 0; x < source.cols(); ++x) {
      for (int dy = -n; dy <= n; ++dy) {
        for (int dx = -n; dx <= n; ++dx) {
          if (y + dy < 0 || y + dy >= source.rows() || x + dx < 0 || x + dx >= source.cols()) continue;
          target(y, x) +=
              source(y + dy, x + dx) * std::exp(-(dx * dx + dy * dy) / (2 * w * w)) / (norm * norm);
        }
      }
    }
  }
  return target;
}

/// The whole apparatus, picture by picture: what the camera makes of one input alone.
class Apparatus {
 public:
  explicit Apparatus(const test::FreespaceCase& c)
      : c_(c),
        plan_(c.plan),
        rows_(plan_.grid_rows * (plan_.signs == Signs::halves ? 2 : 1)),
        height_(rows_ * (plan_.image_rows + 2 * plan_.guard_rows) * plan_.block_rows),
        width_(plan_.grid_cols * (plan_.image_cols + 2 * plan_.guard_cols) * plan_.block_cols),
        gain_(Picture::Ones(height_, width_)) {
    if (!c.errors.gain.empty()) {
      using namespace platforms::freespace;
      const auto field = gain_field(c.errors.gain, gain_functions(c.physics.gain_length, width_),
                                    gain_functions(c.physics.gain_length, height_));
      std::copy(field.begin(), field.end(), gain_.data());
    }
  }

  Matrix<double> matrix(const std::vector<double>& controls) const {
    Matrix<double> weights(plan_.out, plan_.in());
    for (Index j = 0; j < plan_.in(); ++j) {
      std::vector<double> input(std::size_t(plan_.in()), 0.0);
      input[std::size_t(j)] = 1;
      const Picture light = lit(input);
      for (Index i = 0; i < plan_.out; ++i) weights(i, j) = output(light, controls, i);
    }
    return weights;
  }

 private:
  Picture lit(const std::vector<double>& input) const {
    Picture display = Picture::Zero(height_, width_);
    for (Index row = 0; row < rows_; ++row) {
      for (Index col = 0; col < plan_.grid_cols; ++col) draw(plan_, row, col, magnify(plan_, input), display);
    }
    platform::System total = c_.errors.misalignment;
    total += c_.system;
    const double k = 1 + total.magnification;
    return blur(misalign(display, total), c_.physics.blur_px) / (c_.physics.conserve ? k * k : 1);
  }
  /// Light in the cell at (row, col) behind a modulator that shows one output's weights there.
  double camera(const Picture& light, const std::vector<double>& controls, Index polarity, Index output,
                Index row, Index col) const {
    const Index count = plan_.in() * (plan_.per_pixel ? plan_.block_rows * plan_.block_cols : 1);
    const auto first = controls.begin() + (polarity * plan_.out + output) * count;
    const std::vector<double> own(first, first + count);
    Picture image(plan_.image_rows * plan_.block_rows, plan_.image_cols * plan_.block_cols);
    if (plan_.per_pixel) {
      std::copy(own.begin(), own.end(), image.data());
    } else {
      image = magnify(plan_, own);
    }
    Picture modulator = Picture::Zero(height_, width_);
    draw(plan_, row, col, image, modulator);
    if (c_.physics.contrast > 0)
      modulator = modulator * (1 - 1 / c_.physics.contrast) +
                  Picture::Constant(height_, width_, 1 / c_.physics.contrast);
    const Index cell_height = height_ / rows_, cell_width = width_ / plan_.grid_cols;
    const Picture seen = light.cwiseProduct(modulator).cwiseProduct(gain_);
    return seen.block(row * cell_height, col * cell_width, cell_height, cell_width).sum() /
           double(plan_.block_rows * plan_.block_cols);
  }
  double output(const Picture& light, const std::vector<double>& controls, Index i) const {
    const Index cell = i % (plan_.grid_rows * plan_.grid_cols), row = cell / plan_.grid_cols,
                col = cell % plan_.grid_cols;
    const double positive = camera(light, controls, 0, i, row, col);
    if (plan_.signs == Signs::offset) return 2 * positive - 1;
    const Index below = plan_.signs == Signs::halves ? plan_.grid_rows : 0;
    return positive - camera(light, controls, 1, i, row + below, col);
  }

  const test::FreespaceCase& c_;
  const Plan& plan_;
  Index rows_, height_, width_;
  Picture gain_;
};

template <class Real>
Matrix<Real> matrix_of(platforms::freespace::Freespace<Real>& map, const std::vector<Real>& controls,
                       const platform::System& system) {
  Matrix<Real> weights(map.rows(), map.cols());
  map.evaluate({controls, {}, system}, view(weights));
  return weights;
}

/// One cell of 9 × 9 blocks of 3 × 3 px behind a modulator that lets all pass: each input's light that
/// arrives.
Matrix<double> arriving(const platforms::freespace::Physics& physics, const platform::System& system) {
  const Plan plan{"freespace1", 1, 9, 9, 3, 3, 0, 0, 1, 1, Signs::exposures};
  platforms::freespace::Freespace<double> map(plan, physics, {});
  std::vector<double> controls(std::size_t(plan.control_count()), 0.0);
  std::fill_n(controls.begin(), plan.in(), 1.0);
  Matrix<double> light = matrix_of(map, controls, system);
  light.resize(9, 9);
  return light;
}

}  // namespace

TEST_CASE("a multiplier is what display, optics, modulator and camera make of each input") {
  for (test::FreespaceCase c : test::freespace_cases()) {
    for (const bool moved : {false, true}) {
      INFO(c.name << (moved ? ", moved" : ""));
      if (!moved) c.system = {};
      const std::vector<double> controls = c.controls();
      platforms::freespace::Freespace<double> map(c.plan, c.physics, c.errors);
      const Matrix<double> weights = matrix_of(map, controls, c.system);
      CHECK((weights - Apparatus(c).matrix(controls)).cwiseAbs().maxCoeff() < 1e-12);
    }
  }
}

TEST_CASE("an aligned system multiplies with its transmissions, to the last bit") {
  for (const test::FreespaceCase& c : test::freespace_cases()) {
    if (c.plan.per_pixel || c.physics.contrast > 0) continue;
    INFO(c.name);
    platforms::freespace::Freespace<float> map(c.plan, c.physics, c.errors);
    const std::vector<double> exact = c.controls();
    const std::vector<float> controls(exact.begin(), exact.end());
    const Matrix<float> weights = matrix_of(map, controls, {});
    const Index n = c.plan.out * c.plan.in();
    for (Index k = 0; k < n; ++k) {
      const float s = controls[std::size_t(k)];
      const float expected = c.plan.signs == Signs::offset ? 2 * s - 1 : s - controls[std::size_t(n + k)];
      REQUIRE(weights.data()[k] == expected);
    }
  }
}

TEST_CASE("a matrix is linear in the transmissions") {
  for (const test::FreespaceCase& c : test::freespace_cases()) {
    INFO(c.name);
    platforms::freespace::Freespace<double> map(c.plan, c.physics, c.errors);
    const std::vector<double> a = c.controls();
    std::vector<double> b(a.rbegin(), a.rend()), middle(a.size());
    for (std::size_t k = 0; k < a.size(); ++k) middle[k] = 0.3 * a[k] + 0.7 * b[k];
    const Matrix<double> expected = 0.3 * matrix_of(map, a, c.system) + 0.7 * matrix_of(map, b, c.system);
    CHECK((matrix_of(map, middle, c.system) - expected).cwiseAbs().maxCoeff() < 1e-13);
  }
}

TEST_CASE("no light is lost or made by a shift and a blur inside the plane") {
  platforms::freespace::Physics blurred;
  blurred.blur_px = 0.7;
  for (const platforms::freespace::Physics& physics : {platforms::freespace::Physics{}, blurred}) {
    const Matrix<double> light = arriving(physics, test::misalignment(0, 0, 1.3, -0.8));
    // three elements from the border: 9 px, more than the shift, the falling edge and the blur's reach of 3
    // px
    CHECK((light.block(3, 3, 3, 3).array() - 1).abs().maxCoeff() < 1e-12);
    CHECK(light(0, 8) < 0.9);  // what leaves the plane is lost
  }
}

TEST_CASE("magnified light keeps its irradiance or its power, as told") {
  platforms::freespace::Physics keep, conserve;
  conserve.conserve = true;
  for (const double magnification : {-0.1, 0.1}) {
    const double k2 = (1 + magnification) * (1 + magnification);
    const auto system = test::misalignment(0.02, magnification, 0.2, 0.1);
    // a square of 5 × 5 elements, 15 px: the sum of samples is its area to the share of one edge pixel
    const double kept = arriving(keep, system).block(2, 2, 5, 5).sum(),
                 conserved = arriving(conserve, system).block(2, 2, 5, 5).sum();
    CHECK(kept == Approx(25 * k2).epsilon(0.02));
    CHECK(conserved == Approx(25).epsilon(0.02));
    CHECK(conserved == Approx(kept / k2));
  }
}

TEST_CASE("light of one cell's copy counts in the cell on which it falls") {
  const Plan plan{"freespace1", 2, 1, 2, 1, 1, 0, 0, 1, 2, Signs::exposures};
  platforms::freespace::Freespace<double> map(plan, {}, {});
  const std::vector<double> controls{0.5, 0.25, 1, 0.125, 0, 0, 0, 0};
  const Matrix<double> weights = matrix_of(map, controls, test::misalignment(0, 0, 1, 0));
  // every pixel shows its left neighbour: the first one nothing, the third one the first cell's last input
  CHECK(weights(0, 0) == Approx(0.25));
  CHECK(weights(0, 1) == 0);
  CHECK(weights(1, 1) == Approx(1));
  CHECK(weights(1, 0) == Approx(0.125));
}

TEST_CASE("all light that the camera gets adds up over both signs") {
  for (const test::FreespaceCase& c : test::freespace_cases()) {
    INFO(c.name);
    platforms::freespace::Freespace<double> map(c.plan, c.physics, c.errors);
    std::vector<double> controls = c.controls();
    const Matrix<double> weights = matrix_of(map, controls, c.system);
    Matrix<double> light(weights.rows(), weights.cols());
    map.light({controls, {}, c.system}, view(light));
    if (c.plan.signs == Signs::offset) {
      CHECK((2 * light.array() - 1 - weights.array()).abs().maxCoeff() < 1e-13);
      continue;
    }
    std::fill(controls.begin() + std::ptrdiff_t(controls.size() / 2), controls.end(), 0.0);
    Matrix<double> positive(light.rows(), light.cols()), negative = positive;
    map.light({controls, {}, c.system}, view(positive));
    const std::vector<double> dark(controls.size(), 0.0);
    map.light({dark, {}, c.system}, view(negative));
    // W = L₊ − L₋ and L = L₊ + L₋: without s₋ the light lacks what W gains
    const Matrix<double> gained = matrix_of(map, controls, c.system) - weights;
    CHECK((light - positive - gained).cwiseAbs().maxCoeff() < 1e-13);
    CHECK((negative.array() <= positive.array() + 1e-15).all());
  }
}

TEST_CASE("a misaligned multiplier is the same for any number of threads, in float and in double nearly") {
  for (const test::FreespaceCase& c : test::freespace_cases()) {
    INFO(c.name);
    const std::vector<double> exact = c.controls();
    const std::vector<float> controls(exact.begin(), exact.end());
    const auto outcome = [&](int thread_count) {
      set_threads(thread_count);
      platforms::freespace::Freespace<float> map(c.plan, c.physics, c.errors);
      const Matrix<float> weights = matrix_of(map, controls, c.system);
      std::vector<float> by_control(controls.size());
      platform::Pullback<float> pulled{by_control, {}, {}};
      map.pullback({controls, {}, c.system}, view(weights), pulled);
      set_threads(0);
      return std::tuple(std::vector<float>(weights.data(), weights.data() + weights.size()), by_control,
                        pulled.system);
    };
    const auto one = outcome(1);
    CHECK(one == outcome(2));
    CHECK(one == outcome(5));
    platforms::freespace::Freespace<double> map(c.plan, c.physics, c.errors);
    const Matrix<double> weights = matrix_of(map, exact, c.system);
    const ConstMatrixView<float> rough(std::get<0>(one).data(), weights.rows(), weights.cols());
    CHECK((rough.cast<double>() - weights).cwiseAbs().maxCoeff() < 3e-6);
  }
}

TEST_CASE("a multiplier that becomes another one has the bits of one made as that") {
  for (const test::FreespaceCase& c : test::freespace_cases()) {
    INFO(c.name);
    const auto controls = c.controls();
    const auto matrix_of = [&](platforms::freespace::Freespace<double>& map) {
      Matrix<double> weights(map.rows(), map.cols());
      map.evaluate({controls, {}, c.system}, view(weights));
      return weights;
    };
    platforms::freespace::Errors even = c.errors, uneven = c.errors;
    even.gain.assign(std::size_t(platforms::freespace::gain_knots), 0.0);
    uneven.gain = even.gain;
    for (std::size_t k = 0; k < uneven.gain.size(); ++k) uneven.gain[k] = 0.01 * double(k % 7);
    platforms::freespace::Freespace<double> one(c.plan, c.physics, c.errors);
    matrix_of(one);
    for (const auto& errors : {uneven, even, c.errors, even, uneven}) {
      one.set_errors(errors);
      platforms::freespace::Freespace<double> other(c.plan, c.physics, errors);
      CHECK(matrix_of(one) == matrix_of(other));
    }
  }
}

TEST_CASE("a plane that cannot be is refused in words") {
  Plan plan{"freespace1", 3, 1, 0, 1, 1, 0, 0, 1, 1};
  CHECK_THROWS_WITH((platforms::freespace::Freespace<float>(plan, {}, {})),
                    Catch::Contains("needs an output and an input"));
  plan = {"freespace1", 100000, 28, 28, 8, 8, 0, 0, 100000, 1};
  CHECK_THROWS_WITH((platforms::freespace::Freespace<float>(plan, {}, {})),
                    Catch::Contains("show fewer cells"));
  const test::FreespaceCase c = test::freespace_cases()[0];
  platforms::freespace::Freespace<double> map(c.plan, c.physics, c.errors);
  Matrix<double> weights(map.rows(), map.cols());
  const std::vector<double> controls = c.controls();
  CHECK_THROWS_AS(map.evaluate({controls, {}, test::misalignment(0, -1, 0, 0)}, view(weights)), UsageError);
}

TEST_CASE("the SAT paper's layout is 96 x 240 pixels and twelve pictures") {
  const Plan plan{"freespace1", 144, 28, 28, 1, 2, 2, 1, 3, 4, Signs::exposures};
  CHECK(plan.cell_height() == 32);
  CHECK(plan.cell_width() == 60);
  CHECK(plan.height() == 96);
  CHECK(plan.width() == 240);
  CHECK(plan.pictures() == 12);
  CHECK(plan.control_count() == 2 * 144 * 784);
}
