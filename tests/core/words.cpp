#include "pnn/core/words.hpp"

#include "pnn/core/options.hpp"
#include "tests/catch.hpp"

namespace pnn::test {
namespace {

enum class Sweep { up, down, both, silent };
constexpr auto words_of(Sweep) {
  using enum Sweep;
  return std::to_array<Word<Sweep>>(
      {{up, "up", "towards higher currents"}, {down, "down", "towards lower ones"}, {both, "both"}});
}

struct Fixture {
  Sweep sweep = Sweep::up;
  Options options;
  Option& option = options.choice("sweep", sweep, "which way");
};

}  // namespace

TEST_CASE("a choice of an enumeration follows from its table: help, choices, setting and getting") {
  Fixture f;
  CHECK(f.option.help == "which way: up towards higher currents; down towards lower ones");
  CHECK(f.option.choices == std::vector<std::string>{"up", "down", "both"});
  CHECK(f.option.get() == std::vector<std::string>{"up"});
  f.option.set(std::vector<std::string>{"both"});
  CHECK(f.sweep == Sweep::both);
  CHECK(f.options.canonical() == "sweep=both");
}

TEST_CASE("a word that an enumeration has not is refused with the nearest, and changes nothing") {
  Fixture f;
  CHECK_THROWS_WITH(f.option.set(std::vector<std::string>{"dwon"}),
                    "--sweep: expected one of up, down, both, found \"dwon\"; did you mean \"down\"?");
  CHECK_THROWS_WITH(f.option.set(std::vector<std::string>{""}),
                    "--sweep: expected one of up, down, both, found \"\"");
  CHECK(f.sweep == Sweep::up);
}

TEST_CASE("a choice among some values of an enumeration takes and explains these alone") {
  Fixture f;
  Sweep one_way = Sweep::up;
  const Option& option = f.options.choice("one-way", one_way, "which way", {Sweep::down, Sweep::up});
  CHECK(option.choices == std::vector<std::string>{"up", "down"});
  CHECK_THROWS_WITH(option.set(std::vector<std::string>{"both"}),
                    "--one-way: expected one of up, down, found \"both\"");
}

TEST_CASE("words and values find each other, and a value without a word is an error of the program") {
  for (const Word<Sweep>& word : word_table<Sweep>) {
    CHECK(word_of(word.value) == word.name);
    CHECK(read_word<Sweep>(word.name) == word.value);
  }
  CHECK_FALSE(read_word<Sweep>("silent"));
  CHECK_THROWS_AS(word_of(Sweep::silent), InternalError);
}

}  // namespace pnn::test
