// The whole chain as processes, on Fisher's iris: same bytes however it is run, through files or pipes.
#include <cmath>

#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using pnn::test::Shell;

namespace {

const std::string network = "--inputs 4 --layer mrr:out=9 --layer batchnorm --layer relu --layer mrr:out=3 ";

/// iris.h5, chips.h5 (three devices), model.h5.
void prepare(Shell& shell) {
  REQUIRE(shell.run("pnn-data iris -o iris.h5") == 0);
  REQUIRE(shell.run("pnn-fabricate " + network + "--count 3 -o chips.h5") == 0);
  REQUIRE(shell.run("pnn-fit chips.h5 --model nominal -o model.h5") == 0);
}

bool same(const Shell& shell, const std::string& a, const std::string& b) {
  const std::string bytes = shell.read(a);
  return !bytes.empty() && bytes == shell.read(b);
}

/// The number, or the first of a list, that a JSON object on standard output gives `key`.
double told(const Shell& shell, const std::string& key) {
  const std::string json = shell.out(), name = "\"" + key + "\": ";
  const std::size_t at = json.find(name);
  INFO(json);
  REQUIRE(at != std::string::npos);
  return std::stod(json.substr(json.find_first_of("-0123456789", at + name.size())));
}

}  // namespace

TEST_CASE("through pipes the chain gives the same model file as through files") {
  Shell s;
  REQUIRE(s.run("pnn-fabricate " + network +
                "-o chips.h5 && pnn-characterize chips.h5 -o curves.h5 && pnn-fit curves.h5 -o model.h5") ==
          0);
  REQUIRE(s.run("set -o pipefail; pnn-fabricate " + network +
                "-o - | pnn-characterize - -o - | pnn-fit - -o - > piped.h5") == 0);
  CHECK(same(s, "model.h5", "piped.h5"));
}

TEST_CASE("every output is the same for one and for two threads") {
  Shell s;
  prepare(s);
  for (const std::string n : {"1", "2"}) {
    const std::string t = " --threads " + n + " ";
    REQUIRE(s.run("pnn-characterize chips.h5 --all --averages 2 --points 21 -o curves" + n + ".h5" + t) == 0);
    REQUIRE(s.run("pnn-fit curves" + n + ".h5 --model airy -o airy" + n + ".h5" + t) == 0);
    REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --method sat --perturb temperature=0.5 --epochs 8 "
                  "--batch 16 -o sat" +
                  n + ".h5" + t) == 0);
    REQUIRE(s.run("pnn-transfer sat" + n + ".h5 --data iris.h5 --devices chips.h5 -o transfer" + n + ".h5" +
                  t) == 0);
    REQUIRE(s.run("pnn-perturb sat" + n +
                  ".h5 --data iris.h5 --devices chips.h5 --vary drift=-1:1:0.5 -o drift" + n + ".h5" + t) ==
            0);
  }
  for (const std::string file : {"curves", "airy", "sat", "transfer", "drift"}) {
    INFO(file);
    CHECK(same(s, file + "1.h5", file + "2.h5"));
  }
}

TEST_CASE(
    "trainings of one label are one column, with the error over trainings, and other settings are told") {
  Shell s;
  prepare(s);
  const std::string train = "pnn-train model.h5 --data iris.h5 --epochs 8 --batch 16 ";
  for (const std::string k : {"1", "2", "3"}) {
    REQUIRE(s.run(train + "--seed " + k + " -o bp" + k + ".h5") == 0);
    REQUIRE(s.run(train + "--method noise --seed " + k + " -o noise" + k + ".h5") == 0);
  }
  const std::string sweep = " --data iris.h5 --devices chips.h5 --vary drift=0,1 -o result.h5 ";
  REQUIRE(s.run("pnn-perturb bp1.h5 noise1.h5" + sweep) == 0);
  CHECK(s.out().find("mean ± spread over 3 devices (worst), one training") != std::string::npos);
  REQUIRE(s.run("pnn-perturb bp1.h5 bp2.h5 bp3.h5 noise1.h5 noise2.h5 noise3.h5" + sweep) == 0);
  CHECK(s.err().find("differ in their settings") == std::string::npos);
  CHECK(s.out().find("mean ± standard error over 3 trainings (worst), 3 devices in each") !=
        std::string::npos);
  CHECK(s.out().find("noise - bp") != std::string::npos);
  REQUIRE(s.run("pnn-perturb bp1.h5 bp2.h5 bp3.h5 noise1.h5 noise2.h5 noise3.h5 --json" + sweep) == 0);
  CHECK(s.out().find("\"trainings\": [3.0,3.0]") != std::string::npos);
  CHECK(s.out().find("\"accuracy_standard_error\": [0") != std::string::npos);
  REQUIRE(s.run("pnn-info result.h5") == 0);  // the file keeps every training by itself
  CHECK(s.out().find("accuracy of noise") != s.out().rfind("accuracy of noise"));
  REQUIRE(s.run(train + "--lr 0.02 -o other.h5") == 0);
  REQUIRE(s.run("pnn-perturb bp1.h5 other.h5" + sweep) == 0);
  CHECK(s.err().find("trainings of the label \"bp\" differ in their settings (lr=0.02)") !=
        std::string::npos);
}

