// Tables of samples as they are published: which columns are features, which labels are one class, what is
// missing, and pixels and amplitudes in columns.
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/io/classes.hpp"
#include "pnn/io/import.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;

/// A table of `rows` samples in two classes, with the given cells before "x", which tells nothing.
std::string table(const std::string& names, int rows, const std::function<std::string(int)>& cells) {
  std::string text = names + "x,label\n";
  for (int k = 0; k < rows; ++k)
    text += cells(k) + std::to_string((k * 7 + k * k) % 11) + ".5," + (k % 3 == 0 ? "a" : "b") + "\n";
  return text;
}

io::RawData read(const std::string& text, const io::TableSettings& settings = {}) {
  return io::import_csv(io::parse_table(text, "t.csv"), settings, "t");
}
std::string refusal(const std::string& text, const io::TableSettings& settings = {}) {
  return test::message_of<InputError>([&] { read(text, settings); });
}

}  // namespace

TEST_CASE(
    "labels that are one number are one class, told, and keep their spelling where there is one alone") {
  std::vector<io::Note> notes;
  const Texts labels = {"1", "10", "1.0", "02", "1e0", "-0", "0"};
  const io::Classes classes(labels, "t", notes);
  CHECK(classes.names() == Texts{"0", "1", "02", "10"});
  CHECK(classes.numbers(labels, [](std::size_t) { return ""; }) ==
        std::vector<std::int32_t>{1, 3, 1, 2, 1, 0, 0});
  REQUIRE(notes.size() == 2);
  CHECK(notes[1].text == "the labels 1, 1.0, 1e0 are one class, \"1\"");
  CHECK_THAT(test::message_of<InputError>([&] {
               (void)classes.numbers({"1", "7"}, [](std::size_t k) { return "place " + std::to_string(k); });
             }),
             Contains("place 1: label \"7\" is none of the 4 classes"));
}

TEST_CASE("values of a quantity are no classes, and many classes of a few samples each are") {
  std::vector<io::Note> notes;
  const auto classes = [&](int count, int each, double step) {
    Texts labels;
    for (int k = 0; k < count * each; ++k) labels.push_back(std::to_string(step * (k % count)));
    return io::Classes(labels, "t.csv", notes).names().size();
  };
  CHECK(classes(26, 4, 1) == 26);
  CHECK(classes(20, 1, 0.1) == 20);
  for (const auto& [count, each, step] : {std::tuple{300, 1, 0.37}, {300, 2, 1.0}, {21, 40, 0.5}})
    CHECK_THAT(test::message_of<InputError>([&, c = count, e = each, s = step] { classes(c, e, s); }),
               Contains("no classes but values of a quantity"));
  Texts names;
  for (int k = 0; k < 100; ++k) names.push_back("class " + std::to_string(k));
  CHECK(io::Classes(names, "t", notes).names().size() == 100);
}

TEST_CASE("numbers with a decimal comma are numbers as labels too") {
  std::string classes = "x;label\n", quantity = classes, numbered = "n;x;label\n";
  for (int k = 0; k < 40; ++k) {
    classes += "0,5;" + std::string(k % 2 == 0 ? "1,5" : k % 4 == 1 ? "2,0" : "2") + "\n";
    quantity += "0,5;" + std::to_string(k) + ",25\n";
    numbered += std::to_string(k) + ",0;" + std::to_string(k % 7) + ",5;" + (k % 3 == 0 ? "a" : "b") + "\n";
  }
  CHECK(read(classes).classes == Texts{"1.5", "2"});
  CHECK_THAT(refusal(quantity), Contains("40 different numbers in 40 samples"));
  CHECK_THAT(refusal(numbered), Contains("the column \"n\" numbers the samples"));
}

