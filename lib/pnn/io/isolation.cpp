#include "pnn/io/isolation.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <new>
#include <optional>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/system.hpp"
#include "pnn/io/descriptor.hpp"

namespace pnn::io {
namespace {

/// What the child may take beyond what the parent has.
constexpr rlim_t trial_memory = rlim_t{1} << 30;
constexpr rlim_t trial_seconds = 10;
/// Compressed chunks are unpacked: 2 MB of a file may take a second.
constexpr std::uint64_t trial_bytes_a_second = 2'000'000;
#ifdef __SANITIZE_ADDRESS__
// A child that is forked while another thread holds the lock of the sanitizer's allocator can never take that
// lock (glibc releases its own). Such a child is soon given up, and another one is forked.
constexpr rlim_t wall_per_second = 2;
constexpr int attempts = 5;
#else
/// Nothing computes for so much longer than its processor time that it does not hang.
constexpr rlim_t wall_per_second = 20;
constexpr int attempts = 1;
#endif
/// Of what a library says, this many bytes are passed on.
constexpr std::size_t most_words = 2000;

/// What the child says first: `survived` is followed by what the work returned, `refused` and `failed` by the
/// message of an InputError or a RunError.
enum class Verdict : char { survived = 's', refused = 'r', failed = 'x', memory = 'm' };

/// What this process may take itself, RLIM_INFINITY if there is no limit.
rlim_t own_limit(int resource) {
  struct rlimit limit {};
  return getrlimit(static_cast<decltype(RLIMIT_AS)>(resource), &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

void lower_limit(int resource, rlim_t value) {
  struct rlimit limit {};
  if (getrlimit(static_cast<decltype(RLIMIT_AS)>(resource), &limit) != 0) return;
  limit.rlim_cur = std::min(limit.rlim_cur, value);
  limit.rlim_max = std::min(limit.rlim_max, value + 1);  // SIGXCPU may be blocked, SIGKILL may not
  setrlimit(static_cast<decltype(RLIMIT_AS)>(resource), &limit);
}

rlim_t address_space() {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  return statm >> pages ? pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) : 0;
}

rlim_t seconds_for(const Isolated& job) {
  return trial_seconds + static_cast<rlim_t>(job.bytes / trial_bytes_a_second);
}

/// A byte for the verdict, and words or the result.
std::string try_here(const Isolated& job, const std::function<std::string()>& work) {
  const auto answer = [](Verdict verdict, const std::string& text = {}) {
    return std::string(1, static_cast<char>(verdict)) + text.substr(0, most_words);
  };
  try {
    std::string result = work();
    require(result.size() <= job.most_result, "the result of isolated work is as small as was promised");
    return static_cast<char>(Verdict::survived) + result;
  } catch (const InputError& error) {
    return answer(Verdict::refused, error.what());
  } catch (const RunError& error) {
    return answer(Verdict::failed, error.what());
  } catch (const std::bad_alloc&) {
    return answer(Verdict::memory);
  }
}

/// The child: never returns, and answers through `pipe`. No crash says a word or leaves a core.
[[noreturn]] void child(const Isolated& job, const std::function<std::string()>& work, int pipe, int nowhere,
                        rlim_t memory) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  StopListener::forget();  // the parent receives the signals and ends this child
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  for (const int number : {SIGALRM, SIGXCPU, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
    std::signal(number, SIG_DFL);
  lower_limit(RLIMIT_CORE, 0);
  if (memory > 0) lower_limit(RLIMIT_AS, memory + trial_memory);
  lower_limit(RLIMIT_CPU, seconds_for(job));
  alarm(static_cast<unsigned>(seconds_for(job) * wall_per_second));
  const std::string answer = try_here(job, work);
  std::size_t sent = 0;
  while (sent < answer.size()) {
    const ssize_t count = write(pipe, answer.data() + sent, answer.size() - sent);
    if (count < 0 && errno != EINTR) _exit(1);
    sent += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  _exit(0);
}

std::string end_of(int status) {
  if (!WIFSIGNALED(status)) return "it ends early";
  const char* text = sigdescr_np(WTERMSIG(status));
  return text != nullptr ? text : "signal " + std::to_string(WTERMSIG(status));
}

/// What a child said, nothing where it ended before it could, how it ended, and what it could have taken.
struct Ending {
  std::string answer;
  int status = 0;
  /// Whether the limits of this process, rather than those of a trial, were the smaller ones.
  bool own_memory = false, own_time = false;

  [[nodiscard]] int signal() const { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }
  [[nodiscard]] bool waited_in_vain() const { return signal() == SIGALRM; }
};

void judge(const Isolated& job, const Ending& ending) {
  const std::string& answer = ending.answer;
  const std::string what_to_do = "; copy it again or make it anew";
  const auto verdict = answer.empty() ? std::nullopt : std::optional(static_cast<Verdict>(answer.front()));
  if (verdict == Verdict::survived) return;
  if (verdict == Verdict::refused) throw InputError(answer.substr(1));
  if (verdict == Verdict::failed) throw RunError(answer.substr(1));
  const bool out_of_time = ending.signal() == SIGXCPU || ending.signal() == SIGALRM;
  // With less memory than this, HDF5 for one also crashes on valid files.
  if (ending.own_memory && !out_of_time) {
    throw RunError(job.name + ": not enough memory to look through this file (" +
                   (verdict == Verdict::memory ? "refused" : end_of(ending.status)) +
                   "); raise the limit of this process (ulimit -v) and run again");
  }
  if (verdict == Verdict::memory)
    throw InputError(job.name + ": the " + job.library + " library asks for more than " +
                     std::to_string(trial_memory >> 20) +
                     " MiB to look through this file; it is damaged or hostile" + what_to_do);
  if (ending.own_time && out_of_time)
    throw RunError(job.name +
                   ": not enough processor time to look through this file; raise the limit of this process "
                   "(ulimit -t) and run again");
  if (out_of_time)
    throw InputError(job.name + ": the " + job.library +
                     " library does not come to an end with this file (given up after " +
                     std::to_string(seconds_for(job)) + " s); it is damaged or hostile" + what_to_do);
  // The kernel kills programs when the memory of a machine or of a job is exhausted, and users may kill them
  // too.
  if (ending.signal() == SIGKILL || ending.signal() == SIGTERM || ending.signal() == SIGINT)
    throw RunError(job.name + ": the process that looks through this file was killed (" +
                   end_of(ending.status) + "), perhaps for lack of memory; run again with more");
  throw InputError(job.name + ": the " + job.library + " library cannot read this file without crashing (" +
                   end_of(ending.status) + "); it is damaged or hostile" + what_to_do);
}

[[noreturn]] void no_child(const Isolated& job, int number) {
  if (const std::string shortage = explain_shortage(number); !shortage.empty())
    throw RunError(job.name + ": cannot read: " + shortage);
  throw RunError(job.name + ": no process can be started in which the " + job.library +
                 " library is tried on it (" + std::strerror(number) +
                 "); end other programs or raise the limits and run again");
}

/// Ends a child that is not waited for any more: when this process is asked to stop.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  }
  void wait(Ending& ending) {
    while (waitpid(pid_, &ending.status, 0) < 0 && errno == EINTR) continue;
    pid_ = -1;
  }

 private:
  pid_t pid_;
};

Ending run_child(const Isolated& job, const std::function<std::string()>& work) {
  const Descriptor nowhere(open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (nowhere.fd() < 0) no_child(job, errno);
  const rlim_t memory = address_space();
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) no_child(job, errno);
  const Descriptor reading(ends[0]);
  pid_t pid = -1;
  {
    const Descriptor writing(ends[1]);
    pid = fork();
    if (pid < 0) no_child(job, errno);
    if (pid == 0) child(job, work, writing.fd(), nowhere.fd(), memory);
  }
  Child child(pid);
  Ending ending;
  ending.own_memory = own_limit(RLIMIT_AS) < memory + trial_memory;
  ending.own_time = own_limit(RLIMIT_CPU) < seconds_for(job);
  constexpr std::size_t step = std::size_t{1} << 16;
  std::vector<char> buffer(step);
  while (const std::size_t got = read_some(reading.fd(), buffer.data(), step, job.name)) {
    ending.answer.append(buffer.data(), got);
    if (ending.answer.size() > std::max(most_words, job.most_result) + 1)
      break;  // no child of ours says this
  }
  child.wait(ending);
  return ending;
}

}  // namespace

std::string run_isolated(const Isolated& job, const std::function<std::string()>& work) {
  Ending ending = run_child(job, work);
  for (int again = 1; again < attempts && ending.waited_in_vain(); ++again) ending = run_child(job, work);
  judge(job, ending);
  return ending.answer.substr(1);
}

}  // namespace pnn::io