TEST_CASE("a sweep cut into five shards and merged is the file of the whole sweep") {
  Shell s;
  prepare(s);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --epochs 8 --batch 16 -o bp.h5 && pnn-train model.h5 "
                "--data iris.h5 --method noise --epochs 8 --batch 16 -o noise.h5") == 0);
  const std::string sweep =
      "pnn-perturb bp.h5 noise.h5 --data iris.h5 --devices chips.h5 --vary drift=-1:1:0.5 --vary "
      "control-noise=0,0.01 --repeat 2 ";
  REQUIRE(s.run(sweep + "-o whole.h5") == 0);
  for (int k = 0; k < 5; ++k)
    REQUIRE(s.run(sweep + "--shard " + std::to_string(k) + "/5 -o part" + std::to_string(k) + ".h5") == 0);
  REQUIRE(s.run("pnn-merge part3.h5 part0.h5 part4.h5 part1.h5 part2.h5 -o merged.h5") == 0);
  CHECK(same(s, "whole.h5", "merged.h5"));
  CHECK(s.run("pnn-merge part0.h5 part1.h5 part2.h5 part4.h5 -o missing.h5") == 2);
  CHECK(s.err().find("3") != std::string::npos);
  CHECK_FALSE(s.exists("missing.h5"));
}

TEST_CASE("a map over the process is the same file in one piece, in shards, resumed, and for any threads") {
  Shell s;
  prepare(s);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --epochs 8 --batch 16 -o bp.h5") == 0);
  const std::string map =
      "pnn-transfer bp.h5 --data iris.h5 --devices chips.h5 --vary mrr.delta.sigma=0:0.1:0.05 --vary "
      "mrr.eta.sigma=0,0.05 ";
  REQUIRE(s.run(map + "--threads 1 -o whole.h5") == 0);
  REQUIRE(s.run(map + "--threads 2 -o two.h5") == 0);
  CHECK(same(s, "whole.h5", "two.h5"));
  for (const std::string k : {"0", "1", "2"})
    REQUIRE(s.run(map + "--shard " + k + "/3 -o part" + k + ".h5") == 0);
  REQUIRE(s.run("pnn-merge part0.h5 part1.h5 part2.h5 -o merged.h5") == 0);
  CHECK(same(s, "whole.h5", "merged.h5"));
  REQUIRE(s.run(map + "--resume part1.h5 -o resumed.h5") == 0);
  CHECK(same(s, "whole.h5", "resumed.h5"));
}

TEST_CASE("a training that is interrupted and resumed ends in the same bytes") {
  Shell s;
  prepare(s);
  const std::string train =
      "pnn-train model.h5 --data iris.h5 --method sat --random-start 0.01 --epochs 4000 --evaluate-every "
      "1000 --checkpoint-every 50 --batch 32 ";
  REQUIRE(s.run(train + "-o whole.h5") == 0);
  CHECK(s.err().find(" % in training, ") != std::string::npos);  // as in the table
  // The signal comes when the first checkpoint is there, an eightieth of the way, however fast the machine
  // is.
  REQUIRE(
      s.run(train +
            "-o part.h5 & pid=$!; until [ -e part.h5.partial ]; do sleep 0.002; done; kill -TERM $pid; wait "
            "$pid") == 75);
  CHECK(s.err().find("what is done is in part.h5.partial, run again with --resume part.h5\n") !=
        std::string::npos);
  CHECK_FALSE(s.exists("part.h5"));
  REQUIRE(s.run("pnn-info part.h5.partial | awk '$1 == \"/optimizer/processor_seconds\" { print $NF }'") ==
          0);
  const double before = std::stod(s.out());
  REQUIRE(s.run("cp part.h5.partial kept.h5.partial && " + train + "--json --resume part.h5 -o part.h5") ==
          0);
  CHECK(told(s, "processor_seconds") > 2 * before);  // of all runs, the second at least as long as the first
  CHECK_FALSE(s.exists("part.h5.partial"));
  REQUIRE(s.run(train + "--resume part.h5 -o again.h5") == 0);  // killed just before it could report
  CHECK(s.err().find("finished already") != std::string::npos);
  CHECK(same(s, "part.h5", "again.h5"));
  CHECK(same(s, "whole.h5", "part.h5"));
  CHECK(s.run(train + "--lr 0.5 --resume part.h5 -o other.h5") == 2);
  CHECK_FALSE(s.exists("other.h5"));
  // told by another name, and as earlier versions left it: under the name of the output
  REQUIRE(s.run(train + "--resume kept.h5.partial -o other.h5 && cmp whole.h5 other.h5") == 0);
  REQUIRE(s.run("mv kept.h5.partial old.h5 && " + train + "--resume old.h5 -o old.h5") == 0);
  CHECK(same(s, "whole.h5", "old.h5"));
}