TEST_CASE("a column that numbers the samples is no feature, however it is called, until it is said") {
  using Cells = std::function<std::string(int)>;
  const Cells rising = [](int k) { return std::to_string(k + 1) + ","; },
              with_gaps = [](int k) { return std::to_string(1000 + k * k) + ","; },
              shuffled = [](int k) { return std::to_string(k * 7 % 30) + ","; },
              scattered = [](int k) { return std::to_string(k * 917 % 1009) + ","; },
              repeated = [](int k) { return std::to_string(k / 2) + ","; },
              measured = [](int k) { return std::to_string(0.25 * k) + ","; };
  for (const Cells& cells : {rising, with_gaps, shuffled})
    CHECK_THAT(refusal(table("w,", 30, cells)), Contains("the column \"w\" numbers the samples") &&
                                                    Contains("--ignore 'w'") && Contains("--features"));
  CHECK_THAT(refusal(table("sample_id,", 30, scattered)), Contains("\"sample_id\" numbers the samples"));
  for (const Cells& cells : {scattered, repeated, measured})
    CHECK(read(table("w,", 30, cells)).shape.channels == 2);

  io::TableSettings settings;
  settings.columns.ignore = {"w"};
  const io::RawData without = read(table("w,", 30, rising), settings);
  CHECK(without.shape.channels == 1);
  REQUIRE(without.notes.size() == 1);
  CHECK(without.notes[0].text == "1 column is ignored: w");
  settings.columns = {{"*"}, {}};
  CHECK(read(table("w,", 30, rising), settings).train.x(4, 0) == 5);
}

TEST_CASE("a column that is the label in other words is no feature") {
  const auto coded = [](int k) { return std::string(k % 3 == 0 ? "4," : "9,"); };
  CHECK_THAT(refusal(table("target,", 30, coded)), Contains("\"target\" is the label in other words"));
  const auto nearly = [](int k) { return std::string(k % 3 == 0 || k == 29 ? "4," : "9,"); };
  CHECK(read(table("target,", 30, nearly)).shape.channels == 2);
}

TEST_CASE("columns are named one by one, by pattern and by range") {
  const std::string text = "p1,p2,q:r,p3,s,label\n1,2,3,4,5,a\n2,3,4,5,6,b\n";
  const auto features = [&](const Texts& wanted, const Texts& ignored) {
    io::TableSettings settings;
    settings.columns = {wanted, ignored};
    const io::RawData raw = read(text, settings);
    std::vector<float> first(raw.train.x.row(0).data(), raw.train.x.row(0).data() + raw.train.x.cols());
    return first;
  };
  using Row = std::vector<float>;
  CHECK(features({"p*"}, {}) == Row{1, 2, 4});
  CHECK(features({"p2:p3"}, {"q:r"}) == Row{2, 4});
  CHECK(features({"s, p1"}, {}) == Row{1, 5});
  CHECK(features({}, {"p?", "q:r"}) == Row{5});
  io::TableSettings settings;
  settings.columns.ignore = {"p4"};
  CHECK_THAT(refusal(text, settings), Contains("--ignore p4: no such column; did you mean \"p1\"?"));
  settings.columns = {{"label"}, {}};
  CHECK_THAT(refusal(text, settings), Contains("this is the column of the labels"));
  settings.columns = {{}, {"p1:s"}};
  CHECK_THAT(refusal(text, settings), Contains("found none"));
  CHECK_THAT(refusal("name,x,label\nu,1,a\nv,2,b\n"), Contains("expected a number, found \"u\"; --ignore"));
}

