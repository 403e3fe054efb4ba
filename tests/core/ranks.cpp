// What ranks exchange, and that they fail together.
#include "pnn/core/ranks.hpp"

#include <cstdlib>
#include <new>

#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"
#include "tests/ranks.hpp"

using namespace pnn;

TEST_CASE("ranks gather in their order, and exchange blocks") {
  std::vector<std::vector<int>> all(3), from(3);
  const auto errors = test::on_ranks(3, [&](Ranks& ranks) {
    const int r = ranks.rank();
    all[std::size_t(r)] = gathered(ranks, std::vector<int>{10 * r, 10 * r + 1});
    const std::vector<int> mine = {100 * r, 100 * r + 1, 100 * r + 2};
    from[std::size_t(r)].resize(3);
    ranks.exchange(mine.data(), from[std::size_t(r)].data(), sizeof(int));
  });
  for (std::size_t r = 0; r < 3; ++r) {
    CHECK(!errors[r]);
    CHECK(all[r] == std::vector<int>{0, 1, 10, 11, 20, 21});
    CHECK(from[r] == std::vector<int>{int(r), 100 + int(r), 200 + int(r)});
  }
  CHECK(gathered(alone(), 7) == std::vector<int>{7});
}

TEST_CASE("an error of one rank is thrown on all, of its kind, and of the lowest where several fail") {
  const auto fails_on = [](int first, const auto& error) {
    return test::on_ranks(3, [&](Ranks& ranks) {
      together(ranks, [&] {
        if (ranks.rank() >= first) throw error;
      });
    });
  };
  for (const auto& error : fails_on(1, InputError("data.h5: no such file")))
    CHECK(test::message_of<InputError>(error) == "rank 1: data.h5: no such file");
  for (const auto& error : fails_on(0, UsageError("--lr: negative")))
    CHECK(test::message_of<UsageError>(error) == "--lr: negative");
  for (const auto& error : fails_on(2, DivergenceError("the loss is not finite")))
    CHECK(test::message_of<DivergenceError>(error) == "rank 2: the loss is not finite");
  for (const auto& error : fails_on(2, RunError("disk full")))
    CHECK(test::message_of<RunError>(error) == "rank 2: disk full");
  for (const auto& error : fails_on(1, Interrupted("signal")))
    CHECK(test::message_of<Interrupted>(error) == "rank 1: signal");
  for (const auto& error : fails_on(1, std::bad_alloc()))
    CHECK(test::message_of<RunError>(error).find("rank 1: not enough memory") == 0);
  for (const auto& error : fails_on(1, std::logic_error("index")))
    CHECK(test::message_of<InternalError>(error) == "rank 1: index");
  for (const auto& error : fails_on(3, RunError("never"))) CHECK(!error);
  CHECK_THROWS_AS(together(alone(), [] { throw std::bad_alloc(); }), std::bad_alloc);
}

TEST_CASE("one rank that is asked to stop stops all") {
  std::vector<char> stopped(3);
  test::on_ranks(3, [&](Ranks& ranks) {
    if (!any(ranks, false)) stopped[std::size_t(ranks.rank())] = any(ranks, ranks.rank() == 2) ? 1 : 0;
  });
  CHECK(stopped == std::vector<char>(3, 1));
}

TEST_CASE("a program sees that it is one of several copies") {
  const char* const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};
  for (const char* name : names) unsetenv(name);
  CHECK(copies_started() == 1);
  for (const char* name : names) {
    for (const auto& [text, count] : {std::pair("4", 4), {"1", 1}, {"", 1}, {"4x", 1}, {"-2", 1}}) {
      setenv(name, text, 1);
      CHECK(copies_started() == count);
    }
    unsetenv(name);
  }
}
