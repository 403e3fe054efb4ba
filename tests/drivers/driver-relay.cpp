// Stands between a tool and a driver, notes what passes, and misbehaves as told: for the tests.
//
// usage: driver-relay LOG FAULT K TIMES COMMAND
//
// LOG gets a line for each question: hello, set LAYER SMALLEST LARGEST, run, read, …, and at the end of the
// input `eof`. The K-th to (K + TIMES − 1)-th run of all relays with this LOG is answered with FAULT: none,
// die, hang, late, order, shape, nan, garbage, half, error, slow-death.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

#include "pnn/device/channel.hpp"
#include "pnn/device/child.hpp"
#include "pnn/device/messages.hpp"

namespace {

using namespace pnn::device;

class Relay {
 public:
  Relay(std::string log, std::string fault, long first, long times, const std::string& command)
      : log_name_(std::move(log)),
        fault_(std::move(fault)),
        first_(first),
        times_(times),
        child_(command),
        asked_(STDIN_FILENO, STDOUT_FILENO),
        driver_(child_.output(), child_.input()) {
    std::ifstream before(log_name_);
    for (std::string line; std::getline(before, line);) runs_ += line == "run" ? 1 : 0;
    log_.open(log_name_, std::ios::app);
  }

  /// Until its client ends, or is found gone.
  void work() {
    try {
      relay();
    } catch (const BrokenChannel&) {
      log_ << "gone" << std::endl;
    }
    log_ << "eof" << std::endl;
  }

 private:
  void relay() {
    constexpr std::size_t most = std::size_t{1} << 28U;
    while (auto question = receive(asked_, {most})) {
      const std::string verb = question->fields.at("do");
      note(verb, *question);
      send(driver_, question->fields, form_, question->shape, question->values);
      auto answer = receive(driver_, {most});
      if (!answer) return;
      answer->fields.erase("array");
      if (verb == "hello" && answer->fields.value("arrays", "") == "raw") next_form_ = ArrayForm::raw;
      if (verb == "run" && ++runs_ >= first_ && runs_ < first_ + times_) spoil(*answer);
      send(asked_, answer->fields, form_, answer->shape, answer->values);
      form_ = next_form_;
    }
  }

  void note(const std::string& verb, const Message& question) {
    log_ << verb;
    if (verb == "set") {
      const auto [least, most] = std::minmax_element(question.values.begin(), question.values.end());
      log_.precision(std::numeric_limits<float>::max_digits10);
      log_ << " " << question.fields.at("layer").get<int>() << " " << *least << " " << *most;
    }
    log_ << std::endl;
  }

  void spoil(Message& answer) {
    if (fault_ == "die") std::_Exit(3);
    if (fault_ == "hang") std::this_thread::sleep_for(std::chrono::hours(1));
    if (fault_ == "late") std::this_thread::sleep_for(std::chrono::seconds(8));
    if (fault_ == "order") answer.fields["id"] = answer.fields["id"].get<long>() + 1;
    if (fault_ == "shape") std::swap(answer.shape[0], answer.shape[1]);
    if (fault_ == "nan") answer.values.back() = std::numeric_limits<float>::quiet_NaN();
    if (fault_ == "error") answer = {{{"id", answer.fields["id"]}, {"error", "the laser is off"}}, {}, {}};
    if (fault_ == "garbage") asked_.write("\x7f\x45\x4c\x46 no JSON at all\n");
    if (fault_ == "half") {
      asked_.write("{\"id\":");
      std::_Exit(0);
    }
  }

  std::string log_name_, fault_;
  long first_, times_, runs_ = 0;
  std::ofstream log_;
  Child child_;
  Channel asked_, driver_;
  ArrayForm form_ = ArrayForm::base64, next_form_ = ArrayForm::base64;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  Relay(argv[1], argv[2], std::atol(argv[3]), std::atol(argv[4]), argv[5]).work();
  return 0;
}
