#include "pnn/platform/detection.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {

const char* word_of(Detection detection) {
  switch (detection) {
    case Detection::field:
      return "field";
    case Detection::intensity:
      return "intensity";
    case Detection::modulus:
      return "modulus";
    case Detection::coherent:
      return "coherent";
  }
  return "";
}

Detection parse_detection(const std::string& word, const std::string& where) {
  std::vector<std::string> words;
  for (const Detection d :
       {Detection::field, Detection::intensity, Detection::modulus, Detection::coherent}) {
    if (word == word_of(d)) return d;
    words.emplace_back(word_of(d));
  }
  throw UsageError(where + ": unknown detection \"" + word + "\"" + did_you_mean(word, words) +
                   " (known: " + join(words, ", ") + ")");
}

Index detected_size(Detection detection, Index modes) {
  return detection == Detection::field ? 2 * modes : modes;
}

template <class Real>
void detect(Detection detection, ConstMatrixView<Real> field, MatrixView<Real> out) {
  const Index modes = field.cols() / 2;
  for (Index n = 0; n < field.rows(); ++n) {
    const Real* re = field.data() + n * field.cols();
    const Real* im = re + modes;
    Real* to = out.data() + n * out.cols();
    switch (detection) {
      case Detection::field:
        std::copy(re, re + 2 * modes, to);
        break;
      // NOLINTNEXTLINE(bugprone-branch-clone): it does not look into the loops of pragmas
      case Detection::intensity:
#pragma omp simd
        for (Index m = 0; m < modes; ++m) to[m] = re[m] * re[m] + im[m] * im[m];
        break;
      case Detection::modulus:
#pragma omp simd
        for (Index m = 0; m < modes; ++m) to[m] = std::sqrt(re[m] * re[m] + im[m] * im[m]);
        break;
      case Detection::coherent:
        std::copy(re, re + modes, to);
        break;
    }
  }
}

template <class Real>
void detect_backward(Detection detection, ConstMatrixView<Real> field, ConstMatrixView<Real> out_gradient,
                     MatrixView<Real> field_gradient) {
  const Index modes = field.cols() / 2;
  for (Index n = 0; n < field.rows(); ++n) {
    const Real* re = field.data() + n * field.cols();
    const Real* im = re + modes;
    const Real* from = out_gradient.data() + n * out_gradient.cols();
    Real* to_re = field_gradient.data() + n * field_gradient.cols();
    Real* to_im = to_re + modes;
    switch (detection) {
      case Detection::field:
        std::copy(from, from + 2 * modes, to_re);
        break;
      // NOLINTNEXTLINE(bugprone-branch-clone): it does not look into the loops of pragmas
      case Detection::intensity:
#pragma omp simd
        for (Index m = 0; m < modes; ++m) {
          to_re[m] = 2 * from[m] * re[m];
          to_im[m] = 2 * from[m] * im[m];
        }
        break;
      case Detection::modulus:
#pragma omp simd
        for (Index m = 0; m < modes; ++m) {
          const Real modulus = std::sqrt(re[m] * re[m] + im[m] * im[m]);
          const Real share = modulus > 0 ? from[m] / modulus : Real(0);
          to_re[m] = share * re[m];
          to_im[m] = share * im[m];
        }
        break;
      case Detection::coherent:
        std::copy(from, from + modes, to_re);
        std::fill(to_im, to_im + modes, Real(0));
        break;
    }
  }
}

template <class Real>
void take_moduli(Detection detection, ConstMatrixView<Real> detected, MatrixView<Real> field) {
  const Index modes = field.cols() / 2;
  for (Index n = 0; n < field.rows(); ++n) {
    Real* re = field.data() + n * field.cols();
    Real* im = re + modes;
    const Real* from = detected.data() + n * detected.cols();
    if (detection == Detection::field) {
      std::copy(from, from + 2 * modes, re);
      continue;
    }
    if (detection == Detection::coherent) {
      std::copy(from, from + modes, re);
      continue;
    }
    const bool square = detection == Detection::intensity;
#pragma omp simd
    for (Index m = 0; m < modes; ++m) {
      const Real known = std::max(from[m], Real(0));  // noise may take an intensity below nothing
      const Real modulus = square ? std::sqrt(known) : known, has = std::sqrt(re[m] * re[m] + im[m] * im[m]);
      const Real factor = has > 0 ? modulus / has : Real(0);
      re[m] *= factor;
      im[m] *= factor;
    }
  }
}

template void take_moduli(Detection, ConstMatrixView<float>, MatrixView<float>);
template void take_moduli(Detection, ConstMatrixView<double>, MatrixView<double>);
template void detect(Detection, ConstMatrixView<float>, MatrixView<float>);
template void detect(Detection, ConstMatrixView<double>, MatrixView<double>);
template void detect_backward(Detection, ConstMatrixView<float>, ConstMatrixView<float>, MatrixView<float>);
template void detect_backward(Detection, ConstMatrixView<double>, ConstMatrixView<double>,
                              MatrixView<double>);

}  // namespace pnn::platform
