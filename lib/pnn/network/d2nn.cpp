// A diffractive network as one layer: numbers to light, through its masks, to what its detectors count.
#include "pnn/network/layer_op.hpp"
#include "pnn/platform/d2nn_batch.hpp"

namespace pnn::network {
namespace {

template <class Real>
class Diffractive : public LayerOp<Real> {
 public:
  Diffractive(const Layer& layer, Index max_batch)
      : physical_(std::size_t(layer.physical)),
        batch_(layer.diffraction, max_batch,
               platform::D2nnBatch<Real>::worth_keeping(layer.diffraction, max_batch)) {}

  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>& p,
               Statistics) override {
    batch_.forward(view(p.weights[physical_]), in, out);
  }
  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real>, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>& p, const Gradients<Real>& g) override {
    batch_.pullback(view(p.weights[physical_]), in, dy, view(g.weights[physical_]), dx,
                    g.wants_uncontrolled ? platform::AxialGradient::yes : platform::AxialGradient::no);
  }
  void forward_on(PhysicalRunner& runner, ConstMatrixView<float> in, MatrixView<float> out) override {
    runner.run(physical_, in, out);
    batch_.forget();
  }

 private:
  std::size_t physical_;
  platform::D2nnBatch<Real> batch_;
};

}  // namespace

template <class Real>
std::unique_ptr<LayerOp<Real>> make_diffractive(const Layer& layer, Index max_batch) {
  return std::make_unique<Diffractive<Real>>(layer, max_batch);
}
template std::unique_ptr<LayerOp<float>> make_diffractive(const Layer&, Index);
template std::unique_ptr<LayerOp<double>> make_diffractive(const Layer&, Index);

}  // namespace pnn::network
