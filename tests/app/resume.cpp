#include "pnn/app/resume.hpp"

#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

TEST_CASE("an unfinished output is continued by its own command on its own inputs alone") {
  Provenance before;
  before.command = "pnn-perturb vary=drift=0,1";
  before.parents = {{"params", "params", "aa"}, {"data", "dataset", "bb"}};
  const auto said = [&](const Provenance& now, auto error) {
    return test::message_of<decltype(error)>([&] { app::check_same_work(before, now, "out.h5"); });
  };
  CHECK_NOTHROW(app::check_same_work(before, before, "out.h5"));
  Provenance now = before;
  now.command = "pnn-perturb vary=drift=0,2";
  CHECK_THAT(said(now, UsageError("")),
             Contains("out.h5 was begun with other options (pnn-perturb vary=drift=0,1)"));
  now = before;
  now.parents[1].hash = "cc";
  CHECK_THAT(said(now, InputError("")), Contains("another file of role \"data\""));
  now = before;
  now.parents.push_back({"models", "model", "dd"});  // an input that the unfinished output never had
  CHECK_THAT(said(now, InputError("")), Contains("another file of role \"models\""));
  now = before;
  now.parents.pop_back();  // an input that it had, and that its end would not name as a parent
  CHECK_THAT(said(now, InputError("")), Contains("a file of role \"data\" besides these"));
}

TEST_CASE("shards belong together where tool, settings, seed and inputs are the same") {
  Provenance first;
  first.creator = "pnn-perturb 0.1.0";
  first.command = "pnn-perturb vary=drift=0,1";
  first.seed = 3;
  first.parents = {{"params", "params", "aa"}, {"data", "dataset", "bb"}};
  first.history = {"an ancestor"};
  const auto said = [&](const Provenance& other) {
    return test::message_of<InputError>([&] { app::check_same_run(first, other, "a.h5", "b.h5"); });
  };
  CHECK(said(first).empty());
  const std::string start = "b.h5: belongs to another run than a.h5 ";
  Provenance other = first;
  other.creator = "pnn-perturb 0.2.0";
  CHECK(said(other) == start + "(another tool or version)");
  other = first, other.command += " repeat=2";
  CHECK(said(other) == start + "(other settings)");
  other = first, other.seed = 4;
  CHECK(said(other) == start + "(another seed)");
  other = first, other.parents[1].hash = "cc";
  CHECK(said(other) == start + "(other inputs)");
  other = first, other.parents.pop_back();
  CHECK(said(other) == start + "(other inputs)");
  other = first, other.parents.push_back(first.parents[0]);
  CHECK(said(other) == start + "(other inputs)");
}

TEST_CASE("shards of one run are of one format") {
  const auto said = [](FormatVersion first, FormatVersion other) {
    return test::message_of<InputError>([&] { app::check_same_format(first, other, "a.h5", "b.h5"); });
  };
  CHECK(said({1, 3}, {1, 3}).empty());
  CHECK_THAT(said({1, 3}, {1, 2}), Contains("b.h5: is of format 1.2 and a.h5 of 1.3"));
  CHECK_THAT(said({1, 3}, {2, 3}), Contains("of format 2.3"));
}

TEST_CASE("a failure says where the work that was done is, or that there is none") {
  const auto failure = std::make_exception_ptr(RunError("the bench fell silent"));
  const auto said = [&](const std::string& output, bool anything) {
    return test::message_of<RunError>([&] { app::rethrow_saved(failure, output, anything); });
  };
  CHECK(said("out.h5", true) ==
        "the bench fell silent; what is done is in out.h5, run again with --resume out.h5");
  CHECK(said("out.h5", false) == "the bench fell silent; nothing was done before, run again");
  CHECK(said("-", true) == "the bench fell silent; without -o FILE nothing was kept, run again");
  CHECK(said("", true) == said("-", true));
}

TEST_CASE("an error that no run makes passes as it is") {
  const auto failure = std::make_exception_ptr(UsageError("--index: there is no such device"));
  CHECK(test::message_of<UsageError>([&] { app::rethrow_saved(failure, "out.h5"); }) ==
        "--index: there is no such device");
}

TEST_CASE("options of resumption leave no trace in what a file records of its command") {
  Options options;
  std::string path = "out.h5";
  double seconds = 3;
  app::describe_resume(options, path);
  app::describe_save_every(options, seconds);
  CHECK(options.canonical().empty());
}
