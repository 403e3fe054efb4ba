#include <algorithm>

#include "pnn/io/parts.hpp"
#include "pnn/io/records.hpp"

namespace pnn::io {
namespace {

using study::TuningTrial;

/// The numbers of all trials that a dataset holds, and the members that they are.
struct NumberColumn {
  const char* path;
  double TuningTrial::*member;
};
constexpr NumberColumn numbers[] = {{"/trials/length", &TuningTrial::length},
                                    {"/trials/gradients", &TuningTrial::gradients},
                                    {"/trials/criterion", &TuningTrial::criterion},
                                    {"/trials/mean", &TuningTrial::mean},
                                    {"/trials/designed", &TuningTrial::designed}};
struct CountColumn {
  const char* path;
  std::uint64_t TuningTrial::*member;
};
constexpr CountColumn counts[] = {{"/trials/point", &TuningTrial::point},
                                  {"/trials/rung", &TuningTrial::rung},
                                  {"/trials/seed", &TuningTrial::seed}};

template <class T, class Member>
std::vector<T> column(const study::Tuning& tuning, const Member member) {
  std::vector<T> values;
  for (const TuningTrial& trial : tuning.trials) values.push_back(trial.*member);
  return values;
}

}  // namespace

void write_tuning(const std::string& path, const study::Tuning& tuning, const Provenance& header) {
  write_record(path, "tuning", header, [&](Writer& out) {
    out.text("/network", tuning.network);
    out.text("/dataset", tuning.dataset);
    out.text("/task", word_of(tuning.task));
    out.text("/criterion", tuning.criterion);
    out.texts("/options", tuning.options);
    out.texts("/ranges", tuning.ranges);
    out.group("/axes");
    for (const study::Axis& axis : tuning.axes)
      out.vector("/axes/" + axis.name, axis.values, {axis.unit, axis.description, {axis.name}});
    out.count("/images", tuning.images);
    for (const CountColumn& each : counts) out.vector(each.path, column<std::uint64_t>(tuning, each.member));
    for (const NumberColumn& each : numbers) out.vector(each.path, column<double>(tuning, each.member));
    Array<double> chips({tuning.trials.size(), tuning.chips});
    for (std::size_t k = 0; k < tuning.trials.size(); ++k)
      std::copy(tuning.trials[k].chips.begin(), tuning.trials[k].chips.end(),
                chips.data.begin() + std::ptrdiff_t(k * tuning.chips));
    out.array("/trials/chip_mean", chips);
    for (std::size_t option = 0; option < tuning.options.size(); ++option) {
      std::vector<std::string> values;
      for (const TuningTrial& trial : tuning.trials) values.push_back(trial.values.at(option));
      out.texts("/trials/" + tuning.options[option], values);
    }
  });
}

Read<study::Tuning> read_tuning(const std::string& path) {
  return read_record<Read<study::Tuning>>(path, "tuning", [](Reader& in) {
    study::Tuning tuning;
    tuning.network = in.text("/network");
    tuning.dataset = in.text("/dataset");
    tuning.task = in.word<network::Task>("/task");
    tuning.criterion = in.text("/criterion");
    tuning.options = in.texts("/options");
    tuning.ranges = in.texts("/ranges");
    for (const h5::Member& member : in.members("/axes")) {
      const std::string axis = "/axes/" + member.name;
      tuning.axes.push_back({member.name, in.attribute(axis, "units"), in.attribute(axis, "description"),
                             in.vector<double>(axis)});
    }
    tuning.images = in.count("/images");
    const Array<double> chips = in.array<double>("/trials/chip_mean");
    if (chips.shape.size() != 2) return tuning;  // with a complaint
    tuning.chips = chips.dim(1);
    tuning.trials.resize(chips.dim(0));
    const auto take = [&](const auto& values, const auto& set) {
      // of another length: the reader has complained of axes that do not agree
      for (std::size_t k = 0; k < std::min(values.size(), tuning.trials.size()); ++k)
        set(tuning.trials[k], values[k]);
    };
    for (const CountColumn& each : counts)
      take(in.vector<std::uint64_t>(each.path),
           [&](TuningTrial& t, std::uint64_t value) { t.*each.member = value; });
    for (const NumberColumn& each : numbers)
      take(in.vector<double>(each.path), [&](TuningTrial& t, double value) { t.*each.member = value; });
    for (const std::string& option : tuning.options)
      take(in.texts("/trials/" + option),
           [&](TuningTrial& t, const std::string& value) { t.values.push_back(value); });
    for (std::size_t k = 0; k < tuning.trials.size(); ++k) {
      const auto row = chips.slice(k);
      tuning.trials[k].chips.assign(row.begin(), row.end());
    }
    if (in.sound() && tuning.trials.empty())
      in.complain("/trials: expected at least one training, found none");
    return tuning;
  });
}

}  // namespace pnn::io
