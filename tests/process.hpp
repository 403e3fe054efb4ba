// Changes of one platform's values within a process, in a word.
#pragma once

#include <string>

#include "pnn/core/errors.hpp"
#include "pnn/platform/process.hpp"
#include "tests/message.hpp"

namespace pnn::test {

/// A platform's own struct of a process, written back at the end of the statement: edit<Own>(process)->value
/// = 1;
template <class Own>
class Edit {
 public:
  explicit Edit(platform::Process& process) : process_(process), own_(process.as<Own>()) {}
  ~Edit() { process_.set(own_); }
  Edit(const Edit&) = delete;
  Edit& operator=(const Edit&) = delete;
  Own* operator->() { return &own_; }
  Own& operator*() { return own_; }

 private:
  platform::Process& process_;
  Own own_;
};
template <class Own>
Edit<Own> edit(platform::Process& process) {
  return Edit<Own>(process);
}

/// What a user is told who sets this value; empty if it is taken.
inline std::string refusal_of(const char* assignment) {
  platform::Process process;
  return message_of<UsageError>([&] { set_process_value(process, assignment); });
}

/// The default process, changed.
template <class Own, class Change>
platform::Process process_with(const Change& change) {
  Own own;
  change(own);
  return own;
}

}  // namespace pnn::test
