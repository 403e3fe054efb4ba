#include "pnn/io/import.hpp"

#include <cmath>
#include <numeric>
#include <set>

#include "pnn/core/errors.hpp"
#include "samples.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using pnn::test::TemporaryFolder;

io::RawData iris() {
  return io::import_csv(io::parse_table(io::iris_csv(), "iris.csv"), {"species"}, "iris");
}

/// 12 pictures of 4×6 pixels, each number once, in three classes.
io::RawData pictures(Index count = 12) {
  io::RawData raw;
  raw.name = "numbers";
  raw.pictures = true;
  raw.shape = {1, 4, 6};
  raw.classes = {"0", "1", "2"};
  raw.train.x.resize(count, 24);
  for (Index k = 0; k < raw.train.x.size(); ++k) raw.train.x.data()[k] = float(k % 256);
  for (Index k = 0; k < count; ++k) raw.train.y.push_back(std::int32_t(k % 3));
  return raw;
}

io::ImportSettings plain() {
  io::ImportSettings s;
  s.normalize = io::Normalization::none;
  s.validation_fraction = s.test_fraction = 0;
  return s;
}

/// Rows as a set, to compare what is in two splits.
std::multiset<std::vector<float>> rows(const network::Split& split) {
  std::multiset<std::vector<float>> set;
  for (Index n = 0; n < split.x.rows(); ++n)
    set.emplace(split.x.row(n).data(), split.x.row(n).data() + split.x.cols());
  return set;
}

}  // namespace

TEST_CASE("Fisher's iris is whole: 150 samples, the sums of R's copy") {
  const io::RawData raw = iris();
  CHECK(raw.train.x.rows() == 150);
  CHECK(raw.train.x.cols() == 4);
  CHECK(raw.classes == std::vector<std::string>{"setosa", "versicolor", "virginica"});
  for (std::int32_t c = 0; c < 3; ++c) CHECK(std::count(raw.train.y.begin(), raw.train.y.end(), c) == 50);
  // colSums(iris[, 1:4]) in R: 876.5 458.6 563.7 179.9
  const double sums[] = {876.5, 458.6, 563.7, 179.9};
  for (Index f = 0; f < 4; ++f)
    CHECK(raw.train.x.col(f).cast<double>().sum() == Approx(sums[f]).margin(1e-4));
}

TEST_CASE("labels that are numbers are numbered in numeric order, others in alphabetical order") {
  const auto classes = [](const std::string& labels) {
    std::string text = "x,c\n";
    for (const std::string& label : std::vector<std::string>{labels.substr(0, 2), labels.substr(2, 1)})
      text += "1," + label + "\n";
    return io::import_csv(io::parse_table(text, "t.csv"), {"c"}, "t").classes;
  };
  CHECK(classes("109") == std::vector<std::string>{"9", "10"});
  CHECK(classes("b1a") == std::vector<std::string>{"a", "b1"});
}

TEST_CASE("tables that make no data set are refused") {
  const auto refuse = [](const std::string& text) {
    return test::message_of<Error>([&] { io::import_csv(io::parse_table(text, "t.csv"), {"label"}, "t"); });
  };
  CHECK_THAT(refuse("x,labels\n1,a\n"), Contains("no column \"label\"; did you mean \"labels\"?"));
  CHECK_THAT(refuse("label\na\nb\n"), Contains("columns beside the label"));
  CHECK_THAT(refuse("x,label\n"), Contains("expected samples"));
  CHECK_THAT(refuse("x,label\n1,a\n2,a\n"), Contains("found only \"a\""));
  CHECK_THAT(refuse("x,label\n1,a\ntwo,b\n"),
             Contains("t.csv:3: column \"x\": expected a number, found \"two\""));
  CHECK_THAT(refuse("x,label\n1,a\n1e300,b\n"), Contains("beyond single precision"));
}

