#include "pnn/network/graph_layers.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/network/batchnorm.hpp"
#include "pnn/network/graph_node.hpp"
#include "pnn/network/graph_shortcuts.hpp"

namespace pnn::network {
namespace {

constexpr std::size_t most_nodes = 10'000;

Array<float> in_float(const Array<double>& values) {
  Array<float> out;
  out.shape = values.shape;
  out.data.assign(values.data.begin(), values.data.end());
  return out;
}

/// Walks along the one chain of values from the input to the output, with the shortcuts that sums add to it.
class Translator : private NodeReader {
 public:
  Translator(const Graph& graph, const std::string& inputs, const std::string& where)
      : NodeReader(graph, where), current_(graph.input) {
    made_.inputs = sample_shape(inputs);
    flat_ = made_.inputs.find('x') == std::string::npos;
    shortcuts_.define(current_, {});
  }

  DigitalNetwork translate() {
    if (graph_.nodes.size() > most_nodes)
      throw InputError(where_ + ": more than " + std::to_string(most_nodes) + " nodes");
    for (const GraphNode& node : graph_.nodes) {
      node_ = &node;
      if (node.outputs.empty()) refuse("gives nothing");
      if (is_known_before(node)) {
        compute_before(node);
      } else if (node.op == "Shape") {
        about_shapes_.insert(node.outputs.front());
      } else {
        follow(node);
      }
    }
    if (current_ != graph_.output)
      throw InputError(where_ + ": its output \"" + graph_.output + "\" is not that of its last layer");
    if (made_.layers.empty()) throw InputError(where_ + ": no layers in it");
    shortcuts_.put_saves(made_, where_);
    put_front();
    for (std::string& note : notes_) made_.notes.push_back(std::move(note));
    return std::move(made_);
  }

 private:
  /// The shape of a sample as a user writes it.
  [[nodiscard]] std::string sample_shape(const std::string& given) const {
    const std::vector<std::size_t>& shape = graph_.input_shape;
    std::vector<std::string> sizes;
    for (std::size_t k = 1; k < shape.size(); ++k)
      if (shape[k] > 0) sizes.push_back(std::to_string(shape[k]));
    if (sizes.empty() || sizes.size() + 1 != shape.size()) {
      if (given.empty())
        throw InputError(where_ +
                         ": it leaves the shape of its inputs open; say --inputs, as 784 or 1x28x28");
      return parse_shape(given).to_string();
    }
    if (sizes.size() != 1 && sizes.size() != 3)
      throw InputError(where_ + ": inputs with " + std::to_string(shape.size()) +
                       " axes; expected [sample, feature] or [sample, channel, height, width]");
    const std::string found = parse_shape(join(sizes, "x")).to_string();
    if (!given.empty() && parse_shape(given).to_string() != found)
      throw UsageError("--inputs " + given + ": " + where_ + " takes " + found);
    return found;
  }

  // The chain

  void add(std::string text, std::vector<NamedValues> values = {}) {
    made_.layers.push_back({std::move(text), origin(), std::move(values)});
    ends_in_matrix_ = false;
  }
  void add_matrix(const std::string& text, const Array<double>& weight, const std::vector<double>& bias) {
    NamedValues shift{"bias", Array<float>({weight.dim(0)})};
    if (!bias.empty() && bias.size() != weight.dim(0))
      refuse("a bias of " + std::to_string(bias.size()) + " numbers for " + std::to_string(weight.dim(0)) +
             " outputs");
    std::copy(bias.begin(), bias.end(), shift.values.data.begin());
    add(text, {{"weight", in_float(weight)}, shift});
    ends_in_matrix_ = true;
  }
  void follow(const GraphNode& node) {
    if (ended_) refuse("follows " + *ended_ + ", behind which nothing can be taken");
    std::vector<std::string> computed;
    for (const std::string& name : node.inputs)
      if (!is_known(name)) computed.push_back(name);
    const GraphValue* from = computed.size() == 1 ? shortcuts_.find(computed.front()) : nullptr;
    if (from != nullptr && take_shortcut(*from)) return;
    if (node.op == "Add" && computed.size() == 2) {
      add_earlier(computed);
    } else {
      for (const std::string& name : computed) {
        if (name == current_) continue;
        const GraphValue* other = shortcuts_.find(name);
        refuse("takes \"" + name + "\" besides the output of the node before: " +
               (other != nullptr && other->is_shortcut()
                    ? "parts of pictures can only be added to others"
                    : "branches cannot be taken, only one chain of layers and sums with what an earlier one "
                      "gave, whose shortcut has no layers"));
      }
      const auto& table = operations();
      const auto it = table.find(node.op);
      if (it == table.end()) {
        std::vector<std::string> known;
        for (const auto& [op, take] : table) known.push_back(op);
        refuse("no layer of these tools does it; what can be taken: " + join(known, ", "));
      }
      it->second(*this);
    }
    current_ = node.outputs.front();
    shortcuts_.define(current_, {made_.layers.size()});
  }

