#include "pnn/device/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

#include "pnn/core/deadline.hpp"
#include "pnn/device/device.hpp"

extern char** environ;

namespace pnn::device {

namespace {

[[noreturn]] void cannot_start(const std::string& command, int error) {
  throw DeviceError(command + ": cannot be started (" + std::strerror(error) + ")");
}

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  explicit Pipe(const std::string& command) {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) cannot_start(command, errno);
    // the largest pipe that an ordinary user may request; the usual 64 KiB work as well, but slower
    static_cast<void>(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20));
  }
  ~Pipe() {
    for (const int end : ends)
      if (end >= 0) close(end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  /// Gives one end away.
  int take(std::size_t end) {
    const int fd = ends[end];
    ends[end] = -1;
    return fd;
  }
};

using Clock = std::chrono::steady_clock;

Clock::time_point in(double seconds) {
  return deadline_after(Clock::now(), seconds);
}

/// Waits until `done`, or the end; whether it is done.
template <class Done>
bool wait_until(Clock::time_point end, const Done& done) {
  constexpr std::chrono::milliseconds longest{20};
  for (Clock::duration pause = std::chrono::microseconds(100);;
       pause = std::min<Clock::duration>(2 * pause, longest)) {
    if (done()) return true;
    const Clock::time_point now = Clock::now();
    if (now >= end) return false;
    std::this_thread::sleep_for(std::min(pause, end - now));
  }
}

/// Starts the shell; its process, or throws.
pid_t spawn_shell(const std::string& command, const Mark& mark, int input, int output) {
  std::string bearing = std::string(Mark::variable) + "=" + mark.value();
  std::vector<char*> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    if (!text.starts_with(std::string(Mark::variable) + "=")) environment.push_back(*variable);
  }
  environment.push_back(bearing.data());
  environment.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  sigset_t none, ours;
  sigemptyset(&none);
  sigemptyset(&ours);
  for (const int number : {SIGINT, SIGTERM, SIGUSR1, SIGPIPE}) sigaddset(&ours, number);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &ours);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                           POSIX_SPAWN_SETSIGDEF));
  std::string shell = "sh", option = "-c", line = command;
  std::array<char*, 4> words{shell.data(), option.data(), line.data(), nullptr};
  pid_t pid = -1;
  const int error = posix_spawn(&pid, "/bin/sh", &actions, &attributes, words.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) cannot_start(command, error);
  return pid;
}

}  // namespace

Child::Child(const std::string& command, double grace_s) : grace_s_(grace_s) {
  Pipe to(command), from(command);
  keep_in_sight();
  pid_ = spawn_shell(command, mark_, to.ends[0], from.ends[1]);
  note_leader(pid_);
  input_ = to.take(1);
  output_ = from.take(0);
  for (const int fd : {input_, output_}) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

Child::~Child() {
  finish();
}

void Child::close_pipes() {
  for (int* fd : {&input_, &output_}) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
  }
}

/// The shell is not waited for before the end of all: until then no other process gets its number, nor the
/// number of its group.
std::optional<int> Child::status(double seconds) {
  if (status_ || pid_ < 0) return status_;
  wait_until(in(seconds), [&] {
    siginfo_t told{};
    if (waitid(P_PID, id_t(pid_), &told, WEXITED | WNOHANG | WNOWAIT) != 0) {
      if (errno != EINTR) status_ = 0;  // no longer a child of this program: somebody else has waited for it
    } else if (told.si_pid == pid_) {
      status_ = told.si_code == CLD_EXITED ? told.si_status : 128 + told.si_status;
    }
    return status_.has_value();
  });
  return status_;
}

bool Child::gone(double seconds) {
  return wait_until(in(seconds), [&] {
    if (!status(0)) return false;
    // checked twice: a program that loses its parent while the list is read has no parent in the list
    return descendants(pid_, mark_).empty() && descendants(pid_, mark_).empty();
  });
}

void Child::signal(int number) {
  if (kill(-pid_, number) == 0 && number != SIGKILL)
    kill(-pid_, SIGCONT);  // a stopped program does not receive signals
  for (const pid_t pid : descendants(pid_, mark_)) {
    if (pid > 0 && getpgid(pid) != pid_) {
      kill(pid, number);
      if (number != SIGKILL) kill(pid, SIGCONT);
    }
  }
}

bool Child::finish() {
  constexpr double farewell_s = 2, killing_s = 10;
  close_pipes();
  if (pid_ < 0) return true;
  if (!gone(std::min(farewell_s, grace_s_))) {
    signal(SIGTERM);
    if (!gone(grace_s_)) {
      // repeated, since a program that is being ended may start others
      const bool ended = wait_until(in(killing_s), [&] {
        signal(SIGKILL);
        return gone(0.05);
      });
      if (!ended) return false;
    }
  }
  static_cast<void>(waitpid(pid_, nullptr, WNOHANG));
  forget_leader(pid_);
  pid_ = -1;
  return true;
}

}  // namespace pnn::device
