// Layers that are a matrix: physical ones, whose platform says how signals pass it, and digital ones, y = W x
// + b.
#include "pnn/core/errors.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/network/layer_op.hpp"

namespace pnn::network {
namespace {

template <class Real>
class Physical : public LayerOp<Real> {
 public:
  Physical(const Layer& layer, Index max_batch) : physical_(std::size_t(layer.physical)) {
    (*layer.plan)->make_transmission(max_batch, transmission_);
  }

  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>& p,
               Statistics) override {
    transmission_->forward(view(p.weights[physical_]), p.way(physical_), in, out);
  }
  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real> out, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>& p, const Gradients<Real>& g) override {
    transmission_->backward(view(p.weights[physical_]), p.way(physical_), in, out, dy, dx,
                            view(g.weights[physical_]), g.wants_uncontrolled);
  }
  void forward_on(PhysicalRunner& runner, ConstMatrixView<float> in, MatrixView<float> out) override {
    runner.run(physical_, in, out);
    transmission_->ran_elsewhere();
  }
  void fuse_moduli(bool fused) override { transmission_->fuse_moduli(fused); }

 private:
  std::size_t physical_;
  std::unique_ptr<platform::Transmission<Real>> transmission_;
};

template <class Real>
class Dense : public LayerOp<Real> {
 public:
  Dense(const Layer& layer, const Offsets& offsets)
      : rows_(layer.matrix_rows), cols_(layer.matrix_cols), offsets_(offsets) {}

  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>& p,
               Statistics) override {
    product_.forward(weights(p), nullptr, in, out);
    out.rowwise() += ConstVectorView<Real>(p.digital.data() + offsets_.second, rows_).transpose();
  }
  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real> out, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>& p, const Gradients<Real>& g) override {
    product_.backward(weights(p), nullptr, in, out, dy, dx,
                      MatrixView<Real>(g.digital.data() + offsets_.first, rows_, cols_), true);
    column_sums(dy, g.digital.data() + offsets_.second);
  }

 private:
  ConstMatrixView<Real> weights(const Parameters<Real>& p) const {
    return {p.digital.data() + offsets_.first, rows_, cols_};
  }
  Index rows_, cols_;
  Offsets offsets_;
  platform::ProductTransmission<Real> product_;
};

}  // namespace

template <class Real>
void LayerOp<Real>::forward_on(PhysicalRunner&, ConstMatrixView<float>, MatrixView<float>) {
  throw InternalError("only a physical layer runs on a device");
}
template class LayerOp<float>;
template class LayerOp<double>;

template <class Real>
std::unique_ptr<LayerOp<Real>> make_physical(const Layer& layer, Index max_batch) {
  return std::make_unique<Physical<Real>>(layer, max_batch);
}
template <class Real>
std::unique_ptr<LayerOp<Real>> make_dense(const Layer& layer, const Offsets& offsets) {
  return std::make_unique<Dense<Real>>(layer, offsets);
}
template std::unique_ptr<LayerOp<float>> make_physical(const Layer&, Index);
template std::unique_ptr<LayerOp<double>> make_physical(const Layer&, Index);
template std::unique_ptr<LayerOp<float>> make_dense(const Layer&, const Offsets&);
template std::unique_ptr<LayerOp<double>> make_dense(const Layer&, const Offsets&);

}  // namespace pnn::network