TEST_CASE("a killed training leaves no output, and the same command with --resume begins it or goes on") {
  Shell s;
  prepare(s);
  const std::string train =
      "pnn-train model.h5 --data iris.h5 --epochs 4000 --evaluate-every 1000 --checkpoint-every 50 --batch "
      "32 "
      "--resume out.h5 -o out.h5";
  const std::string kill =
      " & pid=$!; until [ -e $state ]; do sleep 0.002; done; kill -KILL $pid; wait $pid; test ! -e out.h5";
  REQUIRE(s.run(train) == 0);
  CHECK(s.err().find("nothing of out.h5 is there to be resumed: from the beginning") != std::string::npos);
  REQUIRE(s.run("mv out.h5 whole.h5; state=out.h5.partial; " + train + kill) == 0);
  REQUIRE(s.run(train + " && cmp out.h5 whole.h5 && test ! -e out.h5.partial") == 0);
  // a state elsewhere, for a disk that is not the output's
  REQUIRE(s.run("rm out.h5; mkdir scratch; state=scratch/state; " + train + " --checkpoint $state" + kill) ==
          0);
  CHECK_FALSE(s.exists("out.h5.partial"));
  REQUIRE(s.run(train + " --checkpoint scratch/state && cmp out.h5 whole.h5 && test ! -e scratch/state") ==
          0);
  CHECK(s.run(train + " --checkpoint -") == 2);
  CHECK(s.run(train + " --checkpoint out.h5") == 2);
  CHECK(s.run(train + " --checkpoint model.h5") == 2);
  CHECK(s.err().find("is also the input MODEL") != std::string::npos);
  // what stays unfinished is told before it is replaced
  REQUIRE(s.interrupt("rm -f out.h5; " + train, "1e-6", "out.h5"));
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --steps 1 -o out.h5") == 0);
  CHECK(s.err().find("out.h5.partial: what an earlier run left unfinished is replaced") != std::string::npos);
}

TEST_CASE("unfinished files are no inputs, unless they are asked for") {
  Shell s;
  prepare(s);
  REQUIRE(s.interrupt("pnn-train model.h5 --data iris.h5 --epochs 4000 -o p.h5", "0.05", "p.h5"));
  const std::string on = " --data iris.h5 --on chips.h5 ", devices = " --data iris.h5 --devices chips.h5 ";
  for (const std::string& command :
       {"pnn-eval p.h5.partial" + on, "pnn-landscape p.h5.partial --trace 1" + on,
        "pnn-transfer p.h5.partial" + devices, "pnn-perturb p.h5.partial --vary drift=0,1 -o r.h5" + devices,
        std::string("pnn-export p.h5.partial "),
        std::string("pnn-train model.h5 --data iris.h5 --init p.h5.partial --steps 1 -o r.h5 ")}) {
    INFO(command);
    CHECK(s.run(command) == 2);
    CHECK(s.err() == command.substr(0, command.find(' ')) +
                         ": p.h5.partial: an unfinished training; finish it with pnn-train --resume p.h5, or "
                         "take it as it is with --unfinished\n");
    CHECK_FALSE(s.exists("r.h5"));
    CHECK(s.run(command + "--unfinished") == 0);
    s.run("rm -f r.h5");
  }
  CHECK(s.run("pnn-train model.h5 --data iris.h5 --unfinished --steps 1 -o r.h5") == 2);
  // what reads anything reads this too
  CHECK(s.run("pnn-info p.h5.partial && pnn-info --validate p.h5.partial") == 0);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --steps 20 -o p.h5") == 0);
  REQUIRE(
      s.interrupt("pnn-perturb p.h5 --vary drift=-1:1:0.01 --repeat 2000 -o r.h5" + devices, "0.2", "r.h5"));
  CHECK(s.run("pnn-export r.h5.partial") == 2);
  CHECK(s.err().find("evaluations left); finish it with pnn-perturb --resume r.h5, or") != std::string::npos);
  CHECK(s.run("pnn-export r.h5.partial --unfinished -o r.csv") == 0);
  CHECK(s.run("pnn-merge r.h5.partial -o merged.h5") == 2);
}

