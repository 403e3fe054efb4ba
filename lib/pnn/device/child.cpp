#include "pnn/device/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

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
    // as much at once as an ordinary user may ask for; the usual 64 KiB serve as well, slower
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

/// Starts the shell; its process, or throws.
pid_t spawn_shell(const std::string& command, int input, int output) {
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
  const int error = posix_spawn(&pid, "/bin/sh", &actions, &attributes, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) cannot_start(command, error);
  return pid;
}

}  // namespace

Child::Child(const std::string& command) {
  Pipe to(command), from(command);
  pid_ = spawn_shell(command, to.ends[0], from.ends[1]);
  input_ = to.take(1);
  output_ = from.take(0);
  for (const int fd : {input_, output_}) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

Child::~Child() {
  finish(1);
}

void Child::close_pipes() {
  for (int* fd : {&input_, &output_}) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
  }
}

std::optional<int> Child::status(double seconds) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  for (auto pause = std::chrono::microseconds(100); !status_; pause *= 2) {
    int told = 0;
    const pid_t ended = waitpid(pid_, &told, WNOHANG);
    if (ended == pid_) {
      status_ = WIFEXITED(told) ? WEXITSTATUS(told) : 128 + WTERMSIG(told);
    } else if (ended < 0 && errno != EINTR) {
      status_ = 0;  // nobody's child any more: whoever waited for it knows
    } else if (Clock::now() >= end) {
      break;
    } else {
      std::this_thread::sleep_for(std::min<Clock::duration>(pause, end - Clock::now()));
    }
  }
  return status_;
}

void Child::finish(double grace_s) {
  close_pipes();
  if (status(grace_s)) return;
  kill(-pid_, SIGTERM);
  if (status(grace_s)) return;
  kill(-pid_, SIGKILL);
  while (!status(1)) continue;
}

}  // namespace pnn::device