  // Sums, and what PyTorch does on a shortcut without parameters

  void add_earlier(const std::vector<std::string>& names) {
    const bool first = names[0] == current_;
    const std::string& other = names[first ? 1 : 0];
    const GraphValue* added = shortcuts_.find(other);
    if ((!first && names[1] != current_) || added == nullptr)
      refuse("adds \"" + other +
             "\", which is no output of an earlier layer any more: a sum takes the output of the node before "
             "and that of an earlier one");
    if (added->rows != added->cols)
      refuse("adds every " + std::to_string(added->rows) + "th line and every " +
             std::to_string(added->cols) + "th column; use one step for both");
    add(shortcuts_.sum_with(*added, made_.layers.size()));
  }
  /// Every S-th line and column (Slice, or MaxPool with windows of one number), and zeros behind the channels
  /// (Pad).
  bool take_shortcut(const GraphValue& from) {
    GraphValue value = from;
    if (node_->op == "Slice") {
      slice(value);
    } else if (node_->op == "Pad") {
      std::vector<double> widths = numbers_or_input("pads", 1);
      if (widths.size() != 8 || (widths[1] == 0 && widths[5] == 0)) return false;
      const double behind = std::exchange(widths[5], 0);
      const auto mode = node_->texts.find("mode");
      if (std::any_of(widths.begin(), widths.end(), [](double width) { return width != 0; }) ||
          !(behind > 0 && behind < 1e6) || (mode != node_->texts.end() && mode->second != "constant") ||
          (has(2) ? constant(2, "values").data != std::vector<double>{0} : number("value", 0) != 0))
        refuse("pads=" + numbers_text(numbers_or_input("pads", 1)) +
               "; expected zeros behind the channels alone, as F.pad(x, (0, 0, 0, 0, 0, N))");
      value.zeros += Index(behind);
    } else if (node_->op == "MaxPool" && numbers("kernel_shape", {}) == std::vector<double>{1, 1}) {
      const std::string advice = "windows of one number in equal steps";
      const Index stride = alike("strides", 2, 1, advice);
      if (stride < 1 || alike("pads", 4, 0, advice) != 0) refuse("expected " + advice);
      expect("ceil_mode", 0, 0, "use ceil_mode=False");
      value.rows *= stride, value.cols *= stride;
    } else {
      return false;
    }
    shortcuts_.define(node_->outputs.front(), value);
    return true;
  }
  void slice(GraphValue& value) {
    const std::vector<double> starts = numbers_or_input("starts", 1), ends = numbers_or_input("ends", 2);
    std::vector<double> axes = numbers_or_input("axes", 3), steps = numbers_or_input("steps", 4);
    if (axes.empty())
      for (std::size_t k = 0; k < starts.size(); ++k) axes.push_back(double(k));
    if (steps.empty()) steps.assign(starts.size(), 1);
    if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
      refuse("starts, ends, axes and steps of different numbers");
    for (std::size_t k = 0; k < starts.size(); ++k) {
      const double axis = axes[k];
      const bool whole = starts[k] == 0 && ends[k] >= 1e9;
      if (!whole || !(steps[k] >= 1 && steps[k] <= 1000) || axis < 0 ||
          (axis != 2 && axis != 3 && steps[k] != 1))
        refuse("expected every S-th line and column from the first to the last, as x[:, :, ::2, ::2]");
      (axis == 2 ? value.rows : value.cols) *= Index(steps[k]);
    }
  }

