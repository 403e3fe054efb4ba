// What an error says.
#pragma once

#include <string>

namespace pnn::test {

/// The message of the error of type `Caught` that `work` throws; empty where it throws nothing.
template <class Caught, class Work>
std::string message_of(const Work& work) {
  try {
    work();
  } catch (const Caught& error) {
    return error.what();
  }
  return {};
}

}  // namespace pnn::test
