#include "pnn/io/trial.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/system.hpp"
#include "pnn/io/descriptor.hpp"
#include "pnn/io/hdf5.hpp"
#include "pnn/io/walk.hpp"

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
/// Of what HDF5 says, this many bytes are passed on.
constexpr std::size_t most_words = 2000;
/// Plain numbers beyond this many bytes are not read.
constexpr std::uint64_t most_plain_bytes = std::uint64_t{1} << 20;

/// `refused` is followed by what HDF5 says. A file that it refuses a part of is refused as a whole: after an
/// error its state depends on what was asked for before, and so does whether it crashes.
/// `shortage` is followed by the number of the error: descriptors or memory of the system ran out, a disk
/// failed.
enum class Verdict : char { survived = 's', refused = 'r', memory = 'm', shortage = 'x' };

std::atomic<Trials> trials_wanted{Trials::on};

/// All that a reader would ask of one object.
class Trial {
 public:
  explicit Trial(const Source& source) : source_(source), budget_(source.bytes) {}

  /// Throws what HDF5 refuses.
  void run() {
    file_ = h5::open_file(source_.path);
    attributes("/");
    walk_objects(
        file_.id(), [&](const std::string& path, const h5::Member& member) { object(path, member); },
        pass_over);
  }

 private:
  /// Called where the failure is caught: what we refuse ourselves is no danger, and a matter of the reader.
  static void pass_over(const h5::Failure& failure) {
    if (failure.by() != h5::Failure::By::us) throw;
  }
  template <class Body>
  static void guarded(const Body& body) {
    try {
      body();
    } catch (const h5::Failure& failure) {
      pass_over(failure);
    }
  }

  void attributes(const std::string& path) {
    const h5::Handle object = h5::open_object(file_.id(), path);
    for (const char* name : {"units", "description", "axes"})
      guarded([&] { h5::read_text_attribute(object.id(), name); });
    if (path == "/") {
      for (const char* name : {"filetype", "creator", "command"})
        guarded([&] { h5::read_text_attribute(object.id(), name); });
      guarded([&] { h5::read_count_attribute(object.id(), "seed"); });
      guarded([&] { h5::read_integers_attribute(object.id(), "format_version"); });
    }
    guarded([&] { h5::read_number_attribute(object.id(), "scale"); });
    guarded([&] { h5::read_labels(object.id(), 0); });
  }

  void object(const std::string& path, const h5::Member& member) {
    attributes(path);
    if (!member.is_dataset) return;
    guarded([&] {
      const h5::Handle dataset = h5::open_dataset(file_.id(), path);
      const h5::Description description = h5::describe(dataset.id(), budget_);
      if (description.layout == h5::Description::Layout::plain && description.stored_bytes > most_plain_bytes)
        return;
      h5::read_pieces(dataset.id(), description);
    });
  }

  const Source& source_;
  h5::Budget budget_;
  h5::Handle file_;
};

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

rlim_t seconds_for(const Source& source) {
  return trial_seconds + static_cast<rlim_t>(source.bytes / trial_bytes_a_second);
}

/// HDF5 has places where it frees what it never set, which crash or not by what the memory held before. Here
/// it holds no address: neither what malloc gives, nor what is in its caches for each thread, which it gives
/// as it is.
void spoil_free_memory() {
  constexpr std::size_t longest_cached = 1032, step = 16, cached = 7;  // of glibc
  mallopt(M_PERTURB, 0x5a);
  std::vector<void*> taken;
  taken.reserve(longest_cached / step * cached + cached);
  for (std::size_t size = 24; size <= longest_cached; size += step)
    for (std::size_t k = 0; k < cached; ++k) taken.push_back(std::malloc(size));
  for (void* memory : taken) std::free(memory);
  H5set_free_list_limits(0, 0, 0, 0, 0, 0);
  H5garbage_collect();
}

/// A byte for the verdict, and words.
std::string try_here(const Source& source) {
  const auto answer = [](Verdict verdict, const std::string& text = {}) {
    return std::string(1, static_cast<char>(verdict)) + text.substr(0, most_words);
  };
  try {
    spoil_free_memory();
    Trial(source).run();
    return answer(Verdict::survived);
  } catch (const h5::Failure& failure) {
    if (failure.by() == h5::Failure::By::memory) return answer(Verdict::memory);
    if (!explain_shortage(failure.error_number()).empty())
      return answer(Verdict::shortage, std::to_string(failure.error_number()));
    return answer(Verdict::refused, failure.what());
  } catch (const std::bad_alloc&) {
    return answer(Verdict::memory);
  }
}

