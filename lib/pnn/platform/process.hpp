// The fabrication process: the quantities of all platforms together, as --set, files and the help use them.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/quantity.hpp"

namespace pnn::platform {

/// A platform's own struct of process values: each is a double that P::quantities() names.
template <class P>
concept PlatformProcess = requires {
  { P::quantities().front() } -> std::convertible_to<const QuantityOf<P>&>;
};

/// Design values and spreads of all platforms; a network uses those of its layers. Every value starts as its
/// quantity's `initial`.
class Process {
 public:
  Process();
  /// Takes the values of one platform; those of the others are initial.
  template <PlatformProcess P>
  Process(const P& own) : Process() {  // NOLINT(google-explicit-constructor): a process of one platform alone
    set(own);
  }
  template <PlatformProcess P>
  void set(const P& own) {
    std::size_t number = first_of(P::quantities().front().name);
    for (const QuantityOf<P>& quantity : P::quantities()) values_[number++] = own.*(quantity.value);
  }
  /// The values of one platform, as its own struct.
  template <PlatformProcess P>
  [[nodiscard]] P as() const {
    P own;
    std::size_t number = first_of(P::quantities().front().name);
    for (const QuantityOf<P>& quantity : P::quantities()) own.*(quantity.value) = values_[number++];
    return own;
  }
  [[nodiscard]] double operator[](std::size_t number) const { return values_[number]; }
  [[nodiscard]] double& operator[](std::size_t number) { return values_[number]; }
  bool operator==(const Process&) const = default;

 private:
  static std::size_t first_of(std::string_view name);
  std::vector<double> values_;  ///< in the order of process_fields()
};

/// A quantity, and its place in a Process.
struct ProcessField : Quantity {
  std::size_t number = 0;  ///< index into a Process
  std::string platform;    ///< word of its platform
  [[nodiscard]] double of(const Process& process) const { return process[number]; }
};

/// All quantities of all platforms, in the order of the registry.
const std::vector<ProcessField>& process_fields();

/// Applies "NAME=VALUE". The value is a number with or without its unit, the word of a choice, or the value
/// of an alias. Throws UsageError, naming the nearest known name or the allowed range.
void set_process_value(Process& process, std::string_view assignment);

/// The quantity or alias of a name, with unit and range. Throws UsageError, naming the nearest known name.
const Quantity& process_quantity(std::string_view name);
/// The name of the quantity that setting `name` changes: itself, or the one that an alias stands for.
std::string process_number(std::string_view name);
/// Sets a quantity, or an alias, to a number. Throws UsageError, naming the allowed range.
void set_process_value(Process& process, std::string_view name, double value);

/// Throws UsageError, naming `option`, if the quantity or alias `name` acts on nothing: no layer is on its
/// platform, or it is a correlation length, and no deviation of this process has a smooth share.
void check_process_value(const std::string& name, const std::vector<AnyPlan>& plans, const Process& process,
                         const std::string& option);

/// An example of an assignment for help texts: the first spread of the registry.
std::string process_example();

/// All complaints about values of all platforms; empty when fine.
std::vector<std::string> check_process(const Process& process);

/// All reasons why no device of this process can carry these layers, each with what to do: the complaints of
/// every plan, and too many chips to address their random samples. Empty when fine. A process that passes
/// here and check_process can be fabricated and run.
std::vector<std::string> check_layers(const std::vector<AnyPlan>& plans, const Process& process);

/// The process with every spread multiplied by `factor`.
Process scale_spreads(Process process, double factor);

}  // namespace pnn::platform
