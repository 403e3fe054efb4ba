#include "pnn/io/npy.hpp"

#include <cmath>
#include <cstdint>

#include "pnn/core/errors.hpp"
#include "pnn/io/table.hpp"
#include "tests/catch.hpp"
#include "tests/io/numpy_files.hpp"
#include "tests/message.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using namespace pnn::test::numpy;
using Numbers = std::vector<double>;

}  // namespace

TEST_CASE("an array of NumPy is a table, by rows and by columns, of any type and order of bytes") {
  const Numbers by_rows = {0, -0.5, 1, -0.25, 2.5, std::nan("")};
  for (const std::string& bytes :
       {array("'<f8'", "(3, 2)", doubles(by_rows)),
        array("'<f8'", "(3, 2)", doubles({0, 1, 2.5, -0.5, -0.25, std::nan("")}), "True")}) {
    const io::Table table = io::parse_table(bytes, "t.npy");
    CHECK_FALSE(table.named);
    CHECK(table.numbers(0) == Numbers{0, 1, 2.5});
    CHECK(*table.reading(1, 1) == -0.25);
    CHECK_FALSE(table.reading(1, 2));
  }
  Numbers sweep;
  for (int k = 0; k < 20; ++k) sweep.push_back(k);
  const io::Table turned = io::parse_table(array("'<f8'", "(2, 10)", doubles(sweep)), "t.npy");
  CHECK(turned.rows() == 10);
  CHECK(turned.numbers(1)[3] == 13);
  const io::Table big =
      io::parse_table(array("'>i2'", "(2, 2)", std::string("\xff\xfe\0\1\0\2\1\0", 8)), "t.npy");
  CHECK(big.numbers(0) == Numbers{-2, 2});
  CHECK(big.numbers(1) == Numbers{1, 256});
}

TEST_CASE("a structured array has its fields as columns") {
  const std::string rows = texts({"r1"}, 2) + doubles({0.5, -1}) + texts({"r2"}, 2) + doubles({1.5, 0.25});
  const io::Table table = io::parse_table(
      array("[('element', '<U2'), ('control', '<f8'), ('response', '<f8')]", "(2,)", rows), "t.npy");
  CHECK(table.header == std::vector<std::string>{"element", "control", "response"});
  CHECK(table.texts("element") == std::vector<std::string>{"r1", "r2"});
  CHECK(table.numbers("control") == Numbers{0.5, 1.5});
}

TEST_CASE("the arrays of an archive are columns, and those of another length are told") {
  for (const bool packed : {false, true}) {
    const io::Table table =
        io::parse_table(archive({{"control", array("'<f8'", "(3,)", doubles({0, 1, 2}))},
                                 {"temperature", array("'<f8'", "(3,)", doubles({22, 22, 23}))},
                                 {"response", array("'<f8'", "(2, 3)", doubles({1, 2, 3, 4, 5, 6}))},
                                 {"rings", array("'<U2'", "(2,)", texts({"r7", "r8"}, 2))},
                                 {"laser", array("'<f8'", "()", doubles({1550}))}},
                                packed),
                        "t.npz");
    CHECK(table.header == std::vector<std::string>{"control", "temperature", "r7", "r8"});
    CHECK(table.numbers("r8") == Numbers{4, 5, 6});
    REQUIRE(table.notes.size() == 1);
    CHECK(table.notes[0].text == "1 array is no column: laser");
  }
}

TEST_CASE("damaged arrays are refused") {
  const auto refusal = [](const std::string& bytes) {
    return test::message_of<InputError>([&] { io::parse_table(bytes, "t.npy"); });
  };
  const std::string good = array("'<f8'", "(3, 2)", doubles({0, 1, 2, 3, 4, 5}));
  const std::string both = archive({{"a", good}}, true);
  for (std::size_t size = 6; size < good.size(); ++size) CHECK_FALSE(refusal(good.substr(0, size)).empty());
  for (std::size_t size = 4; size + 2 < both.size(); ++size)
    CHECK_FALSE(refusal(both.substr(0, size)).empty());
  CHECK_THAT(refusal(array("'<c16'", "(1, 1)", doubles({0, 1}))), Contains("expected numbers or texts"));
  CHECK_THAT(refusal(array("'<f8'", "(99999, 99999)", "")), Contains("more than"));
  CHECK_THAT(refusal(array("'<f8'", "(2, 2, 2)", doubles(Numbers(8)))), Contains("3 axes"));
}

TEST_CASE("the only matrix of an archive is its table") {
  const io::Table table =
      io::parse_table(archive({{"sweep", array("'<f8'", "(3, 2)", doubles({0, 5, 1, 6, 2, 7}))},
                               {"laser", array("'<f8'", "()", doubles({1550}))}},
                              false),
                      "t.npz");
  CHECK_FALSE(table.named);
  CHECK(table.numbers(1) == Numbers{5, 6, 7});
  REQUIRE_FALSE(table.notes.empty());
  CHECK(table.notes[0].text == "1 array is no column: laser");
  CHECK_THAT(test::message_of<InputError>([&] {
               io::parse_table(archive({{"laser", array("'<f8'", "()", doubles({1550}))}}, false), "t.npz");
             }),
             Contains("t.npz: no table in these arrays: laser"));
}

TEST_CASE("a matrix goes with the vectors along its axes, whichever are the more") {
  const std::string currents = array("'<f8'", "(3,)", doubles({0, 1, 2})),
                    names = array("'<U2'", "(2,)", texts({"r7", "r8"}, 2)),
                    weights = array("'<f8'", "(2, 3)", doubles({1, 2, 3, 4, 5, 6}));
  const io::Table wide = io::parse_table(
      archive({{"element", names}, {"control", currents}, {"response", weights}}, false), "t.npz");
  CHECK(wide.header == std::vector<std::string>{"control", "r7", "r8"});
  CHECK(wide.numbers("r8") == Numbers{4, 5, 6});
  const std::string driven = array("'<f8'", "(2, 3)", doubles({0, 1, 2, 0, 3, 4}));
  const io::Table both = io::parse_table(
      archive({{"element", names}, {"control", driven}, {"response", weights}}, false), "t.npz");
  CHECK(both.header == std::vector<std::string>{"element", "control", "response"});
  CHECK(both.texts("element") == std::vector<std::string>{"r7", "r7", "r7", "r8", "r8", "r8"});
  CHECK(both.numbers("control") == Numbers{0, 1, 2, 0, 3, 4});
  const io::Table errors = io::parse_table(
      archive({{"control", currents}, {"response", weights}, {"sigma", driven}}, false), "t.npz");
  CHECK(errors.numbers("control") == Numbers{0, 1, 2, 0, 1, 2});
  CHECK(errors.texts("element")[3] == "element 1");
  const auto refusal = [](const std::string& bytes) {
    return test::message_of<InputError>([&] { io::parse_table(bytes, "t.npz"); });
  };
  CHECK_THAT(refusal(archive({{"control", driven}, {"response", weights}}, false)),
             Contains("no array says which axis of response is that of the elements"));
  const std::string square = array("'<f8'", "(3, 3)", doubles(Numbers(9)));
  CHECK_THAT(refusal(archive({{"control", currents}, {"response", square}}, false)),
             Contains("both axes of response have 3 places"));
  CHECK_THAT(refusal(archive({{"names", array("'<U2'", "(3,)", texts({"a", "b", "c"}, 2))},
                              {"control", square},
                              {"response", square}},
                             false)),
             Contains("both axes of"));
}