TEST_CASE("missing values refuse the table, drop the sample, or become the mean of the training part") {
  std::string text = "a,b,label\n";
  for (int k = 0; k < 40; ++k)
    text += (k == 3 || k == 20 ? (k == 3 ? "" : "NaN") : std::to_string(k * k % 17)) + ",1e10," +
            (k % 2 == 0 ? "u" : "v") + "\n";
  io::TableSettings settings;
  CHECK_THAT(refusal(text), Contains("t.csv:5: 2 values are missing in 2 of 40 rows (columns: a)") &&
                                Contains("--missing drop") && Contains("--missing mean"));
  settings.missing = io::Missing::drop;
  const io::RawData dropped = read(text, settings);
  CHECK(dropped.train.size() == 38);
  CHECK(dropped.train.x(3, 0) == 16);     // the row after the one that was left out
  CHECK(dropped.train.x(0, 1) == 1e10F);  // no instrument wrote this, so it is a value
  CHECK_THAT(dropped.notes.at(0).text, Contains("2 values are missing") && Contains("left out"));
  CHECK_FALSE(dropped.notes.at(0).harmless);

  settings.missing = io::Missing::mean;
  const io::RawData raw = read(text, settings);
  CHECK(raw.missing == 2);
  io::ImportSettings prepare;
  prepare.normalize = io::Normalization::none;
  prepare.validation_fraction = 0.2, prepare.test_fraction = 0.5;
  const network::Dataset data = io::make_dataset(raw, prepare, 4);
  double sum = 0;
  int known = 0;
  std::vector<float> others;
  for (const network::Split* split : {&data.train, &data.validation, &data.test})
    for (Index n = 0; n < split->size(); ++n) {
      const float value = split->x(n, 0);
      REQUIRE(std::isfinite(value));
      if (value != std::floor(value)) {
        others.push_back(value);
      } else if (split == &data.train) {
        sum += double(value), ++known;
      }
    }
  REQUIRE(others.size() == 2);
  CHECK(others[0] == Approx(sum / known));
  CHECK(others[1] == others[0]);

  CHECK_THAT(refusal("a,label\n1,u\n2,\n3,v\n"), Contains("t.csv:3: no label in 1 of 3 rows"));
  settings.missing = io::Missing::drop;
  CHECK(read("a,label\n1,u\n2,\n3,v\n", settings).train.size() == 2);
  CHECK_THAT(refusal("a,b,label\n,1,u\n,2,v\n", settings), Contains("\"a\" has no value at all"));
}

TEST_CASE("a table of its own gives the test samples, by the names of columns and the scale of training") {
  const io::Table training = io::parse_table("a,b,label\n0,10,u\n4,30,v\n2,20,u\n", "t.csv");
  const auto with = [&](const std::string& text) {
    const io::Table test = io::parse_table(text, "own.csv");
    return io::import_csv(training, {}, "t", &test);
  };
  io::ImportSettings settings;
  settings.validation_fraction = 0;
  const network::Dataset data = io::make_dataset(with("label,b,a,c\nv,15,1,7\nv,99,-1,7\n"), settings, 1);
  CHECK(data.train.size() == 3);
  REQUIRE(data.test.size() == 2);
  CHECK(data.test.y == std::vector<std::int32_t>{1, 1});
  CHECK(data.test.x(0, 0) == 0.25F);
  CHECK(data.test.x(0, 1) == 0.25F);
  CHECK(data.test.x(1, 0) == 0);  // clipped to the range of training
  CHECK(data.test.x(1, 1) == 1);
  const auto refuse = [&](const std::string& text) {
    return test::message_of<InputError>([&] { with(text); });
  };
  CHECK_THAT(refuse("a,b,label\n1,2,w\n"), Contains("own.csv:2: label \"w\" is none of the 2 classes"));
  CHECK_THAT(refuse("a,label\n1,u\n"), Contains("own.csv: no column \"b\""));
  CHECK_THAT(refuse("1,2,0\n1,2,3\n"), Contains("own.csv"));
}

