#include "pnn/platforms/d2nn/batch.hpp"

#include <algorithm>
#include <numbers>

#include "pnn/core/chunks.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/phasor.hpp"
#include "pnn/core/threads.hpp"

namespace pnn::platforms::d2nn {
namespace {

constexpr Index field_chunk = 8;  ///< samples of one chunk; their gradients by weights are added in order

/// exp(iπx).
template <class Real>
Phasor<Real> light_of_phase(Real x) {
  return phasor_of_turn(wrap_to_half(x / 2));
}

}  // namespace

template <class Real>
Index Batch<Real>::worth_keeping(const Plan& plan, Index max_batch) {
  const double bytes = double(sizeof(Real)) * double((plan.masks() + 1) * plan.plane.field_size());
  return Index(std::min(double(max_batch), double(Index(1) << 29) / bytes));
}

template <class Real>
Batch<Real>::Batch(const Plan& plan, Index max_batch, Index kept) : stack_(plan), kept_(kept) {
  const Input& input = plan.input;
  const double lit = double(input.size() * input.block * input.block) / double(plan.plane.pixels());
  for (const DetectorRegion& region : plan.detectors)
    unit_.push_back(Real(1 / (double(region.pixels()) * lit)));
  kept_fields_.resize(std::size_t(kept * stack_.fields_size()));
  const auto size = std::size_t(plan.plane.field_size());
  for (std::size_t k = 0; k < chunks_of(field_chunk, max_batch); ++k) {
    Chunked& chunk = chunks_.emplace_back(Chunked{typename Stack<Real>::Scratch(plan), {}, {}, {}, {}, {}});
    chunk.entry.resize(size);
    chunk.intensities.resize(plan.detectors.size());
    if (max_batch > kept) chunk.fields.resize(std::size_t(stack_.fields_size()));
  }
}

/// Calls body(number, first pixel of a row of its block) for the numbers of the picture and the rows of
/// blocks.
template <class Real>
template <class Body>
void Batch<Real>::for_each_number(const Body& body) const {
  const Input& input = stack_.plan().input;
  const Plane& plane = stack_.plan().plane;
  const Index x0 = (plane.width - input.cols * input.block) / 2,
              y0 = (plane.height - input.rows * input.block) / 2;
  for (Index row = 0; row < input.rows * input.block; ++row) {
    for (Index col = 0; col < input.cols; ++col)
      body(std::size_t(row / input.block * input.cols + col),
           std::size_t((y0 + row) * plane.width + x0 + col * input.block));
  }
}

template <class Real>
void Batch<Real>::encode(std::span<const Real> signal, std::span<Real> field) const {
  const auto pixels = std::size_t(stack_.plan().plane.pixels()),
             block = std::size_t(stack_.plan().input.block);
  const bool amplitude = stack_.plan().input.encoding == Encoding::amplitude;
  std::fill(field.begin(), field.end(), Real(0));
  for_each_number([&](std::size_t number, std::size_t pixel) {
    const Phasor<Real> u = amplitude ? Phasor<Real>{signal[number], Real(0)} : light_of_phase(signal[number]);
    std::fill_n(field.begin() + Index(pixel), block, u.re);
    std::fill_n(field.begin() + Index(pixels + pixel), block, u.im);
  });
}

template <class Real>
void Batch<Real>::decode_gradient(std::span<const Real> signal, std::span<const Real> by_field,
                                  std::span<Real> by_signal) const {
  const auto pixels = std::size_t(stack_.plan().plane.pixels()),
             block = std::size_t(stack_.plan().input.block);
  const bool amplitude = stack_.plan().input.encoding == Encoding::amplitude;
  std::fill(by_signal.begin(), by_signal.end(), Real(0));
  for_each_number([&](std::size_t number, std::size_t pixel) {
    Real re = 0, im = 0;
    for (std::size_t p = pixel; p < pixel + block; ++p) {
      re += by_field[p];
      im += by_field[pixels + p];
    }
    const Phasor<Real> u = amplitude ? Phasor<Real>{} : light_of_phase(signal[number]);
    by_signal[number] += amplitude ? re : Real(std::numbers::pi) * (im * u.re - re * u.im);
  });
}

template <class Real>
std::span<Real> Batch<Real>::fields_of(Index sample, Chunked& chunk) {
  if (sample >= kept_) return chunk.fields;
  return std::span(kept_fields_)
      .subspan(std::size_t(sample * stack_.fields_size()), std::size_t(stack_.fields_size()));
}

template <class Real>
void Batch<Real>::forward(ConstMatrixView<Real> weights, ConstMatrixView<Real> signals,
                          MatrixView<Real> outputs) {
  require(chunks_of(field_chunk, signals.rows()) <= chunks_.size(), "a batch fits its diffractive layer");
  stack_.set_weights(weights);
  parallel_for(chunks_of(field_chunk, signals.rows()), [&](std::size_t k) {
    const Chunk c = chunk_of(k, field_chunk, signals.rows());
    Chunked& chunk = chunks_[k];
    for (Index n = c.begin; n < c.begin + c.count; ++n) {
      encode({signals.row(n).data(), std::size_t(signals.cols())}, chunk.entry);
      stack_.forward(chunk.entry, fields_of(n, chunk), chunk.intensities, chunk.scratch);
      for (Index r = 0; r < outputs.cols(); ++r)
        outputs(n, r) = unit_[std::size_t(r)] * chunk.intensities[std::size_t(r)];
    }
  });
  fresh_ = true;
}

template <class Real>
void Batch<Real>::pullback(ConstMatrixView<Real> weights, ConstMatrixView<Real> signals,
                           ConstMatrixView<Real> by_outputs, MatrixView<Real> by_weights,
                           MatrixView<Real> by_signals, AxialGradient axial) {
  stack_.set_weights(weights);
  const std::size_t chunks = chunks_of(field_chunk, signals.rows());
  parallel_for(chunks, [&](std::size_t k) {
    const Chunk c = chunk_of(k, field_chunk, signals.rows());
    Chunked& chunk = chunks_[k];
    chunk.by_weights.setZero(weights.rows(), weights.cols());
    chunk.by_entry.resize(by_signals.rows() > 0 ? chunk.entry.size() : 0);
    for (Index n = c.begin; n < c.begin + c.count; ++n) {
      const std::span<const Real> signal(signals.row(n).data(), std::size_t(signals.cols()));
      encode(signal, chunk.entry);
      const std::span<Real> fields = fields_of(n, chunk);
      if (!fresh_ || n >= kept_) stack_.forward(chunk.entry, fields, chunk.intensities, chunk.scratch);
      for (Index r = 0; r < by_outputs.cols(); ++r)
        chunk.intensities[std::size_t(r)] = unit_[std::size_t(r)] * by_outputs(n, r);
      stack_.pullback(chunk.entry, fields, chunk.intensities, view(chunk.by_weights), chunk.by_entry, axial,
                      chunk.scratch);
      if (by_signals.rows() > 0)
        decode_gradient(signal, chunk.by_entry, {by_signals.row(n).data(), std::size_t(by_signals.cols())});
    }
  });
  by_weights = chunks_[0].by_weights;
  for (std::size_t k = 1; k < chunks; ++k) by_weights += chunks_[k].by_weights;
}

template class Batch<float>;
template class Batch<double>;

}  // namespace pnn::platforms::d2nn