TEST_CASE("a split loses no sample and shows none twice") {
  io::ImportSettings settings = plain();
  settings.test_fraction = 0.2;
  settings.validation_fraction = 0.25;
  const io::RawData raw = iris();
  const network::Dataset data = io::make_dataset(raw, settings, 3);
  CHECK(data.test.size() == 30);
  CHECK(data.validation.size() == 30);
  CHECK(data.train.size() == 90);
  CHECK(network::check_dataset(data).empty());
  auto all = rows(data.train);
  all.merge(rows(data.validation));
  all.merge(rows(data.test));
  CHECK(all == rows(raw.train));
}

TEST_CASE("a split depends on the seed, and on nothing else") {
  io::ImportSettings settings = plain();
  settings.test_fraction = 0.2;
  const network::Dataset a = io::make_dataset(iris(), settings, 3), b = io::make_dataset(iris(), settings, 3),
                         c = io::make_dataset(iris(), settings, 4);
  CHECK(a.test.x == b.test.x);
  CHECK(a.test.x != c.test.x);
  settings.limit = 20;
  CHECK(io::make_dataset(iris(), settings, 3).test.x == a.test.x);
}

TEST_CASE("a smaller limit keeps a part of what a larger one keeps, of every class") {
  io::ImportSettings settings = plain();
  settings.limit = 40;
  const network::Dataset large = io::make_dataset(iris(), settings, 1);
  settings.limit = 25;
  const network::Dataset small = io::make_dataset(iris(), settings, 1);
  CHECK(large.train.size() == 40);
  CHECK(small.train.size() == 25);
  const auto all = rows(large.train);
  for (const auto& row : rows(small.train)) CHECK(all.count(row) > 0);
  // iris is sorted by class: without a permutation 25 samples would be of one
  CHECK(std::set<std::int32_t>(small.train.y.begin(), small.train.y.end()).size() == 3);
}

TEST_CASE("a source with a test set of its own keeps it, in its order, or a part of it") {
  io::RawData raw = pictures();
  raw.test = pictures(5).train;
  io::ImportSettings settings = plain();
  settings.test_fraction = 0.5;  // for sources without a test set
  CHECK(io::make_dataset(raw, settings, 1).test.x == raw.test.x);
  CHECK(io::make_dataset(raw, settings, 1).train.size() == 12);
  settings.test_limit = 3;
  const network::Dataset limited = io::make_dataset(raw, settings, 1);
  CHECK(limited.test.size() == 3);
  CHECK(std::is_sorted(limited.test.x.col(0).begin(), limited.test.x.col(0).end()));
}

TEST_CASE("pooling averages blocks of pixels") {
  io::ImportSettings settings = plain();
  settings.pool = 2;
  const network::Dataset data = io::make_dataset(pictures(), settings, 1);
  CHECK(data.shape == network::Shape{1, 2, 3});
  // picture 0, block in row 1, column 2: pixels (2, 4), (2, 5), (3, 4), (3, 5) of a picture 6 wide
  CHECK(data.train.x(0, 1 * 3 + 2) == (16 + 17 + 22 + 23) / 4.0F);
  settings.pool = 3;
  CHECK_THAT(test::message_of<Error>([&] { io::make_dataset(pictures(), settings, 1); }),
             Contains("--pool 3: expected a size that divides"));
  settings.pool = 2;
  CHECK_THAT(test::message_of<Error>([&] { io::make_dataset(iris(), settings, 1); }), Contains("--pool 2"));
}

TEST_CASE("pictures become fields of unit power, after pooling and in every split") {
  io::ImportSettings settings = plain();
  settings.fft_crop = 3;
  settings.validation_fraction = settings.test_fraction = 0.25;
  const network::Dataset data = io::make_dataset(pictures(), settings, 1);
  CHECK(data.shape == network::Shape{9, 1, 1, true});
  CHECK(network::check_dataset(data).empty());
  for (const network::Split* split : {&data.train, &data.validation, &data.test})
    for (Index n = 0; n < split->x.rows(); ++n) CHECK(split->x.row(n).norm() == Approx(1));

  const TemporaryFolder folder;
  io::write_dataset(folder / "fields.h5", data, {});
  CHECK(io::read_dataset(folder / "fields.h5").value.shape == data.shape);

  settings.pool = 2;
  CHECK_THAT(test::message_of<Error>([&] { io::make_dataset(pictures(), settings, 1); }),
             Contains("--fft-crop 3: expected pictures of at least 3x3 pixels, found 1x2x3"));
  settings.pool = 1;
  CHECK_THAT(test::message_of<Error>([&] { io::make_dataset(iris(), settings, 1); }),
             Contains("--fft-crop 3"));
}

