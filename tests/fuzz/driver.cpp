// Feeds the readers with files made worse, without a fuzzing engine: every seed once as it is, then mutations
// by their number, so that a run can be repeated to the byte.
//
// A worker process reads many files with trials off, under limits of memory and time; if it dies, the file
// that it died of is read again with trials on, as tools read it. That must end in a refusal: a contained
// crash of HDF5. Whatever else happens, or a file that tools would not have tried, is a finding: it is kept,
// and the exit status is 1.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "pnn/core/random.hpp"
#include "pnn/io/own_form.hpp"
#include "pnn/io/trial.hpp"
#include "readers.hpp"
#include "seeds.hpp"
#include "tests/temporary_folder.hpp"

namespace {

using pnn::io::Trials;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t batch = 500;
constexpr rlim_t worker_memory = rlim_t{3} << 29;
constexpr unsigned worker_seconds = 10, trial_seconds = 60;

struct Settings {
  std::uint64_t runs = 3000, first = 1;
  double seconds = 0;  ///< 0: as long as the runs take
  std::string keep, write_seeds;
  std::vector<std::string> folders;
};

/// What a worker tells even if it dies.
struct Board {
  std::uint64_t next = 0, refused = 0;
  char text[512] = {};
};

enum Exit { fine = 0, refused = 10, unexpected = 11 };

class Campaign {
 public:
  Campaign(std::vector<fuzz::Seed> seeds, const Settings& settings)
      : seeds_(std::move(seeds)),
        settings_(settings),
        board_(static_cast<Board*>(
            mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    if (board_ == MAP_FAILED) throw std::runtime_error("no shared memory");
  }
  Campaign(const Campaign&) = delete;
  Campaign& operator=(const Campaign&) = delete;
  ~Campaign() { munmap(board_, sizeof(Board)); }

  int run() {
    const Clock::time_point start = Clock::now();
    const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
    const std::uint64_t total = seeds_.size() + settings_.runs;
    std::uint64_t next = 0;
    double told = 0;
    while (next < total && (settings_.seconds == 0 || seconds() < settings_.seconds)) {
      next = run_batch(next, std::min(next + batch, total));
      if (seconds() < told + 60) continue;
      told = seconds();
      std::cerr << "fuzz-readers: " << next << " executions, " << findings_ << " findings" << std::endl;
    }
    std::cout << next << " executions (" << seeds_.size() << " seeds as they are) in "
              << std::llround(seconds()) << " s, " << board_->refused << " refused";
    for (const auto& [how, count] : contained_) std::cout << ", " << count << " contained (" << how << ")";
    std::cout << "; " << findings_ << " findings\n";
    return findings_ == 0 ? 0 : 1;
  }

 private:
  [[nodiscard]] const fuzz::Seed& seed_of(std::uint64_t number) const {
    return seeds_[number < seeds_.size() ? number : chosen(number, 0)];
  }
  [[nodiscard]] std::string input(std::uint64_t number) const {
    if (number < seeds_.size()) return seeds_[number].bytes;
    return fuzz::mutate(seed_of(number), seeds_[chosen(number, 1)], settings_.first + number);
  }
  /// Which seed a number changes (role 0), and from which it copies (role 1).
  [[nodiscard]] std::size_t chosen(std::uint64_t number, std::uint16_t role) const {
    return pnn::below({settings_.first, pnn::Purpose::test, role}, static_cast<std::uint32_t>(number),
                      static_cast<std::uint32_t>(seeds_.size()));
  }

  /// Reads one input; never throws.
  Exit read(std::uint64_t number) {
    const std::string path = folder_ / "input";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << input(number);
    try {
      const std::string complaint = fuzz::read_all(fuzz::kind_of(seed_of(number).name), path);
      std::snprintf(board_->text, sizeof board_->text, "%s", complaint.c_str());
      return complaint.empty() ? fine : refused;
    } catch (const std::exception& error) {
      std::snprintf(board_->text, sizeof board_->text, "unexpected exception: %s", error.what());
      return unexpected;
    }
  }

  template <class Body>
  int in_child(const Body& body) {
    const pid_t pid = fork();
    if (pid < 0) throw std::runtime_error("no process can be started");
    if (pid == 0) {
      const int nowhere = open("/dev/null", O_WRONLY);
      dup2(nowhere, STDERR_FILENO);
      limit();
      _exit(body());
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) continue;
    return status;
  }
  static void limit() {
    std::ifstream statm("/proc/self/statm");
    rlim_t pages = 0;
    statm >> pages;
    const rlim_t most = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + worker_memory;
    const struct rlimit memory { most, most }, core{0, 0};
    setrlimit(RLIMIT_AS, &memory);
    setrlimit(RLIMIT_CORE, &core);
    for (const int number : {SIGALRM, SIGXCPU}) std::signal(number, SIG_DFL);
  }

  /// The number after the last that was read.
  std::uint64_t run_batch(std::uint64_t begin, std::uint64_t end) {
    const int status = in_child([&] {
      pnn::io::set_trials(Trials::off);
      for (std::uint64_t k = begin; k < end; ++k) {
        board_->next = k;
        alarm(worker_seconds);
        const Exit how = read(k);
        if (how == unexpected) return how;
        if (how == refused) ++board_->refused;
      }
      board_->next = end;
      return fine;
    });
    if (WIFEXITED(status) && WEXITSTATUS(status) == fine) return end;
    judge(board_->next, status);
    return board_->next + 1;
  }

  static std::string how_it_ended(int status) {
    if (WIFSIGNALED(status)) return strsignal(WTERMSIG(status));
    return "exit status " + std::to_string(WEXITSTATUS(status));
  }

  void judge(std::uint64_t number, int status) {
    const std::string how = WIFEXITED(status) && WEXITSTATUS(status) == unexpected ? std::string(board_->text)
                                                                                   : how_it_ended(status);
    board_->text[0] = '\0';
    const int again = in_child([&] {
      alarm(trial_seconds);
      return int(read(number));
    });
    // tools, whose memory is not limited, would spare such a file the trial
    const std::string path = folder_ / "input";
    const bool spared = pnn::io::has_own_form({path, path, std::filesystem::file_size(path)});
    if (!spared && WIFEXITED(again) && (WEXITSTATUS(again) == refused || WEXITSTATUS(again) == fine)) {
      ++contained_[how];
      keep(number, "contained");
      return;
    }
    ++findings_;
    std::cerr << "fuzz-readers: FINDING: number " << number << ", from " << seed_of(number).name << ": "
              << how << (spared ? "; taken for a sound file" : "")
              << "; with a trial: " << (WIFSIGNALED(again) ? how_it_ended(again) : std::string(board_->text))
              << std::endl;
    keep(number, "finding");
  }

  void keep(std::uint64_t number, const std::string& what) const {
    if (settings_.keep.empty()) return;
    const std::string name =
        what + "-" + std::to_string(settings_.first + number) + "-" + seed_of(number).name;
    std::ofstream(settings_.keep + "/" + name, std::ios::binary) << input(number);
  }

  std::vector<fuzz::Seed> seeds_;
  const Settings& settings_;
  Board* board_;
  pnn::test::TemporaryFolder folder_;
  std::map<std::string, std::uint64_t> contained_;
  std::uint64_t findings_ = 0;
};

Settings settings_of(int argc, char** argv) {
  Settings settings;
  for (int k = 1; k < argc; ++k) {
    const std::string word = argv[k];
    if (word.empty() || word[0] != '-') {
      settings.folders.push_back(word);
      continue;
    }
    if (++k == argc) throw std::runtime_error(word + ": expected a value");
    const std::string value = argv[k];
    if (word == "--runs") {
      settings.runs = std::stoull(value);
    } else if (word == "--seed") {
      settings.first = std::stoull(value) << 40U;
    } else if (word == "--seconds") {
      settings.seconds = std::stod(value);
    } else if (word == "--keep") {
      settings.keep = value;
    } else if (word == "--write-seeds") {
      settings.write_seeds = value;
    } else {
      throw std::runtime_error(
          word +
          ": unknown; usage: fuzz-readers [--runs N] [--seconds S] [--seed K] [--keep FOLDER] "
          "[--write-seeds FOLDER] [CORPUS…]");
    }
  }
  return settings;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Settings settings = settings_of(argc, argv);
    std::vector<fuzz::Seed> seeds = fuzz::made_seeds();
    if (!settings.write_seeds.empty()) {
      for (const fuzz::Seed& seed : seeds)
        std::ofstream(settings.write_seeds + "/" + seed.name, std::ios::binary) << seed.bytes;
      return 0;
    }
    for (const std::string& folder : settings.folders) {
      for (fuzz::Seed& seed : fuzz::folder_seeds(folder)) seeds.push_back(std::move(seed));
    }
    return Campaign(std::move(seeds), settings).run();
  } catch (const std::exception& error) {
    std::cerr << "fuzz-readers: " << error.what() << "\n";
    return 2;
  }
}