  using Take = std::function<void(Translator&)>;
  static const std::map<std::string, Take>& operations() {
    static const auto layer = [](const char* text) { return [text](Translator& t) { t.add(text); }; };
    static const auto nothing = [](Translator&) {};
    static const std::map<std::string, Take> table = {
        {"Conv", &Translator::convolution},
        {"Gemm", &Translator::gemm},
        {"MatMul", &Translator::product},
        {"BatchNormalization", &Translator::normalisation},
        {"MaxPool", &Translator::pooling},
        {"AveragePool", &Translator::pooling},
        {"GlobalAveragePool", layer("avgpool:global")},
        {"ReduceMean", &Translator::average},
        {"Relu", layer("relu")},
        {"Sigmoid", layer("sigmoid")},
        {"Tanh", layer("tanh")},
        {"Softplus", layer("softplus")},
        {"Pow", &Translator::power},
        {"Add", &Translator::affine},
        {"Sub", &Translator::affine},
        {"Mul", &Translator::affine},
        {"Div", &Translator::affine},
        {"Flatten", &Translator::flatten},
        {"Reshape", &Translator::reshape},
        {"Identity", nothing},
        {"Pad", &Translator::border},
        {"Dropout", &Translator::dropout},
        {"Softmax", &Translator::softmax},
        {"LogSoftmax", &Translator::softmax},
    };
    return table;
  }

