#include "pnn/device/descendants.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

namespace pnn::device {

namespace {

/// Our children that are not ours alone to wait for, or are: shared by all commands of this program.
struct Register {
  std::mutex mutex;
  std::set<pid_t> leaders;
  std::set<pid_t> adopted;  ///< have lost their parent, and nobody but us waits for them
};
Register& shared() {
  static Register all;
  return all;
}

std::string read_file(const std::string& path) {
  std::string text;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  std::array<char, 4096> block{};
  for (ssize_t got = 0; (got = read(fd, block.data(), block.size())) > 0;)
    text.append(block.data(), std::size_t(got));
  close(fd);
  return text;
}

struct Process {
  pid_t parent = 0, group = 0;
  bool runs = false;
};

/// "1234 (a name) S 1 1234 …": nothing for a process that has gone meanwhile.
std::optional<Process> process_of(const std::string& number) {
  const std::string stat = read_file("/proc/" + number + "/stat");
  const std::size_t end = stat.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  char state = 0;
  int parent = 0, group = 0;
  if (std::sscanf(stat.c_str() + end + 1, " %c %d %d", &state, &parent, &group) != 3) return std::nullopt;
  return Process{parent, group, state != 'Z' && state != 'X'};
}

std::map<pid_t, Process> all_processes() {
  std::map<pid_t, Process> all;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc"), closedir);
  if (!folder) return all;
  while (const dirent* entry = readdir(folder.get())) {
    const std::string name = entry->d_name;
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr != name.data() + name.size())
      continue;
    if (const auto process = process_of(name)) all.emplace(pid, *process);
  }
  return all;
}

/// The mark that a process bears; empty where it bears none or does not let us look.
std::string mark_of(pid_t pid) {
  const std::string environment = read_file("/proc/" + std::to_string(pid) + "/environ"),
                    start = std::string(Mark::variable) + "=";
  for (std::size_t at = 0; at < environment.size();) {
    const std::size_t end = std::min(environment.find('\0', at), environment.size());
    if (environment.compare(at, start.size(), start) == 0)
      return environment.substr(at + start.size(), end - at - start.size());
    at = end + 1;
  }
  return {};
}

/// Whether a process runs this very program: then it is a fork of ours and no driver's.
bool is_fork_of_ours(pid_t pid) {
  struct stat other {
  }, own{};
  return stat(("/proc/" + std::to_string(pid) + "/exe").c_str(), &other) == 0 &&
         stat("/proc/self/exe", &own) == 0 && other.st_dev == own.st_dev && other.st_ino == own.st_ino;
}

}  // namespace

Mark::Mark() {
  static std::atomic<unsigned> count{0};
  own_ = std::to_string(getpid()) + "-" + std::to_string(++count);
  const char* outer = std::getenv(variable);
  value_ = outer != nullptr && *outer != '\0' ? std::string(outer) + "/" + own_ : own_;
}

bool Mark::is_on(const std::string& other) const {
  return ("/" + other + "/").find("/" + own_ + "/") != std::string::npos;
}

void keep_in_sight() {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void note_leader(pid_t leader) {
  const std::lock_guard lock(shared().mutex);
  shared().leaders.insert(leader);
}

void forget_leader(pid_t leader) {
  const std::lock_guard lock(shared().mutex);
  shared().leaders.erase(leader);
}

std::vector<pid_t> descendants(pid_t leader, const Mark& mark) {
  const std::map<pid_t, Process> all = all_processes();
  const pid_t us = getpid();
  if (!all.contains(us)) {              // there is no /proc, or it hides this program
    waitpid(leader, nullptr, WNOHANG);  // a dead leader would otherwise still count as the group
    if (kill(-leader, 0) != 0) return {};
    return {-leader};
  }
  const std::lock_guard lock(shared().mutex);
  const std::set<pid_t>& leaders = shared().leaders;
  std::set<pid_t>& adopted = shared().adopted;
  std::map<pid_t, bool> is_ours;  // for each child of this program: whether it belongs to the command
  const auto belongs = [&](pid_t head) {
    if (leaders.contains(head)) return head == leader;
    const auto [it, fresh] = is_ours.try_emplace(head, false);
    if (!fresh) return it->second;
    const std::string found = mark_of(head);
    it->second = found.empty() ? !is_fork_of_ours(head) : mark.is_on(found);
    return it->second;
  };
  std::vector<pid_t> living;
  for (const auto& [pid, process] : all) {
    pid_t head = pid;
    auto at = all.find(pid);
    for (std::size_t steps = 0; steps < all.size() && at != all.end() && at->second.parent != us; ++steps) {
      head = at->second.parent;
      at = all.find(head);
    }
    if (at == all.end() || at->second.parent != us) continue;  // not a descendant of this program
    if (process.group != leader && !belongs(head)) continue;
    const bool child = process.parent == us && pid != leader;
    if (process.runs) {
      living.push_back(pid);
      if (child) adopted.insert(pid);
    } else if (child && (process.group == leader || adopted.contains(pid))) {
      waitpid(pid, nullptr, WNOHANG);
      adopted.erase(pid);
    }
  }
  return living;
}

}  // namespace pnn::device
