#include "pnn/core/options.hpp"

#include <string>
#include <vector>

#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"

using namespace pnn;

namespace {

struct Settings {
  bool crosstalk = false;
  double rho = 0.02;
  std::optional<double> lr_controls;
  int epochs = 10;
  std::int64_t limit = 0;
  std::uint64_t seed = 1;
  std::string label, method = "bp", data, curves, output;
  std::vector<std::string> layers;
  std::vector<double> temperatures;

  void describe(Options& o) {
    o.positional_input("curves", curves, "measured curves");
    o.group("Method");
    o.choice("method", method, {"bp", "sat", "noise"}, "how");
    o.number("rho", rho, "R", "radius", Limits::positive());
    o.number("lr-controls", lr_controls, "X", "rate", Limits::between(0, 1));
    o.integer("epochs", epochs, "N", "passes", Limits::at_least(1));
    o.integer("limit", limit, "N", "any");
    o.integer("seed", seed, "N", "seed");
    o.text("label", label, "NAME", "name");
    o.list("layer", layers, "KIND", "layer");
    o.numbers("temperatures", temperatures, "K,…", "where", Limits::non_negative());
    o.flag("crosstalk", crosstalk, "too");
    o.input("data", data, "data");
    o.output(output);
  }
};

struct Fixture {
  Settings settings;
  Options options;
  Fixture() { settings.describe(options); }
  void set(const std::string& name, const std::vector<std::string>& values) {
    options.find(name)->set(values);
  }
  std::string refusal(const std::string& name, const std::string& value) {
    try {
      set(name, {value});
    } catch (const UsageError& error) {
      return error.what();
    }
    return "accepted";
  }
};

}  // namespace

TEST_CASE("an option fills the struct next to which it was declared") {
  Fixture f;
  f.set("rho", {"0.05"});
  f.set("epochs", {"3"});
  f.set("seed", {"18446744073709551615"});
  f.set("limit", {"-5"});
  f.set("lr-controls", {"0.5"});
  f.set("method", {"sat"});
  f.set("layer", {"mrr:out=10", "relu"});
  f.set("temperatures", {"21:23:1"});
  f.set("crosstalk", {"true"});
  CHECK(f.settings.rho == 0.05);
  CHECK(f.settings.epochs == 3);
  CHECK(f.settings.seed == 18446744073709551615U);
  CHECK(f.settings.limit == -5);
  CHECK(f.settings.lr_controls == 0.5);
  CHECK(f.settings.method == "sat");
  CHECK(f.settings.layers == std::vector<std::string>{"mrr:out=10", "relu"});
  CHECK(f.settings.temperatures == std::vector<double>{21, 22, 23});
  CHECK(f.settings.crosstalk);
}

TEST_CASE("what an option gives back it also reads, to the same value") {
  Fixture f;
  f.settings.rho = 1.0 / 3;
  f.settings.lr_controls = 1e-7;
  f.settings.temperatures = {21.1, 22};
  f.settings.layers = {"a b", ""};
  Fixture g;
  for (Option& option : f.options.all())
    if (const auto values = option.get(); !values.empty()) g.options.find(option.name)->set(values);
  CHECK(g.settings.rho == f.settings.rho);
  CHECK(g.settings.lr_controls == f.settings.lr_controls);
  CHECK(g.settings.temperatures == f.settings.temperatures);
  CHECK(g.settings.layers == f.settings.layers);
}