  void convolution() {
    const Array<double>& weight = constant(1, "weights");
    if (weight.shape.size() != 4)
      refuse("weights with " + std::to_string(weight.shape.size()) +
             " axes; expected a two-dimensional convolution");
    if (weight.shape[2] != weight.shape[3])
      refuse("a kernel of " + std::to_string(weight.shape[2]) + "x" + std::to_string(weight.shape[3]) +
             "; expected a square one");
    const double groups = number("group", 1);
    if (!(groups >= 1 && groups <= 1e6)) refuse("group=" + format_number(groups));
    if (alike("dilations", 2, 1, "use dilation=1") != 1) refuse("dilations=2 or more; use dilation=1");
    const auto padding = node_->texts.find("auto_pad");
    if (padding != node_->texts.end() && padding->second != "NOTSET" && padding->second != "VALID")
      refuse("auto_pad=" + padding->second + "; give the padding as a number");
    const Index pad = alike("pads", 4, 0, "pad all sides alike"),
                stride = alike("strides", 2, 1, "use one stride");
    std::string text =
        "conv:out=" + std::to_string(weight.shape[0]) + ",kernel=" + std::to_string(weight.shape[2]);
    if (pad > 0) text += ",pad=" + std::to_string(pad);
    if (stride != 1) text += ",stride=" + std::to_string(stride);
    if (groups != 1) text += ",groups=" + format_number(groups);
    flat_ = false;
    add_matrix(text, weight, bias(2));
  }
  void dense(const Array<double>& weight, const std::vector<double>& shift) {
    add_matrix("dense:out=" + std::to_string(weight.dim(0)), weight, shift);
    flat_ = true;
  }
  [[nodiscard]] const Array<double>& matrix() const {
    const Array<double>& weight = constant(1, "weights");
    if (weight.shape.size() != 2)
      refuse("weights with " + std::to_string(weight.shape.size()) + " axes; expected 2");
    return weight;
  }
  void gemm() {
    for (const char* factor : {"alpha", "beta"}) expect(factor, 1, 1, "put the factor into the weights");
    expect("transA", 0, 0, "samples are the first axis");
    const Array<double>& weight = matrix();
    std::vector<double> shift = bias(2);
    const std::size_t out = weight.dim(number("transB", 0) != 0 ? 0 : 1);
    if (shift.size() == 1) shift.resize(out, shift.front());
    dense(number("transB", 0) != 0 ? weight : transposed(weight), shift);
  }
  void product() {
    if (node_->inputs.size() != 2 || node_->inputs.front() != current_)
      refuse("expected samples times weights");
    dense(transposed(matrix()), {});
  }
  void normalisation() {
    expect("training_mode", 0, 0, "export in evaluation mode (model.eval())");
    std::vector<double> parts[4];
    for (std::size_t k = 0; k < 4; ++k) parts[k] = constant(k + 1, "statistics").data;
    for (const std::vector<double>& part : parts)
      if (part.size() != parts[0].size()) refuse("statistics of different numbers of channels");
    add("batchnorm");
    made_.layers.back() =
        batchnorm_layer({parts[0], parts[1]}, parts[2], parts[3], number("epsilon", 1e-5), origin());
  }
  void pooling() {
    const std::string word = node_->op == "MaxPool" ? "maxpool" : "avgpool",
                      advice = "windows must be square and lie side by side, as nn.MaxPool2d(2)";
    const Index size = alike("kernel_shape", 2, 0, advice);
    if (size < 1 || alike("strides", 2, 1, advice) != size)
      refuse("strides=" + numbers_text(numbers("strides", {1, 1})) +
             " and kernel_shape=" + numbers_text(numbers("kernel_shape", {})) + "; " + advice);
    if (alike("pads", 4, 0, advice) != 0) refuse("pads=" + numbers_text(numbers("pads", {})) + "; " + advice);
    if (alike("dilations", 2, 1, advice) != 1) refuse("dilations; " + advice);
    expect("ceil_mode", 0, 0, "use ceil_mode=False");
    add(word + ":" + std::to_string(size));
  }
  /// Over the whole picture.
  void average() {
    std::vector<double> axes = numbers_or_input("axes", 1);
    for (double& axis : axes) axis += axis < 0 ? 4 : 0;
    std::sort(axes.begin(), axes.end());
    if (flat_ || axes != std::vector<double>{2, 3})
      refuse("expected the mean over lines and columns, axes 2 and 3");
    add("avgpool:global");
    flat_ = number("keepdims", 1) == 0;
  }
  void power() {
    const Array<double>& exponent = constant(1, "exponents");
    if (exponent.size() != 1 || exponent.data.front() != 2) refuse("expected the power of 2 (abs2)");
    add("abs2");
  }
  void flatten() {
    expect("axis", 1, 1, "samples are the first axis");
    flat_ = true;
  }
  /// To [sample, features], or of the inputs to pictures.
  void reshape() {
    const auto it = has(1) ? constants_.find(node_->inputs[1]) : constants_.end();
    if (it == constants_.end()) {  // computed from the number of samples, as x.view(x.size(0), -1)
      flat_ = true;
      return;
    }
    const std::vector<double>& to = it->second.data;
    if (to.size() == 2) {
      flat_ = true;
    } else if (to.size() == 4 && made_.layers.empty() &&
               std::all_of(to.begin() + 1, to.end(), [](double x) { return x >= 1 && x <= 1e6; })) {
      const Shape shape{Index(to[1]), Index(to[2]), Index(to[3])};
      if (shape.size() != parse_shape(made_.inputs).size())
        refuse("shape=" + numbers_text(to) + " for inputs of " + made_.inputs);
      made_.inputs = shape.to_string();
      flat_ = false;
    } else {
      refuse("shape=" + numbers_text(to) + "; expected [samples, features]");
    }
  }
  /// PyTorch puts one of nothing before average poolings.
  void border() {
    const std::vector<double> widths = has(1) ? constant(1, "widths").data : numbers("pads", {});
    if (std::any_of(widths.begin(), widths.end(), [](double width) { return width != 0; }))
      refuse("pads=" + numbers_text(widths) + "; give the padding to the convolution");
  }
  void dropout() {
    if (has(2) && constant(2, "modes").data != std::vector<double>{0})
      refuse("training_mode=1; export in evaluation mode (model.eval())");
  }
  void softmax() {
    if (node_->outputs.front() != graph_.output) refuse("expected as the last node only");
    const double axis = number("axis", -1);
    if (axis != -1 && axis != 1) refuse("axis=" + format_number(axis) + "; expected the classes");
    ended_ = origin();
    notes_.push_back(
        origin() +
        " at the end is left out: classes stay the same, and losses are computed from what enters it");
  }