TEST_CASE("pixels in columns are pictures: pooled, scaled together, and in the order of their numbers") {
  // as programs write it that sort names; pixel k holds 10 k
  std::string text = "label,p0,p1,p10,p11,p2,p3,p4,p5,p6,p7,p8,p9\n";
  for (const char* label : {"a", "b", "a"})
    text += std::string(label) + ",0,10,100,110,20,30,40,50,60,70,80,90\n";
  io::TableSettings table;
  table.pixels = true;
  const io::RawData raw = read(text, table);
  CHECK_THAT(raw.notes.at(0).text, Contains("p0 to p11"));
  io::ImportSettings settings;
  settings.shape = "2x6";
  settings.validation_fraction = settings.test_fraction = 0;
  const network::Dataset data = io::make_dataset(raw, settings, 1);
  CHECK(data.shape == network::Shape{1, 2, 6});
  for (Index k = 0; k < 12; ++k) CHECK(data.train.x(1, k) == Approx(k / 11.0));
  settings.pool = 2;
  CHECK(io::make_dataset(raw, settings, 1).shape == network::Shape{1, 1, 3});
  settings.pool = 1;
  settings.transpose = true;
  settings.shape = "2x6";
  const network::Dataset turned = io::make_dataset(raw, settings, 1);
  CHECK(turned.shape == network::Shape{1, 6, 2});
  CHECK(turned.train.x(1, 2 * 2 + 1) == Approx(8 / 11.0));  // row 1, column 2 of pictures 6 wide
  settings.transpose = false;
  settings.shape = "3x2x2";
  CHECK(io::make_dataset(raw, settings, 1).shape == network::Shape{3, 2, 2});
  for (const std::string shape : {"3x3", "12", "-2x-6", "1x1x1x12", "0x12"}) {
    settings.shape = shape;
    CHECK_THAT(test::message_of<UsageError>([&] { io::make_dataset(raw, settings, 1); }),
               Contains("--shape " + shape + ": expected"));
  }
  settings.shape = "";
  settings.pool = 2;
  CHECK_THAT(test::message_of<UsageError>([&] { io::make_dataset(raw, settings, 1); }),
             Contains("--shape HxW"));
  settings.pool = 1;
  settings.transpose = true;
  CHECK_THAT(test::message_of<UsageError>([&] { io::make_dataset(raw, settings, 1); }),
             Contains("--transpose: the samples are 12 features"));
}

TEST_CASE("amplitudes come as pairs of columns or as complex cells, and keep their phases") {
  io::TableSettings settings;
  settings.complex = true;
  const std::vector<std::string> tables = {
      "u_im,v_re,u_re,v_im,label\n2,3,1,4,a\n0,0,-1,-2,b\n",
      "Im(u),Re v,Re(u),Im v,label\n2,3,1,4,a\n0,0,-1,-2,b\n",
      "u,v,label\n(1.0e+00+2.0e+00j),3+4i,a\n-1,-2j,b\n",
  };
  for (const std::string& text : tables) {
    INFO(text);
    const io::RawData raw = read(text, settings);
    CHECK(raw.shape == network::Shape{2, 1, 1, true});
    const Matrix<float> expected = (Matrix<float>(2, 4) << 1, 3, 2, 4, -1, 0, 0, -2).finished();
    CHECK(raw.train.x == expected);
    io::ImportSettings prepare;
    prepare.validation_fraction = prepare.test_fraction = 0;
    CHECK(io::make_dataset(raw, prepare, 1).train.x.isApprox(expected / 5));
    prepare.normalize = io::Normalization::power;
    const Matrix<float> power = io::make_dataset(raw, prepare, 1).train.x;
    CHECK(power.row(0).isApprox(expected.row(0) / std::sqrt(30.0F)));
    CHECK(power.row(1).isApprox(expected.row(1) / std::sqrt(5.0F)));
    prepare.normalize = io::Normalization::standard;
    CHECK_THAT(test::message_of<UsageError>([&] { io::make_dataset(raw, prepare, 1); }),
               Contains("--normalize standard"));
  }
  CHECK_THAT(refusal("u_re,w,label\n1,2,a\n3,4,b\n", settings), Contains("\"u_re\" has no other part"));
  CHECK_THAT(refusal("w,label\n1,a\n3,b\n", settings), Contains("\"w\" is no amplitude"));
  CHECK_THAT(refusal("w,label\n1+j2,a\n3,b\n", settings), Contains("\"w\" is no amplitude"));
  CHECK_THAT(refusal("w,label\n1+2j,a\nx,b\n", settings), Contains("t.csv:3") && Contains("complex number"));
}