TEST_CASE("a refused value is told with what was expected and changes nothing") {
  Fixture f;
  CHECK(f.refusal("epochs", "x") == "--epochs: expected an integer at least 1, found \"x\"");
  CHECK(f.refusal("epochs", "0") == "--epochs: expected an integer at least 1, found \"0\"");
  CHECK(f.refusal("epochs", "2.5") == "--epochs: expected an integer at least 1, found \"2.5\"");
  CHECK(f.refusal("epochs", "99999999999") ==
        "--epochs: expected an integer between 1 and 2147483647, found \"99999999999\"");
  CHECK(f.refusal("seed", "-1") == "--seed: expected an integer at least 0, found \"-1\"");
  CHECK(f.refusal("rho", "0") == "--rho: expected a number above 0, found \"0\"");
  CHECK(f.refusal("lr-controls", "1.5") == "--lr-controls: expected a number between 0 and 1, found \"1.5\"");
  CHECK(f.refusal("temperatures", "20,-1") == "--temperatures: expected numbers at least 0, found \"-1\"");
  CHECK(f.refusal("crosstalk", "yes") == "--crosstalk: expected true or false, found \"yes\"");
  CHECK(f.refusal("method", "sta") ==
        "--method: expected one of bp, sat, noise, found \"sta\"; did you mean \"sat\"?");
  for (const char* text : {"nan", "inf", "1e400", "0x1p-3", "", "0.1 0.2"}) {
    INFO(text);
    CHECK(f.refusal("rho", text) == "--rho: expected a number above 0, found \"" + std::string(text) + "\"");
  }
  CHECK(f.settings.epochs == 10);
  CHECK(f.settings.rho == 0.02);
  CHECK_FALSE(f.settings.lr_controls);
  CHECK(f.settings.temperatures.empty());
  CHECK(f.settings.method == "bp");
}

TEST_CASE("an option of one value refuses two") {
  Fixture f;
  CHECK_THROWS_WITH(f.set("rho", {"1", "2"}), "--rho: expected one value, found 2");
}

TEST_CASE("the canonical command holds every effective setting and no path") {
  Fixture f;
  f.set("curves", {"/tmp/c.h5"});
  f.set("data", {"d.h5"});
  f.set("output", {"o.h5"});
  f.set("layer", {"mrr:out=10", "relu"});
  f.set("label", {"it's new"});
  CHECK(f.options.canonical() ==
        "method=bp rho=0.02 epochs=10 limit=0 seed=1 label='it'\\''s new' layer=mrr:out=10 layer=relu "
        "crosstalk=false");
}

TEST_CASE("the canonical command stays one line whatever a value holds") {
  Fixture f;
  f.set("label", {"two\nlines\x7f"});
  const std::string command = f.options.canonical();
  CHECK(command.find('\n') == std::string::npos);
  CHECK_THAT(command, Catch::Matchers::Contains("label='two\\x0alines\\x7f'"));
}

TEST_CASE("roles, places and what is required follow from the declaration") {
  Fixture f;
  CHECK(f.options.find("curves")->positional);
  CHECK(f.options.find("curves")->required);
  CHECK(f.options.find("curves")->role == Option::Role::input);
  CHECK_FALSE(f.options.find("data")->required);
  CHECK(f.options.find("output")->letter == 'o');
  CHECK(f.options.find("output")->required);
  CHECK(f.options.find("rho")->group == "Method");
  CHECK(f.options.find("nothing") == nullptr);
  CHECK(f.options.nearest("epcohs") == "epochs");
}

TEST_CASE("an option cannot be declared twice") {
  Fixture f;
  CHECK_THROWS_AS(f.settings.describe(f.options), InternalError);
}

TEST_CASE("an option that was asked for and acts on nothing is told with the reason, and no other") {
  Fixture f;
  const std::size_t since = f.options.all().size();
  f.options.find("rho")->idle = [&] { return f.settings.method == "bp" ? "bp has no radius" : ""; };
  f.options.find("epochs")->idle = [] { return std::string("there are none"); };
  CHECK(f.options.idle().empty());
  f.options.find("rho")->asked = true;
  CHECK(f.options.idle() == std::vector<std::string>{"--rho: acts on nothing here; bp has no radius"});
  f.set("method", {"sat"});
  CHECK(f.options.idle().empty());
  f.options.idle_since(since, [] { return "never told: nothing was declared since"; });
  f.options.idle_since(0, [] { return "nothing acts"; });
  CHECK(f.options.idle() == std::vector<std::string>{"--rho: acts on nothing here; nothing acts"});
  f.set("method", {"bp"});
  CHECK(f.options.idle() == std::vector<std::string>{"--rho: acts on nothing here; bp has no radius"});

  // a preset is general: its values may be left without effect
  f.options.find("rho")->by_preset = true;
  CHECK(f.options.idle().empty());

  // of settings that a program changed, those that differ from their default count as asked for
  Fixture changed, fresh;
  changed.options.idle_since(0, [] { return "nothing acts"; });
  changed.settings.epochs = 3;
  changed.options.ask_changed(fresh.options);
  CHECK(changed.options.idle() == std::vector<std::string>{"--epochs: acts on nothing here; nothing acts"});
}