  /// A factor or an offset that is a constant: of the inputs, or of a matrix directly in front.
  void affine() {
    const std::string& op = node_->op;
    if (node_->inputs.size() != 2) refuse("expected two inputs");
    if (node_->inputs[0] == current_ && node_->inputs[1] == current_) {
      if (op != "Mul") refuse("of a value and itself; expected Mul, which is the square (abs2)");
      return add("abs2");
    }
    const bool first = node_->inputs[0] == current_;
    if (!first && op == "Div") refuse("by what is computed");
    const Array<double>& values = constant(first ? 1 : 0, "constants");
    const bool in_front = made_.layers.empty();
    if (!in_front && !ends_in_matrix_)
      refuse("a constant here has no place; put it directly behind Conv or Linear, or into a BatchNorm");
    const bool spatial =
        in_front ? !flat_ && parse_shape(made_.inputs).height * parse_shape(made_.inputs).width > 1 : !flat_;
    const std::size_t channels = in_front ? std::size_t(parse_shape(made_.inputs).channels)
                                          : made_.layers.back().values.front().values.dim(0);
    const std::vector<double> each = by_channel(values, channels, spatial);
    Affine& done = in_front ? front(channels) : behind_;
    if (!in_front) done = {std::vector<double>(channels, 1), std::vector<double>(channels, 0)};
    for (std::size_t c = 0; c < channels; ++c) {
      if (op == "Mul" || op == "Div") {
        const double factor = op == "Mul" ? each[c] : 1 / each[c];
        if (!std::isfinite(factor)) refuse("division by 0");
        done.factor[c] *= factor, done.offset[c] *= factor;
      } else if (op == "Add" || first) {
        done.offset[c] += op == "Add" ? each[c] : -each[c];
      } else {
        done.factor[c] *= -1, done.offset[c] = each[c] - done.offset[c];
      }
    }
    shortcuts_.forget(made_.layers.size());
    if (!in_front) put_behind();
  }
  /// A constant for each channel, of one for all or of an axis that can only be that of the channels.
  [[nodiscard]] std::vector<double> by_channel(const Array<double>& values, std::size_t channels,
                                               bool spatial) const {
    std::vector<std::size_t> shape = values.shape;
    if (values.size() == 1) return std::vector<double>(channels, values.data.front());
    const std::size_t behind = spatial ? 2 : 0;
    const bool fits = shape.size() > behind && shape.size() <= behind + 2 &&
                      std::all_of(shape.end() - std::ptrdiff_t(behind), shape.end(),
                                  [](std::size_t n) { return n == 1; }) &&
                      shape[shape.size() - behind - 1] == channels && values.size() == channels;
    if (!fits) refuse("a constant that is neither one number nor one for each channel");
    return values.data;
  }
  Affine& front(std::size_t channels) {
    if (!front_) front_ = Affine{std::vector<double>(channels, 1), std::vector<double>(channels, 0)};
    return *front_;
  }
  void put_front() {
    if (!front_) return;
    if (std::any_of(front_->factor.begin(), front_->factor.end(), [](double x) { return x == 0; }))
      throw InputError(where_ + ": its inputs are multiplied by 0");
    put_in_front(made_, *front_, where_);
  }
  /// Into weights and bias of the last layer.
  void put_behind() {
    Array<float>&weight = made_.layers.back().values[0].values, &bias = made_.layers.back().values[1].values;
    for (std::size_t row = 0; row < weight.dim(0); ++row) {
      for (float& w : weight.slice(row)) w = float(double(w) * behind_.factor[row]);
      bias.data[row] = float(double(bias.data[row]) * behind_.factor[row] + behind_.offset[row]);
    }
  }

  std::string current_;
  Shortcuts shortcuts_;
  DigitalNetwork made_;
  std::vector<std::string> notes_;
  std::optional<Affine> front_;
  Affine behind_;
  bool flat_ = false, ends_in_matrix_ = false;
  std::optional<std::string> ended_;  ///< the node behind which nothing follows
};

}  // namespace

DigitalNetwork from_graph(const Graph& graph, const std::string& inputs, const std::string& where) {
  return Translator(graph, inputs, where).translate();
}

}  // namespace pnn::network
