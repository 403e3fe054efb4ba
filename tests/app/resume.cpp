#include "pnn/app/resume.hpp"

#include <fstream>

#include "pnn/core/errors.hpp"
#include "tests/app/context.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"
#include "tests/temporary_folder.hpp"

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
  CHECK_THAT(
      said(now, UsageError("")),
      Contains("out.h5 was begun with other options: --vary drift=0,1 (now drift=0,2); give the same"));
  now.command = "pnn-transfer vary=drift=0,1";
  CHECK_THAT(said(now, UsageError("")), Contains("options: pnn-perturb (now pnn-transfer); give"));
  Provenance many = before;
  many.command = "pnn-perturb set='a b=1' set=c=2 flag=true x=1 y=1 z='it'\\''s so' last=1";
  now.command = "pnn-perturb set='a b=1' set=c=3 y=2 z='it'\\''s so' last=1 new='a b'";
  CHECK_THAT(
      test::message_of<UsageError>([&] { app::check_same_work(many, now, "out.h5"); }),
      Contains("options: --set 'a b=1', c=2 (now 'a b=1', c=3), --flag true (now none), --x 1 (now none), "
               "--y 1 (now 2), and 1 more; give"));
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
  CHECK(said(other) == start + "(other settings: no --repeat (here 2))");
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
  const test::TemporaryFolder folder;
  const std::string output = folder / "out.h5", state = output + ".partial", scratch = folder / "scratch";
  test::FakeContext context;
  const auto write = [&](const std::string& path) { std::ofstream(path) << "state"; };
  const auto said = [&](const app::UnfinishedFile& file) {
    const auto failure = std::make_exception_ptr(RunError("the bench fell silent"));
    return test::message_of<RunError>([&] { file.rethrow(failure); });
  };
  const std::string start = "the bench fell silent";
  app::UnfinishedFile plain({}, output, context);
  CHECK(context.checked == std::vector{state});
  CHECK(plain.before().empty());
  CHECK(said(plain) == start);
  CHECK(plain.where() == "nothing was done before, run again");
  plain.save(write);
  CHECK(said(plain) == start + "; what is done is in " + state + ", run again with --resume " + output);
  app::UnfinishedFile elsewhere({output, scratch}, output, context);
  CHECK(elsewhere.before() == state);  // begun without --checkpoint
  elsewhere.save(write);
  CHECK(said(elsewhere) == start + "; what is done is in " + scratch + ", run again with --resume " + output);
  CHECK(app::UnfinishedFile({output, scratch}, output, context).before() == scratch);
  CHECK(app::UnfinishedFile({output, ""}, folder / "other.h5", context).before() == state);
  CHECK(app::UnfinishedFile({state, ""}, output, context).before() == state);
  elsewhere.remove(context);
  CHECK(folder.size() == 0);
  CHECK(app::UnfinishedFile({output, ""}, output, context).before().empty());
  CHECK(app::UnfinishedFile({output, ""}, "", context).before() == output);  // whose reader refuses it
  for (const char* nameless : {"-", ""}) {
    app::UnfinishedFile lost({}, nameless, context);
    lost.save(write);
    CHECK(said(lost) == start + "; without -o FILE or --checkpoint FILE nothing was kept, run again");
    app::UnfinishedFile kept({"", scratch}, nameless, context);
    kept.save(write);
    CHECK(said(kept) == start + "; what is done is in " + scratch + ", run again with --resume " + scratch);
    kept.remove(context);
  }
  CHECK(folder.size() == 0);
  CHECK(context.warnings.empty());
}

TEST_CASE("an error that no run makes passes as it is, and one of a driver's owner says where the work is") {
  const test::TemporaryFolder folder;
  test::FakeContext context;
  app::UnfinishedFile file({}, folder / "out.h5", context);
  const auto said = [&](const auto& error) {
    return test::message_of<std::decay_t<decltype(error)>>(
        [&] { file.rethrow(std::make_exception_ptr(error)); });
  };
  CHECK(said(UsageError("--index: there is no such device")) == "--index: there is no such device");
  file.save([](const std::string&) {});
  CHECK_THAT(said(UsageError("refused")), Contains("refused; what is done is in"));
  CHECK_THAT(said(Interrupted("asked to stop")), Contains("asked to stop; what is done is in"));
  CHECK_THAT(said(DivergenceError("not finite")),
             Contains("--init " + (folder / "out.h5.partial") + " --unfinished"));
  CHECK(said(InputError("damaged")) == "damaged");
}

TEST_CASE("options of resumption leave no trace in what a file records of its command") {
  Options options;
  app::UnfinishedSettings settings{"out.h5", "scratch"};
  double seconds = 3;
  bool unfinished = false;
  settings.describe(options);
  app::describe_save_every(options, seconds);
  app::describe_unfinished(options, unfinished);
  CHECK(options.canonical().empty());
}
