// pnn-train as ranks of MPI, which share the parts of each batch: built with -DPNN_MPI=ON, started by mpirun
// or srun.
//
// Rank 0 talks and writes. The others keep what they would print, for the case that one of them fails alone.
#include <fcntl.h>
#include <mpi.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <thread>

#include "pnn/cli/signals.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/ranks.hpp"

int pnn_train(int argc, char** argv);  // the main of tools/pnn-train.cpp

namespace {

using namespace pnn;

class MpiRanks final : public Ranks {
 public:
  MpiRanks() {
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  }
  [[nodiscard]] int size() const override { return lost_ ? 1 : size_; }
  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] bool met() const { return met_; }  ///< whether this rank has called on the others
  [[nodiscard]] bool lost() const { return lost_; }

  void gather(const void* mine, void* all, std::size_t bytes) override {
    if (size() == 1) return Ranks::gather(mine, all, bytes);
    MPI_Request request;
    finish(
        MPI_Iallgather(mine, count(bytes), MPI_BYTE, all, count(bytes), MPI_BYTE, MPI_COMM_WORLD, &request),
        request);
  }
  void exchange(const void* mine, void* from, std::size_t bytes) override {
    if (size() == 1) return Ranks::exchange(mine, from, bytes);
    MPI_Request request;
    finish(
        MPI_Ialltoall(mine, count(bytes), MPI_BYTE, from, count(bytes), MPI_BYTE, MPI_COMM_WORLD, &request),
        request);
  }

 private:
  using Clock = std::chrono::steady_clock;

  static int count(std::size_t bytes) {
    if (bytes > INT_MAX) throw RunError("a rank has more than 2 GB for each of the others; start more ranks");
    return int(bytes);
  }

  /// Waits for the others, but not when this rank is to be ended: mpirun sends SIGTERM where another rank has
  /// died, and kills what is left a second later.
  void finish(int error, MPI_Request& request) {
    constexpr std::chrono::milliseconds patience{300};
    met_ = true;
    int done = 0;
    Clock::time_point told{};
    while (error == MPI_SUCCESS) {
      error = MPI_Test(&request, &done, MPI_STATUS_IGNORE);
      if (done != 0 && error == MPI_SUCCESS) return;
      std::this_thread::yield();
      if (cli::pending_signal() != SIGTERM) continue;
      if (told == Clock::time_point{}) told = Clock::now();
      if (Clock::now() - told < patience) continue;
      lost_ = true;
      throw Interrupted("told to end, and other ranks do not answer");
    }
    char text[MPI_MAX_ERROR_STRING] = {};
    int length = 0;
    MPI_Error_string(error, text, &length);
    lost_ = true;
    throw RunError("other ranks cannot be reached (" + std::string(text, std::size_t(length)) + ")");
  }

  int size_ = 1, rank_ = 0;
  bool met_ = false, lost_ = false;
};

/// What this rank prints is kept instead.
class Silence {
 public:
  Silence()
      : file_(memfd_create("pnn-train", MFD_CLOEXEC)), error_(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
      if (file_ >= 0) dup2(file_, stream);
  }
  /// The last line, which says why the tool failed, without the tool's name.
  [[nodiscard]] std::string last_line() const {
    std::string text(4096, '\0');
    const off_t end = lseek(file_, 0, SEEK_END), from = end > 4096 ? end - 4096 : 0;
    const ssize_t count = pread(file_, text.data(), text.size(), from);
    text.resize(count > 0 ? std::size_t(count) : 0);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    text.erase(0, text.rfind('\n') + 1);
    const std::size_t name = text.find(": ");
    return name == std::string::npos ? text : text.substr(name + 2);
  }
  void tell(int rank) const {
    const std::string line = "pnn-train: rank " + std::to_string(rank) + ": " + last_line() + "\n";
    static_cast<void>(!write(error_, line.data(), line.size()));
  }

 private:
  int file_, error_;
};

/// The error that an exit status stands for.
std::exception_ptr error_of(int status, const std::string& text) {
  switch (status) {
    case 0:
      return nullptr;
    case 1:
      return std::make_exception_ptr(RunError(text));
    case 2:
      return std::make_exception_ptr(UsageError(text));
    case 75:
      return std::make_exception_ptr(Interrupted(text));
    default:
      return std::make_exception_ptr(InternalError(text));
  }
}

}  // namespace

int main(int argc, char** argv) {
  int level = 0;
  if (MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS) return 1;
  MpiRanks all;
  set_ranks(all);
  std::optional<Silence> silence;
  if (all.rank() > 0) silence.emplace();
  const int status = pnn_train(argc, argv);
  if (!all.met()) {  // help, or an error before the training: the others learn of it in their first call
    try {
      agree(all, error_of(status, silence ? silence->last_line() : ""));
    } catch (const Error&) {  // told by this rank or by rank 0
    }
  }
  if (all.lost() || (status != 0 && !all.failed_together)) {
    // the others may wait for this rank: mpirun ends them when it sees that this one has gone
    if (silence && !all.lost()) silence->tell(all.rank());
    std::_Exit(status);
  }
  MPI_Finalize();
  return all.rank() == 0 ? status : 0;
}
