#include "pnn/app/workers.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::app {
namespace {

/// The words of this process's command line, with the program.
std::vector<std::string> own_words() {
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (bytes.empty())
    throw RunError("--jobs: the command line of this process cannot be read (/proc/self/cmdline)");
  std::vector<std::string> words = split(bytes, '\0');
  words.pop_back();  // behind the last one's end
  return words;
}

/// Without what each process has of its own.
std::vector<std::string> shared_words() {
  std::vector<std::string> words;
  bool skip = false;
  for (const std::string& word : own_words()) {
    const bool own = word == "--jobs" || word == "--threads";
    if (!skip && !own && !word.starts_with("--jobs=") && !word.starts_with("--threads="))
      words.push_back(word);
    skip = own && !skip;
  }
  return words;
}

pid_t start(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid(), pid = fork();
  if (pid != 0) return pid;
  // in the child only what is safe beside the threads of its parent
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int nothing = open("/dev/null", O_RDWR);
  if (getppid() != parent || nothing < 0) _exit(1);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nothing, stream);
  execv("/proc/self/exe", arguments.data());
  _exit(1);
}

}  // namespace

Workers::Workers(int count, int threads) {
  if (count <= 0) return;
  std::vector<std::string> words = shared_words();
  words.insert(words.begin() + 1, {"--jobs=1", "--threads=" + std::to_string(threads)});
  for (int k = 0; k < count; ++k) {
    const pid_t pid = start(words);
    if (pid < 0)
      throw RunError(std::string("--jobs: no process can be started (") + std::strerror(errno) + ")");
    running_.push_back(pid);
  }
}

Workers::~Workers() {
  for (const pid_t pid : running_) kill(pid, SIGTERM);
  for (const pid_t pid : running_)
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
}

void Workers::note(pid_t pid, int status, cli::Context& context) {
  running_.erase(std::find(running_.begin(), running_.end(), pid));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  const std::string how = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                              : "status " + std::to_string(WEXITSTATUS(status));
  context.warn("a process of --jobs ended early (" + how + "); the others do its share");
}

void Workers::look(cli::Context& context) {
  for (const pid_t pid : std::vector<pid_t>(running_)) {
    int status = 0;
    if (waitpid(pid, &status, WNOHANG) == pid) note(pid, status, context);
  }
}

void Workers::finish(cli::Context& context) {
  using namespace std::chrono_literals;
  while (!running_.empty() && !context.progress().stop_requested()) {
    look(context);
    if (!running_.empty()) std::this_thread::sleep_for(50ms);
  }
}

}  // namespace pnn::app