TEST_CASE("minmax maps grey levels by 255 and features by their range in training, clipped outside it") {
  io::ImportSettings settings = plain();
  settings.normalize = io::Normalization::minmax;
  const network::Dataset grey = io::make_dataset(pictures(), settings, 1);
  CHECK(grey.train.x(1, 7) == 31.0F / 255.0F);
  settings.test_fraction = 0.5;
  const network::Dataset data = io::make_dataset(iris(), settings, 2);
  for (Index f = 0; f < 4; ++f) {
    CHECK(data.train.x.col(f).minCoeff() == 0.0F);
    CHECK(data.train.x.col(f).maxCoeff() == 1.0F);
  }
  CHECK(data.test.x.minCoeff() >= 0.0F);
  CHECK(data.test.x.maxCoeff() <= 1.0F);
}

TEST_CASE("standard gives mean 0 and deviation 1 in training") {
  io::ImportSettings settings = plain();
  settings.normalize = io::Normalization::standard;
  const Matrix<float> x = io::make_dataset(iris(), settings, 1).train.x;
  for (Index f = 0; f < 4; ++f) {
    const Vector<double> column = x.col(f).cast<double>();
    // 150 rounded floats of size 1: the mean is right to 150^-1/2 · 2^-24 or so
    CHECK(std::abs(column.mean()) < 1e-6);
    CHECK(column.squaredNorm() / 150 == Approx(1).epsilon(1e-5));
  }
}

TEST_CASE("a feature that never changes becomes zero instead of NaN") {
  io::ImportSettings settings = plain();
  const auto raw = io::import_csv(io::parse_table("x,k,label\n1,7,a\n2,7,b\n", "t.csv"), {"label"}, "t");
  for (const io::Normalization how : {io::Normalization::minmax, io::Normalization::standard}) {
    settings.normalize = how;
    const network::Dataset data = io::make_dataset(raw, settings, 1);
    CHECK(data.train.x.col(1) == Vector<float>::Zero(2));
    CHECK(network::check_dataset(data).empty());
  }
}

TEST_CASE("IDX files that do not belong together are refused, and a missing set names its package") {
  const TemporaryFolder folder;
  const auto idx = [&](const std::string& name, const std::string& head, const std::string& data) {
    folder.write(name, std::string("\0\0\x08", 3) + head + data);
    return folder / name;
  };
  using namespace std::string_literals;
  const std::string images = idx("i", "\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03"s, "abcdef"),
                    labels = idx("l", "\x01\0\0\0\x02"s, "\0\x04"s),
                    three = idx("t", "\x01\0\0\0\x03"s, "abc");
  const io::RawData raw = io::import_idx({images, labels, "", ""}, {}, "x");
  CHECK(raw.shape == network::Shape{1, 1, 3});
  CHECK(raw.classes == std::vector<std::string>{"0", "4"});  // those that occur
  CHECK(raw.train.x(1, 2) == float('f'));
  const auto refuse = [](const io::IdxPaths& paths, const std::vector<std::string>& classes) {
    return test::message_of<Error>([&] { io::import_idx(paths, classes, "x"); });
  };
  CHECK_THAT(refuse({images, three, "", ""}, {}), Contains("expected 2 labels") && Contains("found 3"));
  CHECK_THAT(refuse({labels, images, "", ""}, {}), Contains("expected pictures"));
  CHECK_THAT(refuse({images, labels, "", ""}, {"a", "b"}),
             Contains("label 4 of sample 1 is beyond the 2 classes"));
  CHECK_THAT(test::message_of<Error>([&] { io::find_fashion_mnist(folder / "none"); }),
             Contains("dataset-fashion-mnist"));
  CHECK_THAT(test::message_of<Error>([&] { io::find_mnist(folder / ""); }), Contains("scripts/fetch-mnist"));
}
