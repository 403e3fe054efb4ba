#include "pnn/core/short_loops.hpp"

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/catch.hpp"
#include "tests/temporary_folder.hpp"

using namespace pnn;
using pnn::test::TemporaryFolder;

namespace {

/// Back to the default when a test ends, however it ends.
struct WithThreads {
  explicit WithThreads(int count) { set_threads(count); }
  ~WithThreads() { set_threads(0); }
};

}  // namespace

TEST_CASE("every chunk is called once, whatever the number of threads") {
  for (const int count : {1, 2, 7}) {
    const WithThreads with(count);
    for (const std::size_t chunks : {0, 1, 2, 100}) {
      std::vector<std::atomic<int>> calls(chunks);
      parallel_for(chunks, [&](std::size_t k) { ++calls[k]; });
      for (const auto& n : calls) CHECK(n == 1);
    }
  }
}

TEST_CASE("more than one thread is used where it may") {
  const WithThreads with(2);
  // Both chunks wait for each other: with one thread this would never end, so a bounded number of turns.
  std::atomic<int> arrived{0};
  std::atomic<bool> met{false};
  parallel_for(2, [&](std::size_t) {
    ++arrived;
    for (long turn = 0; turn < 2000000000L && arrived < 2; ++turn) {
    }
    if (arrived == 2) met = true;
  });
  CHECK(met);
}

TEST_CASE("a loop that is too short for a second thread runs on the calling one, in order") {
  const WithThreads with(2);
  const auto caller = std::this_thread::get_id();
  std::vector<std::size_t> order;  // of one thread, or this would be a race
  parallel_for(100, 0.99 * least_parallel_ns, [&](std::size_t k) {
    CHECK(std::this_thread::get_id() == caller);
    order.push_back(k);
  });
  REQUIRE(order.size() == 100);
  for (std::size_t k = 0; k < order.size(); ++k) CHECK(order[k] == k);
}

TEST_CASE("nested loops run serially and completely") {
  const WithThreads with(3);
  std::vector<std::vector<int>> order(6);
  parallel_for(6,
               [&](std::size_t k) { parallel_for(5, [&](std::size_t n) { order[k].push_back(int(n)); }); });
  for (const auto& inner : order) CHECK(inner == std::vector<int>{0, 1, 2, 3, 4});
}

TEST_CASE("the first exception by chunk number is rethrown after every chunk was tried") {
  for (const int count : {1, 4}) {
    const WithThreads with(count);
    std::atomic<int> calls{0};
    std::string caught;
    try {
      parallel_for(20, [&](std::size_t k) {
        ++calls;
        if (k % 5 == 3) throw std::runtime_error("chunk " + std::to_string(k));
      });
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
    CHECK(caught == "chunk 3");
    CHECK(calls == 20);
  }
  // and the next loop is a fresh start
  std::atomic<int> calls{0};
  parallel_for(4, [&](std::size_t) { ++calls; });
  CHECK(calls == 4);
}

TEST_CASE("the number of threads is at least one and follows what Slurm granted") {
  CHECK(available_threads() >= 1);
  setenv("SLURM_CPUS_PER_TASK", "1", 1);
  CHECK(available_threads() == 1);
  setenv("SLURM_CPUS_PER_TASK", "rubbish", 1);
  const int with_rubbish = available_threads();
  unsetenv("SLURM_CPUS_PER_TASK");
  CHECK(available_threads() == with_rubbish);
  const WithThreads with(5);
  CHECK(threads() == 5);
  set_threads(0);
  CHECK(threads() == available_threads());
}

TEST_CASE("quotas of a version 2 cgroup are read at every level") {
  const TemporaryFolder hierarchy;
  const std::string mount = hierarchy.path();
  CHECK(detail::cgroup_limit("0::/job/step\n", mount) == 0);
  hierarchy.write("cpu.max", "max 100000\n");
  hierarchy.write("job/step/cpu.max", "350000 100000\n");
  CHECK(detail::cgroup_limit("0::/job/step\n", mount) == 4);  // 3.5 processors: a fourth is worth having
  hierarchy.write("job/cpu.max", "200000 100000\n");
  CHECK(detail::cgroup_limit("0::/job/step\n", mount) == 2);
  CHECK(detail::cgroup_limit("0::/\n", mount) == 0);
  hierarchy.write("cpu.max", "50000 100000\n");
  CHECK(detail::cgroup_limit("0::/\n", mount) == 1);  // half a processor is still one thread
}

TEST_CASE("quotas of a version 1 cgroup are read") {
  const TemporaryFolder hierarchy;
  const std::string mount = hierarchy.path();
  const std::string membership = "5:memory:/job\n4:cpu,cpuacct:/job\n1:name=systemd:/\n";
  hierarchy.write("cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  hierarchy.write("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  CHECK(detail::cgroup_limit(membership, mount) == 0);
  hierarchy.write("cpu,cpuacct/job/cpu.cfs_quota_us", "300000\n");
  hierarchy.write("cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  CHECK(detail::cgroup_limit(membership, mount) == 3);
  CHECK(detail::cgroup_limit("garbage\n", mount) == 0);
}