/// The child: never returns, and answers through `pipe`. No crash says a word or leaves a core.
[[noreturn]] void child(const Source& source, int pipe, int nowhere, rlim_t memory) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  StopListener::forget();  // the parent receives the signals and ends this child
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  for (const int number : {SIGALRM, SIGXCPU, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
    std::signal(number, SIG_DFL);
  lower_limit(RLIMIT_CORE, 0);
  if (memory > 0) lower_limit(RLIMIT_AS, memory + trial_memory);
  lower_limit(RLIMIT_CPU, seconds_for(source));
  alarm(static_cast<unsigned>(seconds_for(source) * wall_per_second));
  const std::string answer = try_here(source);
  _exit(write(pipe, answer.data(), answer.size()) >= 0 ? 0 : 1);
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

void judge(const Source& source, const Ending& ending) {
  const std::string& answer = ending.answer;
  const std::string what_to_do = "; copy it again or make it anew";
  const auto verdict = answer.empty() ? std::nullopt : std::optional(static_cast<Verdict>(answer.front()));
  if (verdict == Verdict::survived) return;
  if (verdict == Verdict::shortage)
    throw RunError(source.name + ": cannot read: " + explain_shortage(std::stoi(answer.substr(1))));
  if (verdict == Verdict::refused)
    throw InputError(source.name + ": damaged or foreign HDF5 file (" + answer.substr(1) + ")" + what_to_do);
  const bool out_of_time = ending.signal() == SIGXCPU || ending.signal() == SIGALRM;
  // With less memory than this, HDF5 also crashes on valid files.
  if (ending.own_memory && !out_of_time) {
    throw RunError(source.name + ": not enough memory to look through this file (" +
                   (verdict == Verdict::memory ? "refused" : end_of(ending.status)) +
                   "); raise the limit of this process (ulimit -v) and run again");
  }
  if (verdict == Verdict::memory)
    throw InputError(source.name + ": the HDF5 library asks for more than " +
                     std::to_string(trial_memory >> 20) +
                     " MiB to look through this file; it is damaged or hostile" + what_to_do);
  if (ending.own_time && out_of_time)
    throw RunError(source.name +
                   ": not enough processor time to look through this file; raise the limit of this process "
                   "(ulimit -t) and run again");
  if (out_of_time)
    throw InputError(source.name +
                     ": the HDF5 library does not come to an end with this file (given up after " +
                     std::to_string(seconds_for(source)) + " s); it is damaged or hostile" + what_to_do);
  // The kernel kills programs when the memory of a machine or of a job is exhausted, and users may kill them
  // too.
  if (ending.signal() == SIGKILL || ending.signal() == SIGTERM || ending.signal() == SIGINT)
    throw RunError(source.name + ": the process that looks through this file was killed (" +
                   end_of(ending.status) + "), perhaps for lack of memory; run again with more");
  throw InputError(source.name + ": the HDF5 library cannot read this file without crashing (" +
                   end_of(ending.status) + "); it is damaged or hostile" + what_to_do);
}

[[noreturn]] void no_child(const Source& source, int number) {
  if (const std::string shortage = explain_shortage(number); !shortage.empty())
    throw RunError(source.name + ": cannot read: " + shortage);
  throw RunError(source.name + ": no process can be started in which HDF5 is tried on it (" +
                 std::strerror(number) + "); end other programs or raise the limits and run again");
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

/// HDF5 does not survive a start without memory, which this process would not survive either.
void require_room(const Source& source) {
  constexpr std::size_t room = std::size_t{8} << 20;
  void* const some = mmap(nullptr, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (some == MAP_FAILED) throw RunError(source.name + ": cannot read: " + explain_shortage(ENOMEM));
  munmap(some, room);
}

Ending run_child(const Source& source) {
  require_room(source);
  const Descriptor nowhere(open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (nowhere.fd() < 0) no_child(source, errno);
  const rlim_t memory = address_space();
  h5::initialise();  // once for parent and child
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) no_child(source, errno);
  const Descriptor reading(ends[0]);
  pid_t pid = -1;
  {
    const Descriptor writing(ends[1]);
    pid = fork();
    if (pid < 0) no_child(source, errno);
    if (pid == 0) child(source, writing.fd(), nowhere.fd(), memory);
  }
  Child child(pid);
  Ending ending;
  ending.answer.assign(most_words + 1, '\0');
  ending.own_memory = own_limit(RLIMIT_AS) < memory + trial_memory;
  ending.own_time = own_limit(RLIMIT_CPU) < seconds_for(source);
  std::size_t have = 0;
  while (const std::size_t got =
             read_some(reading.fd(), ending.answer.data() + have, ending.answer.size() - have, source.name))
    have += got;
  ending.answer.resize(have);
  child.wait(ending);
  return ending;
}

/// Which bytes these are, as far as the file system tells.
using Identity = std::tuple<dev_t, ino_t, off_t, std::int64_t, std::int64_t>;

std::optional<Identity> identity_of(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  return Identity{status.st_dev, status.st_ino, status.st_size, status.st_ctim.tv_sec,
                  status.st_ctim.tv_nsec};
}

}  // namespace

void set_trials(Trials trials) {
  trials_wanted = trials;
}

void try_file(const Source& source) {
  static std::mutex mutex;
  static std::set<Identity> survived;
  if (trials_wanted == Trials::off) return;
  const std::scoped_lock lock(mutex);
  const std::optional<Identity> identity = identity_of(source.path);
  if (identity && survived.contains(*identity)) return;
  Ending ending = run_child(source);
  for (int again = 1; again < attempts && ending.waited_in_vain(); ++again) ending = run_child(source);
  judge(source, ending);
  if (identity) survived.insert(*identity);
}

}  // namespace pnn::io