TEST_CASE("a sweep that is interrupted and resumed, again and again, ends in the same bytes", "[slow]") {
  Shell s;
  prepare(s);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --epochs 8 --batch 16 -o bp.h5 && pnn-train model.h5 "
                "--data iris.h5 --method noise --epochs 8 --batch 16 -o noise.h5") == 0);
  const std::string inputs = " bp.h5 noise.h5 --data iris.h5 --devices chips.h5 ";
  for (const std::string& sweep : std::vector{
           "pnn-transfer" + inputs + "--trim gain --repeat 2000 ",
           "pnn-perturb" + inputs + "--vary drift=-1:1:0.5 --vary control-noise=0,0.01 --repeat 200 "}) {
    INFO(sweep);
    REQUIRE(s.run("rm -f part.h5 && " + sweep + "-o whole.h5") == 0);
    // Nothing is done in no time; then each attempt has twice the time of the one before.
    int attempts = 0, status = s.run(sweep + "--time-limit 1e-6 -o part.h5");
    CHECK(status == 75);
    CHECK_FALSE(s.exists("part.h5"));
    CHECK(s.err().find("run again with --resume part.h5") != std::string::npos);
    for (double limit = 0.02; status == 75; limit *= 2, ++attempts)
      status = s.run(sweep + "--resume part.h5 -o part.h5 --time-limit " + std::to_string(limit));
    CHECK(status == 0);
    CHECK(attempts > 1);
    CHECK(same(s, "whole.h5", "part.h5"));

    // Exactly a third is there, and the file of one part is refused by another.
    REQUIRE(s.run(sweep + "--shard 0/3 -o third.h5") == 0);
    REQUIRE(s.run(sweep + "--resume third.h5 -o completed.h5") == 0);
    CHECK(same(s, "whole.h5", "completed.h5"));
    CHECK(s.run(sweep + "--shard 1/3 --resume third.h5 -o other.h5") == 2);
    CHECK(s.run(sweep + "--seed 2 --resume third.h5 -o other.h5") == 2);
    CHECK(s.err().find("with other options: --seed 1 (now 2); give the same") != std::string::npos);
    REQUIRE(s.run("pnn-fabricate " + network + "--count 3 --seed 5 -o chips.h5") == 0);
    CHECK(s.run(sweep + "--resume third.h5 -o other.h5") == 2);
    CHECK(s.err().find("another file of role \"target\"") != std::string::npos);
    CHECK_FALSE(s.exists("other.h5"));
    REQUIRE(s.run("pnn-fabricate " + network + "--count 3 -o chips.h5") == 0);
  }
}

