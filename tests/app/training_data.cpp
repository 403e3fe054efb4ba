#include "pnn/app/training_data.hpp"

#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"
#include "tests/train/small.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

std::string said(const network::NetworkSpec& spec, const network::Dataset& data, network::Task task) {
  return test::message_of<InputError>(
      [&] { app::check_training_data(network::resolve(spec, {}), data, task, "data.h5", "model.h5"); });
}

}  // namespace

TEST_CASE("a network takes the samples, and gives as many numbers as its task has") {
  const network::Dataset data = test::clusters(6, 12, 6, 0.4F, 0.6F);  // three classes of six numbers
  CHECK(said({"6", {"dense:out=3"}}, data, network::Task::classify).empty());
  CHECK(said({"6", {"dense:out=6"}}, data, network::Task::reconstruct).empty());
  CHECK(
      said({"2", {"dense:out=6"}}, data, network::Task::generate).empty());  // its inputs are random numbers
  CHECK_THAT(said({"5", {"dense:out=3"}}, data, network::Task::classify),
             Contains("data.h5: inputs 6") && Contains("of model.h5 takes 5") && Contains("--inputs 6"));
  CHECK_THAT(said({"6", {"dense:out=4"}}, data, network::Task::classify),
             Contains("3 classes") && Contains("out=3"));
  CHECK_THAT(said({"6", {"dense:out=3"}}, data, network::Task::reconstruct),
             Contains("a reconstruction has 6 outputs") && Contains("out=6"));
  CHECK_THAT(said({"2", {"dense:out=3"}}, data, network::Task::generate), Contains("pictures of 6 numbers"));
}

TEST_CASE("a network has an output for each target, and targets are no classes") {
  network::Dataset data = test::clusters(6, 12, 6, 0.4F, 0.6F);
  CHECK_THAT(said({"6", {"dense:out=3"}}, data, network::Task::regress),
             Contains("data.h5: has classes and no targets") && Contains("--regression"));
  data.classes.clear();
  data.targets = {{"detuning (pm)", 0, 1}, {"width (pm)", 0, 1}};
  for (network::Split* split : {&data.train, &data.test}) {
    split->y.clear();
    split->targets = split->x.leftCols(2);
  }
  CHECK(network::check_dataset(data).empty());
  CHECK(said({"6", {"dense:out=2"}}, data, network::Task::regress).empty());
  CHECK(said({"6", {"dense:out=6"}}, data, network::Task::reconstruct).empty());
  CHECK_THAT(said({"6", {"dense:out=3"}}, data, network::Task::regress),
             Contains("2 targets") && Contains("out=2"));
  CHECK_THAT(said({"6", {"dense:out=2"}}, data, network::Task::classify),
             Contains("has targets and no classes") && Contains("--task regress"));
  data.test.targets.setZero();
  CHECK_THAT(said({"6", {"dense:out=2"}}, data, network::Task::regress),
             Contains("data.h5, test: 6 samples of equal targets"));
}

TEST_CASE("fields are no pictures that a generator could make, and displays show no negative numbers") {
  network::Dataset fields = test::clusters(6, 12, 6, 0.4F, 0.6F);
  fields.shape.field = true;
  CHECK_THAT(said({"2", {"dense:out=6"}}, fields, network::Task::generate),
             Contains("fields") && Contains("--fft-crop"));
  CHECK_THAT(said({"6", {"dense:out=3"}}, fields, network::Task::classify), Contains("data.h5: inputs 6c"));
  network::Dataset negative = test::clusters(6, 12, 6, 0.4F, 0.6F);
  negative.train.x(0, 0) = -1;
  CHECK_THAT(said({"6", {"freespace:out=3"}}, negative, network::Task::classify), Contains("data.h5"));
  CHECK(said({"6", {"dense:out=3"}}, negative, network::Task::classify).empty());
}
