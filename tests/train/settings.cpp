// What a training's settings refuse, and the table of methods from which help, checks, costs and the
// table of tools/README.md follow.
#include "pnn/train/settings.hpp"

#include <fstream>
#include <set>
#include <sstream>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/train/estimator.hpp"
#include "tests/catch.hpp"

using namespace pnn;
using train::Method;

namespace {

/// Settings as a command line sets them: "method=sat draws=2 dat=true".
struct Given {
  train::TrainSettings settings;
  Options options;
  explicit Given(const std::string& text) {
    settings.describe(options);
    for (const std::string& assignment : split(text, ' ')) {
      const std::size_t eq = assignment.find('=');
      Option* option = options.find(assignment.substr(0, eq));
      REQUIRE(option != nullptr);
      option->set(std::vector<std::string>{assignment.substr(eq + 1)});
    }
  }
};

std::string refusal(const std::string& text) {
  const Given given(text);
  try {
    given.settings.check();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

/// The line that tools/README.md is to have of a method.
std::string row_of(const train::MethodTraits& traits) {
  const auto as_option = [](const std::string& name) { return "`--" + name + "`"; };
  std::vector<std::string> options;
  for (const std::string& name : options_of(traits)) options.push_back(as_option(name));
  const std::string where = traits.runs_on == train::RunsOn::model    ? "model"
                            : traits.runs_on == train::RunsOn::device ? "device"
                                                                      : "model, device";
  return "| `" + std::string(traits.name) + "` | " + where + " | " + std::string(traits.step) + " | " +
         join(options, " ") + " | " + cost_in_words(traits) + " |";
}

}  // namespace

TEST_CASE("settings that contradict each other are refused, each with a sentence of its own") {
  const std::string twice = "--budget, --budget-epochs and --steps say the same thing twice: give one";
  const auto idle = [](const std::string& option, const std::string& why) {
    return "--" + option + ": acts on nothing here; " + why;
  };
  const std::string weights = "perturbations of weights have a unit and an element of their own";
  const std::string unperturbed = idle("perturbed-statistics", "no pass is perturbed");
  const std::string of_a_lab =
      "in situ only what a lab can set is perturbed: --perturb, --scale response and --space weights belong "
      "to a model";
  const std::string in_situ =
      " works on a model alone; in situ there are bp, noise, sat, drawn-sat, pat, dat, spsa and differences";
  const std::string parts = "--draws and --freeze-statistics belong to a training on a model";
  const std::string counted =
      "--method differences costs two evaluations a parameter and step: give --epochs";
  const std::string residual =
      "--dat belongs to bp, noise, sat and drawn-sat with --in-situ (or take --method dat)";
  const std::string output = "--pat-output belongs to pat, or to bp, noise, sat and drawn-sat with --in-situ";
  const std::string pairs = "--task generate compares distributions: --batch 2 or more, in each of --draws";
  const std::pair<std::string, std::string> refused[] = {
      {"budget=3 steps=4", twice},
      {"budget=3 budget-epochs=4", twice},
      {"budget-epochs=3 steps=4", twice},
      {"method=differences budget=4", counted},
      {"method=differences budget-epochs=4", counted},
      {"space=weights", idle("space", "--method bp does not read it, but noise")},
      {"method=noise space=weights scale=response", idle("scale", weights)},
      {"method=noise space=weights per=element", idle("per", weights)},
      {"method=sam per=element", idle("per", weights)},
      {"method=sam random-start=1", idle("random-start", "--method sam does not read it, but sat")},
      {"method=sam reuse-ascent=3", idle("reuse-ascent", "--method sam does not read it, but sat")},
      {"method=sam ascent-steps=2", idle("ascent-steps", "--method sam does not read it, but sat")},
      {"ascent-sign=up", idle("ascent-sign", "--method bp does not read it, but drawn-sat")},
      {"method=sat ascent-sign=up", idle("ascent-sign", "--method sat does not read it, but drawn-sat")},
      {"method=noise rho=0.1 rho-group=digital=0.1", "accepted"},
      {"method=noise rho=0.1", idle("rho", "--method noise does not read it, but sam, sat and drawn-sat")},
      {"lambda=0.1", idle("lambda", "--method bp does not read it, but slope")},
      {"dat-lr=0.1", idle("dat-lr", "--method bp does not read it, but dat")},
      {"method=noise probe=0.1", idle("probe", "--method noise does not read it, but spsa and differences")},
      {"scale=adaptive", idle("scale", "--method bp perturbs no controls")},
      {"only-layers=mrr1", idle("only-layers", "nothing is perturbed")},
      {"candidates=5", idle("candidates", "it is about --system worst")},
      {"momentum=0.5", idle("momentum", "it is about --optimizer sgd")},
      {"step-every=5", idle("step-every", "it is about --schedule step")},
      {"schedule-decay=0.5", idle("schedule-decay", "it is about --schedule wsd")},
      {"schedule=constant schedule-warmup=0.5", idle("schedule-warmup", "it is about --schedule wsd")},
      {"average-statistics=5", idle("average-statistics", "it is about --average, which is not given")},
      {"augment=crop=4,flip label-smoothing=0.1", "accepted"},
      {"task=regress label-smoothing=0.1", idle("label-smoothing", "--task regress has no classes")},
      {"task=generate augment=flip", idle("augment", "--task generate shows a network no pictures")},
      {"average=0.9 freeze-statistics=0.5 average-statistics=5",
       idle("average-statistics",
            "with --freeze-statistics the statistics are constants, and those of the mean, too")},
      {"average=0.9 schedule=wsd schedule-warmup=0.1 schedule-decay=0", "accepted"},
      {"method=pat in-situ=true", idle("in-situ", "--method pat runs on a device without it")},
      {"method=sat draws=2 reuse-ascent=2",
       "--reuse-ascent keeps one ascent, and --draws makes several: give one of them"},
      {"task=generate batch=1", pairs},
      {"task=generate batch=4 draws=3", pairs},
      {"draws=65", "--draws: more parts than --batch has samples"},
      {"method=noise perturb=temperature=1 system=gradient",
       "--system gradient needs the ascent of --method sat; use random or worst"},
      {"method=sam perturb=temperature=1 system=gradient",
       "--system gradient needs the ascent of --method sat; use random or worst"},
      {"method=slope in-situ=true", "--in-situ: --method slope" + in_situ},
      {"method=sam in-situ=true", "--in-situ: --method sam" + in_situ},
      {"method=process in-situ=true", "--in-situ: --method process" + in_situ},
      {"method=pat draw-process=true", "--in-situ: --method with --draw-process" + in_situ},
      {"method=pat perturb=temperature=1", of_a_lab},
      {"method=pat scale=response", of_a_lab + "; " + idle("scale", "--method pat perturbs no controls")},
      {"method=noise in-situ=true space=weights", of_a_lab},
      {"method=pat perturbed-statistics=clean",
       "--perturbed-statistics clean belongs to a model; " + unperturbed},
      {"method=pat draws=2", parts},
      {"method=dat freeze-statistics=0.5", parts},
      {"dat=true", residual},
      {"method=spsa dat=true", residual},
      {"method=dat pat-output=true", "--pat-output is --dat-states output for what learns residual maps"},
      {"pat-output=true", output},
      {"method=spsa pat-output=true", output},
      {"freeze-statistics=0.5 perturbed-statistics=clean",
       "--freeze-statistics and --perturbed-statistics clean contradict each other; " + unperturbed},
  };
  for (const auto& [text, expected] : refused) {
    INFO(text);
    CHECK(refusal(text) == expected);
  }
}

TEST_CASE("several contradictions are told together") {
  const std::string told = refusal("budget=3 steps=4 draws=65");
  CHECK(told.find("twice") != std::string::npos);
  CHECK(told.find("more parts") != std::string::npos);
}

TEST_CASE("every method is accepted as it is, and in situ where it may run on a device") {
  for (const train::MethodTraits& traits : train::method_table) {
    INFO(traits.name);
    const std::string method = "method=" + std::string(traits.name);
    CHECK(refusal(method) == "accepted");
    CHECK((refusal(method + " in-situ=true") == "accepted") == (traits.runs_on == train::RunsOn::either));
  }
}

TEST_CASE("a misspelt choice is refused with all choices and the nearest") {
  Given given("method=bp");
  int misspelt = 0;
  for (const Option& option : given.options.all()) {
    for (std::string word : option.choices) {
      const std::string meant = word;
      if (word.size() < 3 || word[0] == word[1]) continue;
      std::swap(word[0], word[1]);
      INFO(option.name << " " << word);
      const std::string before = option.get().at(0);
      CHECK_THROWS_WITH(option.set(std::vector{word}), "--" + option.name + ": expected one of " +
                                                           join(option.choices, ", ") + ", found \"" + word +
                                                           "\"; did you mean \"" + meant + "\"?");
      CHECK(option.get().at(0) == before);
      ++misspelt;
    }
  }
  CHECK(misspelt > 40);
}

TEST_CASE("what a choice gives back is what it was set to") {
  Given given("method=bp");
  for (const Option& option : given.options.all()) {
    for (const std::string& word : option.choices) {
      option.set(std::vector{word});
      CHECK(option.get() == std::vector{word});
    }
  }
}

TEST_CASE("every method has one line of traits, and the options of its parts are options of a training") {
  std::set<Method> methods;
  std::set<std::string_view> names;
  Given given("method=bp");
  for (const train::MethodTraits& traits : train::method_table) {
    methods.insert(traits.method);
    names.insert(traits.name);
    for (const std::string& option : options_of(traits)) {
      INFO(traits.name << " --" << option);
      CHECK(given.options.find(option) != nullptr);
    }
    CHECK(given.options.find("method")->help.find(std::string(traits.name) + " " +
                                                  std::string(traits.step)) != std::string::npos);
  }
  CHECK(methods.size() == train::method_table.size());
  CHECK(names.size() == train::method_table.size());
}

TEST_CASE("the cost of a step in words is the one that is counted") {
  for (const train::MethodTraits& traits : train::method_table) {
    INFO(traits.name);
    const Given given("method=" + std::string(traits.name));
    const train::Cost cost = train::Estimator::cost_of_steps(given.settings, 0, 1, 30);
    const double thirds = 3 * double(cost.gradients) + double(cost.evaluations);
    const std::string words = cost_in_words(traits);
    const double expected = words == "1"                       ? 3
                            : words == "2"                     ? 6
                            : words == "1 + ascent steps"      ? 6
                            : words == "2/3"                   ? 2
                            : words == "1/3 + 2/3 a parameter" ? 61
                                                               : 0;
    CHECK(thirds == expected);
  }
}

TEST_CASE("the table of methods in tools/README.md is that of the traits") {
  std::ifstream file(PNN_SOURCE_DIR "/tools/README.md");
  std::set<std::string> lines;
  std::size_t rows = 0;
  bool methods = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("## ", 0) == 0) methods = line == "## Training methods";
    if (!methods) continue;
    rows += line.rfind("| `", 0) == 0 && line.rfind("| `--", 0) != 0 ? 1 : 0;  // without the heading
    lines.insert(line);
  }
  for (const train::MethodTraits& traits : train::method_table) {
    INFO("tools/README.md lacks this line under ## Training methods:\n" << row_of(traits));
    CHECK(lines.count(row_of(traits)) == 1);
  }
  CHECK(rows == train::method_table.size());
}
