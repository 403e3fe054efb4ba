#include "pnn/network/network.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/elementwise.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/network/generate.hpp"
#include "pnn/network/layer_op.hpp"

namespace pnn::network {
namespace {

/// Segments of the layout in layer order, and where each layer finds its own.
struct Placement {
  DigitalLayout layout;
  std::vector<Offsets> offsets;
};

Placement place(const Resolved& network) {
  Placement placement;
  const auto add = [](std::vector<Segment>& list, Index& total, const std::string& name, const char* what,
                      std::vector<std::size_t> shape) {
    Index size = 1;
    for (std::size_t d : shape) size *= Index(d);
    list.push_back({name, what, std::move(shape), total, size});
    total += size;
    return list.back().offset;
  };
  DigitalLayout& l = placement.layout;
  for (const Layer& layer : network.layers) {
    Offsets o;
    const auto channels = std::size_t(layer.in.channels);
    if (is_digital_matrix(layer.kind)) {
      o.first = add(l.trained, l.trained_size, layer.name + "/weight", "weights [out, in]",
                    {std::size_t(layer.matrix_rows), std::size_t(layer.matrix_cols)});
      o.second = add(l.trained, l.trained_size, layer.name + "/bias", "bias [out]",
                     {std::size_t(layer.matrix_rows)});
    } else if (layer.kind == Kind::batchnorm) {
      o.first = add(l.trained, l.trained_size, layer.name + "/scale", "scale of each channel", {channels});
      o.second = add(l.trained, l.trained_size, layer.name + "/shift", "shift of each channel", {channels});
      o.mean = add(l.state, l.state_size, layer.name + "/mean", "running mean of each channel", {channels});
      o.variance = add(l.state, l.state_size, layer.name + "/variance", "running variance of each channel",
                       {channels});
    } else if (layer.kind == Kind::gain) {
      o.first =
          add(l.trained, l.trained_size, layer.name + "/gain", "digital gain after the physical layer", {1});
    }
    placement.offsets.push_back(o);
  }
  return placement;
}

}  // namespace

template <class Real>
std::unique_ptr<LayerOp<Real>> make_layer(const Layer& layer, const Offsets& offsets, Index max_batch,
                                          bool rectified) {
  require(!rectified || layer.kind == Kind::batchnorm, "a ReLU joins the normalisation before it");
  switch (layer.kind) {
    case Kind::physical:
      return make_physical<Real>(layer, max_batch);
    case Kind::dense:
      return make_dense<Real>(layer, offsets);
    case Kind::physical_conv:
    case Kind::conv:
      return make_convolution<Real>(layer, offsets, max_batch);
    case Kind::batchnorm:
      return make_batchnorm<Real>(layer, offsets, max_batch, rectified);
    case Kind::gain:
      return make_gain<Real>(layer, offsets, max_batch);
    case Kind::keep:
      return make_keep<Real>(layer);
    case Kind::electro_optic:
      return make_electro_optic<Real>();
    case Kind::normalize:
      return make_normalize<Real>(layer, max_batch);
    case Kind::maxpool:
      return make_maxpool<Real>(layer, max_batch);
    case Kind::avgpool:
      return make_avgpool<Real>(layer);
    default:
      return make_activation<Real>(layer);
  }
}
template std::unique_ptr<LayerOp<float>> make_layer(const Layer&, const Offsets&, Index, bool);
template std::unique_ptr<LayerOp<double>> make_layer(const Layer&, const Offsets&, Index, bool);

DigitalLayout digital_layout(const Resolved& network) {
  return place(network).layout;
}

void initialise_digital(const Resolved& network, std::uint64_t seed, std::span<float> trained,
                        std::span<float> state) {
  const Placement placement = place(network);
  require(Index(trained.size()) == placement.layout.trained_size &&
              Index(state.size()) == placement.layout.state_size,
          "digital parameters have the layout's size");
  std::fill(trained.begin(), trained.end(), 0.0F);
  std::fill(state.begin(), state.end(), 0.0F);
  double fan_in = 1;
  for (std::size_t k = 0; k < network.layers.size(); ++k) {
    const Layer& layer = network.layers[k];
    const Offsets& o = placement.offsets[k];
    if (layer.matrix_cols > 0) fan_in = layer.plan ? (*layer.plan)->fan_in() : double(layer.matrix_cols);
    if (is_digital_matrix(layer.kind)) {
      const auto values =
          trained.subspan(std::size_t(o.first), std::size_t(layer.matrix_rows * layer.matrix_cols));
      fill_symmetric(Stream{seed, Purpose::initial_digital, std::uint16_t(k)}, values);
      for (float& v : values) v *= float(std::sqrt(3 / fan_in));
    } else if (layer.kind == Kind::batchnorm) {
      const auto channels = std::size_t(layer.in.channels);
      std::fill_n(trained.begin() + o.first, channels, 1.0F);
      std::fill_n(state.begin() + o.variance, channels, 1.0F);
    } else if (layer.kind == Kind::gain) {
      trained[std::size_t(o.first)] = float(2 / std::sqrt(fan_in));
    }
  }
}

/// The operation of one layer, or of two that are one.
template <class Real>
struct PassStep {
  static constexpr int none = -2, inputs = -1;
  std::unique_ptr<LayerOp<Real>> op;
  int other = none;           ///< of a sum: the step whose output it adds, or the inputs of the network
  bool first_back = false;    ///< of a sum: no sum behind it adds the same
  Matrix<Real> by_sums = {};  ///< of a step whose output sums add: their gradients [max_batch, size]
  LayerOp<Real>* operator->() const { return op.get(); }
};

template <class Real>
Pass<Real>::Pass(const Resolved& network, Index max_batch) : input_size_(network.input.size()) {
  const Placement placement = place(network);
  Index widest = 0;
  const auto kind = [&](std::size_t k) { return network.layers[k].kind; };
  std::vector<char> is_added(network.layers.size());
  for (const Layer& layer : network.layers)
    if (layer.kind == Kind::add && layer.from >= 0) is_added[std::size_t(layer.from)] = 1;
  // a ReLU is one with the normalisation before it, unless a sum adds what stands between them
  const auto joins = [&](std::size_t k) {
    return k > 0 && k < network.layers.size() && kind(k) == Kind::relu && kind(k - 1) == Kind::batchnorm &&
           is_added[k - 1] == 0;
  };
  std::vector<int> step_of(network.layers.size());
  for (std::size_t k = 0; k < network.layers.size(); ++k) {
    step_of[k] = int(ops_.size()) - (joins(k) ? 1 : 0);
    if (joins(k)) continue;
    const Layer& layer = network.layers[k];
    PassStep<Real> step;
    if (layer.kind == Kind::add) {
      step.op = make_sum<Real>(layer, network.added(k));
      step.other = layer.from < 0 ? PassStep<Real>::inputs : step_of[std::size_t(layer.from)];
    } else if (layer.kind == Kind::dropout) {
      step.op = make_dropout<Real>(layer, Index(k), max_batch);
    } else {
      step.op = make_layer<Real>(layer, placement.offsets[k], max_batch, joins(k + 1));
    }
    ops_.push_back(std::move(step));
    physical_.push_back(network.layers[k].physical);
    sizes_.push_back(network.layers[k].out.size());
    outputs_.emplace_back(max_batch, sizes_.back());
    widest = std::max(widest, sizes_.back());
  }
  for (std::size_t k = ops_.size(); k-- > 0;) {
    if (ops_[k].other < 0) continue;
    const auto other = std::size_t(ops_[k].other);
    ops_[k].first_back = ops_[other].by_sums.size() == 0;
    if (ops_[k].first_back) ops_[other].by_sums.resize(max_batch, sizes_[other]);
  }
  gradient_a_.resize(max_batch, widest);
  gradient_b_.resize(max_batch, widest);
}

template <class Real>
Pass<Real>::~Pass() = default;

template <class Real>
ConstMatrixView<Real> Pass<Real>::forward(ConstMatrixView<Real> inputs, const Parameters<Real>& parameters,
                                          Statistics statistics, PhysicalRunner* runner) {
  require(inputs.rows() <= gradient_a_.rows() && inputs.cols() == input_size_, "a batch fits its pass");
  batch_ = inputs.rows();
  input_ = inputs.data();
  ConstMatrixView<Real> in(inputs);
  for (std::size_t k = 0; k < ops_.size(); ++k) {
    MatrixView<Real> out(outputs_[k].data(), batch_, sizes_[k]);
    if (const int other = ops_[k].other; other != PassStep<Real>::none)
      ops_[k]->set_other(other < 0 ? inputs
                                   : ConstMatrixView<Real>(outputs_[std::size_t(other)].data(), batch_,
                                                           sizes_[std::size_t(other)]));
    bool done = false;
    if constexpr (std::is_same_v<Real, float>) {
      if (runner != nullptr && physical_[k] >= 0) {
        ops_[k]->forward_on(*runner, in, out);
        done = true;
      }
    }
    if (!done) ops_[k]->forward(in, out, parameters, statistics);
    new (&in) ConstMatrixView<Real>(outputs_[k].data(), batch_, sizes_[k]);
  }
  return in;
}

template <class Real>
void Pass<Real>::replace_outputs(ConstMatrixView<Real> outputs) {
  require(outputs.rows() == batch_ && outputs.cols() == sizes_.back(), "outputs fit the last forward pass");
  MatrixView<Real>(outputs_.back().data(), batch_, sizes_.back()) = outputs;
}

template <class Real>
Loss Pass<Real>::loss(Task task, std::span<const std::int32_t> labels, ConstMatrixView<Real> targets,
                      double smoothing) {
  const Index outputs = sizes_.back();
  const ConstMatrixView<Real> y(outputs_.back().data(), batch_, outputs);
  MatrixView<Real> dy(gradient_a_.data(), batch_, outputs);
  Loss loss;
  double sum = 0;
  if (task == Task::generate) {
    loss.mean = energy_distance<Real>(y, targets, dy);
    return loss;
  }
  if (traits_of(task).against != Against::classes) {
    // a reconstruction is compared with its own inputs
    const bool own = traits_of(task).against == Against::inputs;
    const ConstMatrixView<Real> wanted(own ? input_ : targets.data(), own ? batch_ : targets.rows(),
                                       own ? input_size_ : targets.cols());
    require(wanted.rows() == batch_ && wanted.cols() == outputs, "a target for every output of every sample");
    const double share = 1.0 / (double(batch_) * double(outputs));
    for (Index n = 0; n < batch_; ++n) sum += squared_norm(y.row(n) - wanted.row(n));
    dy = (y - wanted) * Real(2 * share);
    loss.mean = sum * share;
    return loss;
  }
  require(Index(labels.size()) == batch_, "a label for every sample");
  const Real share = Real(1) / Real(batch_);
  for (Index n = 0; n < batch_; ++n) {
    Index best = 0;
    const Real largest = y.row(n).maxCoeff(&best);
    const Index label = labels[std::size_t(n)];
    loss.correct += best == label;
    dy.row(n).array() = y.row(n).array() - largest;
    sum -= double(dy(n, label));
    if (smoothing > 0) sum -= smoothing * (double(pnn::mean(dy.row(n))) - double(dy(n, label)));
  }
  elementwise(
      dy.size(), dy.data(), [](const auto& x) { return x.exp(); }, dy.data());
  for (Index n = 0; n < batch_; ++n) {
    const Real total = pnn::sum(dy.row(n));
    sum += std::log(double(total));
    dy.row(n) *= share / total;
    dy(n, labels[std::size_t(n)]) -= Real(1 - smoothing) * share;
    if (smoothing > 0) dy.row(n).array() -= Real(smoothing / double(outputs)) * share;
  }
  loss.mean = sum / double(batch_);
  return loss;
}

template <class Real>
ConstMatrixView<Real> Pass<Real>::physical_output(std::size_t physical) const {
  const auto k =
      std::size_t(std::find(physical_.begin(), physical_.end(), int(physical)) - physical_.begin());
  return {outputs_[k].data(), batch_, sizes_[k]};
}

template <class Real>
ConstMatrixView<Real> Pass<Real>::physical_input(std::size_t physical) const {
  const auto k =
      std::size_t(std::find(physical_.begin(), physical_.end(), int(physical)) - physical_.begin());
  if (k == 0) return {input_, batch_, input_size_};
  return {outputs_[k - 1].data(), batch_, sizes_[k - 1]};
}

template <class Real>
void Pass<Real>::fuse_moduli(bool fused) {
  for (const auto& op : ops_) op->fuse_moduli(fused);
}

template <class Real>
void Pass<Real>::set_drop(const std::optional<Stream>& stream) {
  for (const auto& op : ops_) op->set_drop(stream);
}

template <class Real>
void Pass<Real>::backward(const Parameters<Real>& parameters, const Gradients<Real>& gradients) {
  propagate_back({}, parameters, gradients);
}

template <class Real>
void Pass<Real>::backward_from(ConstMatrixView<Real> output_gradient,
                               std::span<const Matrix<Real>> by_physical_output,
                               const Parameters<Real>& parameters, const Gradients<Real>& gradients) {
  require(output_gradient.rows() == batch_ && output_gradient.cols() == sizes_.back(),
          "a gradient by the outputs of the last forward pass");
  MatrixView<Real>(gradient_a_.data(), batch_, sizes_.back()) = output_gradient;
  propagate_back(by_physical_output, parameters, gradients);
}

template <class Real>
void Pass<Real>::propagate_back(std::span<const Matrix<Real>> by_physical_output,
                                const Parameters<Real>& parameters, const Gradients<Real>& gradients) {
  Real* from = gradient_a_.data();
  Real* to = gradient_b_.data();
  for (std::size_t k = ops_.size(); k-- > 0;) {
    const Index in_size = k > 0 ? sizes_[k - 1] : input_size_;
    const ConstMatrixView<Real> in(k > 0 ? outputs_[k - 1].data() : input_, batch_, in_size);
    const ConstMatrixView<Real> out(outputs_[k].data(), batch_, sizes_[k]);
    if (physical_[k] >= 0 && !by_physical_output.empty())
      MatrixView<Real>(from, batch_, sizes_[k]) += by_physical_output[std::size_t(physical_[k])];
    if (ops_[k].by_sums.size() > 0)
      MatrixView<Real>(from, batch_, sizes_[k]) += ops_[k].by_sums.topRows(batch_);
    const ConstMatrixView<Real> out_gradient(from, batch_, sizes_[k]);
    MatrixView<Real> in_gradient(k > 0 ? to : nullptr, k > 0 ? batch_ : 0, in_size);
    ops_[k]->backward(in, out, out_gradient, in_gradient, parameters, gradients);
    if (ops_[k].other >= 0) {
      const auto other = std::size_t(ops_[k].other);
      MatrixView<Real> sums(ops_[other].by_sums.data(), batch_, sizes_[other]);
      if (ops_[k].first_back) sums.setZero();
      ops_[k]->add_to_other(out_gradient, sums);
    }
    std::swap(from, to);
  }
}

template class Pass<float>;
template class Pass<double>;

}  // namespace pnn::network