TEST_CASE("a dry run tells the counts of the run and writes nothing") {
  Shell s;
  prepare(s);
  // of 25 epochs, 10, 20 and 25 are evaluated, 7, 14 and 21 are checkpoints; every third step ascends anew
  const std::string train =
      "pnn-train model.h5 --data iris.h5 --method sat --random-start 0.01 --perturb temperature=1 --system "
      "worst --reuse-ascent 3 --perturbed-statistics clean --epochs 25 --evaluate-every 10 "
      "--checkpoint-every 7 --batch 16 --json -o bp.h5 ";
  const std::size_t files = s.files();
  REQUIRE(s.run(train + "--dry-run") == 0);
  CHECK(s.files() == files);
  const double steps = told(s, "steps"), gradients = told(s, "gradient_evaluations"),
               losses = told(s, "loss_evaluations");
  CHECK(told(s, "device_calls") == 0);
  CHECK(told(s, "checkpoints") == 3);
  CHECK(told(s, "evaluations_of_validation_and_test") == 3);
  const double checkpoint_bytes = told(s, "bytes_of_checkpoints") / 3;
  CHECK(told(s, "seconds") > 0);
  CHECK(told(s, "memory_bytes") > 1e6);

  REQUIRE(s.interrupt(train, "1e-6", "bp.h5"));
  CHECK(double(s.read("bp.h5.partial").size()) == Approx(checkpoint_bytes).epsilon(0.05));
  REQUIRE(s.run(train + "--resume bp.h5 --dry-run") == 0);
  CHECK(told(s, "steps") == steps - 1);
  for (const std::string without :
       {"pnn-train model.h5 --epochs 1", "pnn-tune model.h5 --search lr=0.1:1 --steps 9",
        "pnn-perturb bp.h5.partial --unfinished --devices chips.h5 --vary drift=0,1"}) {
    INFO(without);
    CHECK(s.run(without + " --data iris.h5 --dry-run") == 0);
    CHECK(s.run(without + " --data iris.h5") == 2);
    CHECK(s.err().find("--output: required, but not given") != std::string::npos);
  }
  CHECK(s.run("pnn-characterize chips.h5 --dry-run") == 0);
  REQUIRE(s.run(train) == 0);
  CHECK(told(s, "gradients") == Approx(gradients + losses / 3).epsilon(1e-12));
  REQUIRE(s.run("pnn-info bp.h5") == 0);
  const std::string told_of_test = s.out().substr(s.out().find("\ntest accuracy: ") + 1);
  CHECK(told_of_test.substr(0, told_of_test.find('\n')).ends_with(" %"));  // as tables and progress tell it
  CHECK(s.out().find("\nsteps: " + std::to_string(long(steps)) + "\n") != std::string::npos);
  CHECK(s.out().find("\ngradient evaluations: " + std::to_string(long(gradients)) + "\n") !=
        std::string::npos);

  const std::string inputs = " bp.h5 --data iris.h5 --devices chips.h5 --json ",
                    in_situ = "pnn-train model.h5 --data iris.h5 --device chips.h5 --batch 16 --json ",
                    tuned = "pnn-transfer" + inputs + "--models model.h5 --finetune-steps 11 --batch 16 ";
  for (const std::string& command :
       {in_situ + "--method pat --epochs 3 --evaluate-every 2 ",
        in_situ + "--method sat --in-situ --reuse-ascent 4 --steps 30 ",
        in_situ + "--method spsa --steps 30 ", in_situ + "--method differences --steps 2 ",
        tuned + "--method sat --in-situ --trim batchnorm --shard 1/2 ",
        tuned + "--method spsa --vary mrr.delta.sigma=0.02,0.05 ",
        "pnn-transfer" + inputs + "--trim gain --trim-samples 100 --repeat 7 --shard 1/2 ",
        "pnn-perturb" + inputs + "--trim batchnorm --vary drift=-1:1:0.5 ",
        "pnn-perturb" + inputs +
            "--trim none --trim gain --recalibrate once --recalibrate always --vary drift=-1:1:0.5 ",
        tuned + "--method pat --trim none --trim finetune,batchnorm --trim batchnorm --shard 1/2 ",
        "pnn-perturb bp.h5 --data iris.h5 --devices model.h5 --json --vary drift=-1:1:0.5 " + std::string(),
        std::string(
            "pnn-characterize chips.h5 --all --crosstalk --temperatures 21,23 --points 11 --json ")}) {
    INFO(command);
    REQUIRE(s.run(command + "--dry-run -o out.h5") == 0);
    CHECK_FALSE(s.exists("out.h5"));
    const double calls = told(s, "device_calls");
    REQUIRE(s.run(command + "-o done.h5") == 0);
    CHECK(told(s, "device_calls") == calls);
  }
  CHECK(s.run("pnn-characterize chips.h5 --dry-run -o - | wc -c") == 0);
  CHECK(s.out() == "0\n");
  s.write("curves.csv", "element,control,response\na,0,1\n");
  CHECK(s.run("pnn-characterize --import curves.csv --dry-run -o out.h5") == 2);
}

TEST_CASE(
    "devices are fine-tuned alike in one piece, in shards, interrupted and resumed, and for any threads") {
  Shell s;
  prepare(s);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --steps 50 --batch 16 -o bp.h5") == 0);
  const std::string transfer =
      "pnn-transfer bp.h5 --data iris.h5 --devices chips.h5 --models model.h5 --finetune-steps 40 --batch 16 "
      "--method "
      "dat --lr 3e-3 --trim batchnorm ";
  REQUIRE(s.run(transfer + "--threads 1 -o whole.h5") == 0);
  REQUIRE(s.run(transfer + "--threads 2 -o two.h5") == 0);
  CHECK(same(s, "whole.h5", "two.h5"));
  for (const std::string k : {"0", "1"})
    REQUIRE(s.run(transfer + "--shard " + k + "/2 -o part" + k + ".h5") == 0);
  REQUIRE(s.run("pnn-merge part0.h5 part1.h5 -o merged.h5") == 0);
  CHECK(same(s, "whole.h5", "merged.h5"));
  CHECK(s.run(transfer + "--time-limit 1e-6 -o cut.h5") == 75);
  REQUIRE(s.run(transfer + "--resume cut.h5 -o cut.h5") == 0);
  CHECK(same(s, "whole.h5", "cut.h5"));
}

