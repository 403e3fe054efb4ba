// Every tool says what it does in one form, and what it points to is there.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

namespace {

using namespace pnn::test;
using Catch::Matchers::Contains;

const std::filesystem::path source = PNN_SOURCE_DIR;

std::vector<std::string> tools() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(source / "tools"))
    if (entry.path().extension() == ".cpp") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), expression), end; it != end; ++it)
    found.push_back(it->str());
  return found;
}

}  // namespace

TEST_CASE("the help of every tool ends with an example and with tools and pages that there are") {
  const std::vector<std::string> names = tools();
  REQUIRE(names.size() >= 12);
  Shell shell;
  for (const std::string& name : names) {
    INFO(name);
    REQUIRE(shell.run(name + " --help") == 0);
    const std::string help = shell.out();
    const std::size_t example = help.find("\nExample:\n"), also = help.find("\nSee also: ");
    REQUIRE(example != std::string::npos);
    REQUIRE(also != std::string::npos);
    CHECK(example < also);
    const std::string related = help.substr(also);
    const std::vector<std::string> others = matches(related, "pnn-[a-z]+");
    CHECK(others.size() >= 1);
    for (const std::string& other : others) CHECK(std::count(names.begin(), names.end(), other) == 1);
    const std::vector<std::string> pages = matches(related, "[A-Za-z/_-]*(/[a-z-]+|\\.md|\\.hpp)\\b");
    for (const std::string& page : pages) {
      INFO(page);
      CHECK(std::filesystem::exists(source / page));
    }
  }
}

TEST_CASE("the script that builds the tools says in the end how to call them") {
  std::ifstream file(source / "scripts/setup-and-run");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t last = text.rfind("\necho ");
  REQUIRE(last != std::string::npos);
  Shell shell;
  shell.write("end", "root=/somewhere\n" + text.substr(last));
  REQUIRE(shell.run("bash end") == 0);
  CHECK(shell.err() ==
        "The tools are in /somewhere/build/tools/bin. To call them by their names:\n"
        "  export PATH=\"/somewhere/build/tools/bin:$PATH\"\n");
}

TEST_CASE("every tool reads top down: its question, its help, its options, run, and a main of one line") {
  for (const std::string& name : tools()) {
    INFO(name);
    std::ifstream file(source / "tools" / (name + ".cpp"));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    CHECK(std::regex_search(text, std::regex("^// [A-Z][^\n]*\\?\n#include")));
    const std::size_t about = text.find("const cli::ToolInfo about{"), options = text.find("\nstruct "),
                      run = text.find("\nvoid run("), end = text.find("\nint main(");
    CHECK(about < options);
    CHECK(options < run);
    CHECK(run < end);
    CHECK(end != std::string::npos);
    CHECK_THAT(text.substr(about), Contains(".name = \"" + name + "\"") && Contains(".see_also ="));
    CHECK(std::count(text.begin() + std::ptrdiff_t(end), text.end(), '\n') == 4);
  }
}