TEST_CASE(
    "deployments are columns with their costs, the same in one piece, in shards, resumed, and for any "
    "threads") {
  Shell s;
  prepare(s);
  for (const std::string seed : {"1", "2"})
    for (const std::string method : {"bp", "noise"})
      REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --steps 60 --batch 16 --method " + method +
                    " --seed " + seed + " -q -o " + method + seed + ".h5") == 0);
  s.write("trace.csv", "time,temperature\n0,22\n300,22.5\n1200,23\n3600,21.5\n");
  const std::string perturb =
      "pnn-perturb bp1.h5 bp2.h5 noise1.h5 noise2.h5 --data iris.h5 --devices chips.h5 --trace trace.csv "
      "--trace-points 5 --trim none --trim temperature,batchnorm --recalibrate once --recalibrate 20min "
      "--json ";
  REQUIRE(s.run(perturb + "--threads 1 -o whole.h5") == 0);
  for (const char* part :
       {"\"deployments\": [\"none\",\"temperature,batchnorm\",\"temperature,batchnorm every 20min\",\"none\"",
        "\"methods\": [\"bp\",\"bp (temperature,batchnorm)\",\"bp (temperature,batchnorm every "
        "20min)\",\"noise\"",
        "\"deployment_times\": [0.0,1.0,4.0,0.0,1.0,4.0]", "\"deployment_samples\": [0.0,",
        "\"accuracy_overall_difference_to_first_verdict\""}) {
    INFO(part << " in " << s.out());
    CHECK(s.out().find(part) != std::string::npos);
  }
  REQUIRE(s.run(perturb + "--threads 2 -o two.h5") == 0);
  CHECK(same(s, "whole.h5", "two.h5"));
  for (const std::string k : {"0", "1", "2"})
    REQUIRE(s.run(perturb + "--shard " + k + "/3 -o part" + k + ".h5") == 0);
  REQUIRE(s.run("pnn-merge part2.h5 part0.h5 part1.h5 -o merged.h5") == 0);
  CHECK(same(s, "whole.h5", "merged.h5"));
  REQUIRE(s.run("pnn-info merged.h5") == 0);
  CHECK(s.out().find("temperature,batchnorm every 20min, ") != std::string::npos);
  REQUIRE(s.run(perturb + "--resume part1.h5 -o resumed.h5") == 0);
  CHECK(same(s, "whole.h5", "resumed.h5"));
  REQUIRE(s.run("pnn-info --validate whole.h5 && pnn-export whole.h5 --table /spent_calls -o calls.csv") ==
          0);
  CHECK(s.read("calls.csv").find("bp (temperature,batchnorm)") != std::string::npos);
  CHECK(s.run(perturb + "--trim-samples 50 --resume part1.h5 -o other.h5") == 2);
}

TEST_CASE("weights move to other chips through their own models, and trims run") {
  Shell s;
  prepare(s);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --epochs 60 --batch 16 --lr 0.01 -o bp.h5") == 0);
  REQUIRE(
      s.run("pnn-characterize chips.h5 --all -o curves.h5 && pnn-fit curves.h5 --model airy -o airy.h5") ==
      0);
  CHECK(s.run("pnn-transfer bp.h5 --data iris.h5 --devices chips.h5 --map weights --models airy.h5 --json") ==
        0);
  CHECK(s.out().find("\"largest_weight_error\"") != std::string::npos);
  for (const std::string trim : {"temperature", "gain", "batchnorm"}) {
    CHECK(s.run("pnn-transfer bp.h5 --data iris.h5 --devices chips.h5 --trim " + trim) == 0);
  }
  CHECK(s.run("pnn-transfer bp.h5 --data iris.h5 --devices chips.h5 --trim finetune") == 2);
  CHECK(s.err().find("--finetune-steps") != std::string::npos);
  CHECK(s.run("pnn-transfer bp.h5 --data iris.h5 --devices chips.h5 --trim gain --recalibrate 10min") == 2);
  CHECK(s.err().find("--trace") != std::string::npos);
  CHECK(s.run("pnn-transfer bp.h5 --data iris.h5 --devices chips.h5 --map weights") == 2);
}

TEST_CASE("one preset serves every tool of the chain, also those whose --set means conditions") {
  Shell s;
  REQUIRE(s.run("pnn-data iris -o iris.h5") == 0);
  s.write("case.toml",
          "[network]\ninputs = \"4\"\nlayers = [\"mrr:out=3\"]\n[process]\n\"mrr.kappa\" = "
          "0.07\n[pnn-train]\nepochs = 3\nbatch = 16\n");
  for (const std::string command :
       {"pnn-fabricate -o chips.h5", "pnn-characterize chips.h5 -o curves.h5",
        "pnn-fit curves.h5 -o model.h5", "pnn-train model.h5 --data iris.h5 -o bp.h5",
        "pnn-eval bp.h5 --data iris.h5 --on chips.h5", "pnn-transfer bp.h5 --data iris.h5 --devices chips.h5",
        "pnn-perturb bp.h5 --data iris.h5 --devices chips.h5 --vary drift=0,1 -o r.h5"}) {
    INFO(command);
    CHECK(s.run(command + " --config case.toml") == 0);
  }
}

TEST_CASE("an autoencoder on rings learns to reconstruct") {
  Shell s;
  REQUIRE(s.run("pnn-data iris -o iris.h5 && pnn-fit --model nominal --inputs 4 --layer mrr:out=3 --layer "
                "tanh --layer mrr:out=4 -o model.h5") == 0);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --task reconstruct --epochs 200 --batch 16 --lr 0.01 -o "
                "ae.h5 --json") == 0);
  REQUIRE(s.run("pnn-eval ae.h5 --data iris.h5 --on model.h5 --json") == 0);
  CHECK(s.out().find("\"error_mean\"") != std::string::npos);
}

TEST_CASE("sweeps up and down are kept, fitted together and compared") {
  Shell s;
  prepare(s);
  REQUIRE(
      s.run("pnn-characterize chips.h5 --direction both --settle 0.5 --points 21 -o curves.h5 && pnn-info "
            "--validate curves.h5 && pnn-info curves.h5") == 0);
  CHECK(s.out().find("settling time: 0.5 s") != std::string::npos);
  CHECK(s.out().find("42 points going up and down") != std::string::npos);
  for (const std::string model : {"lorentzian", "airy", "spline"}) {
    INFO(model);
    REQUIRE(s.run("pnn-fit curves.h5 --json -o m.h5 --model " + model) == 0);
    // no ring remembers: what is left is noise, and on flanks the jitter of the temperature between both
    const double noise = told(s, "time16x8 hysteresis_of_noise");
    CHECK(noise > 0);
    CHECK(told(s, "time16x8 hysteresis") > 0.9 * noise);
    CHECK(told(s, "time16x8 hysteresis") < 2 * noise);
  }
  REQUIRE(s.run("pnn-fit curves.h5 --model airy -o m.h5") == 0);
  CHECK(s.out().find("sweeps up and down differ by") != std::string::npos);
}

TEST_CASE("a drift trace of a weight or a temperature becomes an axis") {
  Shell s;
  prepare(s);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --epochs 20 --batch 16 -o bp.h5") == 0);
  s.write("trace.csv", "time,temperature,response\n0,22,1.05\n10,22.5,0.4\n20,21.8,-0.9\n30,22.1,0.2\n");
  CHECK(
      s.run(
          "pnn-perturb bp.h5 --data iris.h5 --devices model.h5 --trace trace.csv --trace-points 4 -o t.h5") ==
      0);
  CHECK(s.run("pnn-perturb bp.h5 --data iris.h5 --devices model.h5 --trace trace.csv --trace-column weight "
              "--trace-points 4 -o w.h5") == 0);
  CHECK(s.run("pnn-info w.h5 --validate") == 0);
}

TEST_CASE("the chain on meshes, in silico and in situ, gives the same bytes for one and two threads") {
  Shell s;
  REQUIRE(s.run("pnn-data iris -o iris.h5") == 0);
  const std::string meshes = "--inputs 4 --layer mzi:modes=4,detect=modulus --layer mzi:modes=4,keep=3 ";
  REQUIRE(s.run("pnn-fabricate " + meshes + "--set mzi.split=0.1 --count 3 -o chips.h5") == 0);
  REQUIRE(s.run("pnn-fit chips.h5 --model nominal -o model.h5") == 0);
  for (const std::string n : {"1", "2"}) {
    const std::string t = " --threads " + n + " ";
    const std::string train = "pnn-train model.h5 --data iris.h5 --epochs 6 --batch 16 --lr 1e-3" + t;
    REQUIRE(s.run(train + "--method process -o process" + n + ".h5") == 0);
    REQUIRE(s.run(train + "--method sat --in-situ --dat --device chips.h5 --index 1 -o sat" + n + ".h5") ==
            0);
    REQUIRE(s.run("pnn-perturb process" + n + ".h5 sat" + n +
                  ".h5 --data iris.h5 --devices chips.h5 --vary phase-spread=0,0.1 -o phase" + n + ".h5" +
                  t) == 0);
  }
  for (const std::string file : {"process", "sat", "phase"}) {
    INFO(file);
    CHECK(same(s, file + "1.h5", file + "2.h5"));
  }
  for (const std::string file : {"chips.h5", "model.h5", "sat1.h5", "phase1.h5"}) {
    INFO(file);
    CHECK(s.run("pnn-info --validate " + file) == 0);
  }
}

TEST_CASE("fringes of meshes are measured, fitted, trained on and transferred by weights") {
  Shell s;
  REQUIRE(s.run("pnn-data iris -o iris.h5") == 0);
  const std::string network = "--inputs 4 --layer dense:out=8 --layer relu --layer mzi:modes=8,keep=3 ";
  REQUIRE(s.run("pnn-fabricate " + network +
                "--set mzi.ps=0.5 --set mzi.bs=0.02 --count 6 -o chips.h5 && "
                "pnn-fit chips.h5 --model nominal -o design.h5") == 0);
  for (const std::string n : {"1", "2"}) {
    const std::string t = " --threads " + n + " ";
    REQUIRE(s.run("pnn-characterize chips.h5 --all --points 21 -o fringes" + n + ".h5" + t) == 0);
    REQUIRE(s.run("pnn-fit fringes" + n + ".h5 --model fringe -o model" + n + ".h5" + t) == 0);
  }
  CHECK(same(s, "fringes1.h5", "fringes2.h5"));
  CHECK(same(s, "model1.h5", "model2.h5"));
  for (const std::string file : {"fringes1.h5", "model1.h5"}) {
    INFO(file);
    CHECK(s.run("pnn-info --validate " + file) == 0);
  }
  REQUIRE(s.run("pnn-characterize chips.h5 --all --points 21 --dry-run --json -o none.h5") == 0);
  // 56 fringes of 21 points on each of six chips; 28 MZIs read one by one, θ in one call and φ in two, 4
  // times
  CHECK(told(s, "readings") == 56 * 21 * 6);
  CHECK(told(s, "device_calls") == 28 * 3 * 21 * 4 * 6);
  CHECK_FALSE(s.exists("none.h5"));

  const std::string train = "pnn-train design.h5 --data iris.h5 --epochs 60 --batch 16 --lr 1e-2 ";
  REQUIRE(s.run(train + "-o bp.h5") == 0);
  const std::string transfer = "pnn-transfer bp.h5 --data iris.h5 --devices chips.h5 --json ";
  REQUIRE(s.run(transfer) == 0);
  const double by_controls = told(s, "accuracy_mean");
  REQUIRE(s.run(transfer + "--map weights --models model1.h5") == 0);
  INFO("accuracy by controls " << by_controls << ", by weights " << told(s, "accuracy_mean"));
  CHECK(told(s, "accuracy_mean") > by_controls + 0.2);
  // a model of one's own chip is what a training may start from
  CHECK(s.run("pnn-train model1.h5 --index 2 --data iris.h5 --epochs 1 --batch 16 --init bp.h5 -o own.h5") ==
        0);
}

TEST_CASE("a digital network starts one on a mesh, and measured fringes are imported") {
  Shell s;
  REQUIRE(
      s.run("pnn-data iris -o iris.h5 && pnn-fit --model nominal --inputs 4 --layer dense:out=4 --layer "
            "batchnorm --layer relu --layer dense:out=3 -o digital.h5 && pnn-train digital.h5 --data iris.h5 "
            "--epochs 40 --batch 16 --lr 1e-2 -o digital-bp.h5") == 0);
  REQUIRE(s.run("pnn-fit --model nominal --inputs 4 --layer mzi:modes=4,layout=svd,detect=coherent --layer "
                "batchnorm --layer relu --layer mzi:modes=4,layout=svd,detect=coherent,keep=3 -o mesh.h5") ==
          0);
  const std::string start = "pnn-train mesh.h5 --data iris.h5 --epochs 1 --batch 16 --lr 1e-9 --json -q ";
  REQUIRE(s.run(start + "-o random.h5") == 0);
  const double random = told(s, "test");
  REQUIRE(s.run(start + "--init digital-bp.h5 -o started.h5") == 0);
  INFO("test accuracy " << told(s, "test") << " from the digital network, " << random
                        << " from a random start");
  CHECK(told(s, "test") > 0.8);
  CHECK(random < 0.7);

  std::string table = "element,control,response\n";
  for (int k = 0; k < 30; ++k) {  // 20 mW for pi, 0.4 rad without current, of 500 ohm
    const double current = std::sqrt(k * 2.5);
    const double phase = 0.4 + std::acos(-1.0) / 20 * 0.5 * current * current;
    table += "s1," + std::to_string(current) + "," + std::to_string(0.5 + 0.45 * std::cos(phase)) + "\n";
  }
  s.write("fringe.csv", table);
  REQUIRE(s.run("pnn-characterize --import fringe.csv --platform mzi -o - -q | pnn-fit - --model fringe "
                "--repeat-elements --inputs 4 "
                "--layer mzi:modes=4 --json -o imported.h5") == 0);
  CHECK(told(s, "import values") == Approx(0.4).margin(1e-4));
  CHECK(s.run("pnn-train imported.h5 --data iris.h5 --epochs 1 --batch 16 -o out.h5") == 2);
  CHECK(s.err().find("3 classes") != std::string::npos);
}
