// Arrays and folders of pictures as data sets: types, order of axes, archives, PNG.
#include <zlib.h>

#include <filesystem>

#include "pnn/core/errors.hpp"
#include "pnn/io/idx.hpp"
#include "pnn/io/import.hpp"
#include "pnn/io/picture_folder.hpp"
#include "pnn/io/png_picture.hpp"
#include "tests/catch.hpp"
#include "tests/io/numpy_files.hpp"
#include "tests/message.hpp"
#include "tests/temporary_folder.hpp"

namespace {

using namespace pnn;
using namespace pnn::test::numpy;
using Catch::Matchers::Contains;
using pnn::test::TemporaryFolder;
using Texts = std::vector<std::string>;

std::string big(std::uint64_t value, int bytes) {
  std::string out;
  for (int k = bytes; k-- > 0;) out += char(value >> (8 * k) & 0xffU);
  return out;
}

std::string idx(char type, const std::vector<std::uint32_t>& shape, const std::string& values) {
  std::string bytes{'\0', '\0', type, char(shape.size())};
  for (const std::uint32_t size : shape) bytes += big(size, 4);
  return bytes + values;
}

std::string chunk(const std::string& name, const std::string& data) {
  const std::string body = name + data;
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(body.data()), uInt(body.size()));
  return big(data.size(), 4) + body + big(sum, 4);
}

/// A PNG file (W3C, Portable Network Graphics, 2003): colour type 0 grey, 2 colour, 3 palette, 4 and 6 with
/// alpha. `rows` hold the bytes of each row.
std::string png(std::uint32_t width, int bits, int colour, const Texts& rows,
                const std::string& palette = "") {
  std::string lines;
  for (const std::string& row : rows) lines += '\0' + row;
  std::string packed(lines.size() + 100, '\0');
  uLongf size = packed.size();
  REQUIRE(compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                   reinterpret_cast<const Bytef*>(lines.data()), lines.size()) == Z_OK);
  packed.resize(size);
  return "\x89PNG\r\n\x1a\n" +
         chunk("IHDR",
               big(width, 4) + big(rows.size(), 4) + char(bits) + char(colour) + std::string(3, '\0')) +
         (palette.empty() ? "" : chunk("PLTE", palette)) + chunk("IDAT", packed) + chunk("IEND", "");
}

}  // namespace

TEST_CASE("every type of IDX is read, big-endian and with its sign") {
  const TemporaryFolder folder;
  const auto second = [&](char type, const std::string& values) {
    return io::read_idx(folder.write("x", idx(type, {2}, values))).real(1);
  };
  CHECK(second(0x08, "\x01\xfe") == 254);
  CHECK(second(0x09, "\x01\xfe") == -2);
  CHECK(second(0x0b, big(1, 2) + big(0xfffe, 2)) == -2);
  CHECK(second(0x0c, big(1, 4) + big(0x00010203, 4)) == 66051);
  CHECK(second(0x0d, big(0, 4) + big(std::bit_cast<std::uint32_t>(-0.75F), 4)) == -0.75);
  CHECK(second(0x0e, big(0, 8) + big(std::bit_cast<std::uint64_t>(0.1), 8)) == 0.1);
  folder.write("x", idx(0x0c, {2}, "1234567"));
  CHECK_THAT(test::message_of<InputError>([&] { io::read_idx(folder / "x"); }),
             Contains("truncated: 7 of 8 bytes"));
}

TEST_CASE("letters from 1 to 26 are 26 classes, whatever the type of their labels and pixels") {
  const TemporaryFolder folder;
  std::string bytes, longs, pixels, floats;
  for (int k = 0; k < 78; ++k) {
    const int letter = 1 + k * 5 % 26;
    bytes += char(letter), longs += big(std::uint64_t(letter), 4);
    for (int p = 0; p < 6; ++p) {
      pixels += char(letter + p);
      floats += big(std::bit_cast<std::uint32_t>(float(letter + p)), 4);
    }
  }
  const std::string images = folder.write("i", idx(8, {78, 2, 3}, pixels)),
                    labels = folder.write("l", idx(8, {78}, bytes));
  const io::RawData raw = io::import_idx({images, labels, "", ""}, {}, "letters");
  REQUIRE(raw.classes.size() == 26);
  CHECK(raw.classes.front() == "1");
  CHECK(raw.classes.back() == "26");
  CHECK(raw.train.y[1] == 5);  // the letter 6
  CHECK(raw.train.x(1, 4) == 10);
  CHECK(raw.white == 255);
  const std::string of_floats = folder.write("f", idx(13, {78, 2, 3}, floats)),
                    of_longs = folder.write("n", idx(12, {78}, longs));
  const io::RawData same = io::import_idx({of_floats, of_longs, of_floats, labels}, {}, "letters");
  CHECK(same.classes == raw.classes);
  CHECK(same.train.x == raw.train.x);
  CHECK(same.train.y == raw.train.y);
  CHECK(same.test.y == raw.train.y);
  CHECK(same.white == 0);  // scaled by the range in training
  CHECK_THAT(test::message_of<InputError>([&] {
               io::import_idx({of_floats, of_longs, images, labels}, {}, "letters");
             }),
             Contains("another type than those of training"));

  io::ImportSettings turned;
  turned.transpose = true;
  turned.normalize = io::Normalization::none;
  turned.validation_fraction = turned.test_fraction = 0;
  const network::Dataset emnist = io::make_dataset(raw, turned, 1);
  CHECK(emnist.shape == network::Shape{1, 3, 2});
  for (Index row = 0; row < 2; ++row)
    for (Index column = 0; column < 3; ++column)
      CHECK(emnist.train.x(1, column * 2 + row) == raw.train.x(1, row * 3 + column));
  CHECK_THAT(test::message_of<InputError>([&] {
               io::import_idx({images, labels, images, folder.write("q", idx(8, {78}, std::string(78, 27)))},
                              {}, "letters");
             }),
             Contains("sample 0: label \"27\" is none of the 26 classes"));
}

TEST_CASE("colours that stand last are found, told and put first, or said, or refused") {
  const TemporaryFolder folder;
  std::string pixels;
  for (int k = 0; k < 2 * 5 * 6 * 3; ++k) pixels += char(k);
  const std::string images = folder.write("i", idx(8, {2, 5, 6, 3}, pixels)),
                    labels = folder.write("l", idx(8, {2}, "\x01\x02"));
  const io::RawData raw = io::import_idx({images, labels, "", ""}, {}, "x");
  CHECK(raw.shape == network::Shape{3, 5, 6});
  CHECK(raw.train.x(1, (2 * 5 + 4) * 6 + 1) == float(((5 + 4) * 6 + 1) * 3 + 2));
  CHECK_THAT(raw.notes.at(0).text, Contains("[2, 5, 6, 3] is taken for the 3 colours; --axes nchw"));
  io::ArraySettings said;
  said.axes = io::Axes::nchw;
  CHECK(io::import_idx({images, labels, "", ""}, {}, "x", said).shape == network::Shape{5, 6, 3});
  said.axes = io::Axes::nhwc;
  const io::RawData last = io::import_idx({images, labels, "", ""}, {}, "x", said);
  CHECK(last.train.x == raw.train.x);
  CHECK(last.notes.empty());
  io::ImportSettings turned;
  turned.transpose = true;
  turned.normalize = io::Normalization::none;
  turned.validation_fraction = turned.test_fraction = 0;
  const network::Dataset data = io::make_dataset(raw, turned, 1);
  CHECK(data.shape == network::Shape{3, 6, 5});
  CHECK(data.train.x(1, (2 * 6 + 1) * 5 + 4) == float(((5 + 4) * 6 + 1) * 3 + 2));
  folder.write("i", idx(8, {2, 3, 10, 3}, pixels));
  CHECK_THAT(test::message_of<InputError>([&] {
               io::import_idx({images, labels, "", ""}, {}, "x");
             }),
             Contains("say --axes nchw or --axes nhwc"));
  folder.write("i", idx(8, {2, 9, 5, 2}, pixels));
  CHECK(io::import_idx({images, labels, "", ""}, {}, "x").shape == network::Shape{9, 5, 2});
  folder.write("i", idx(8, {2, 9, 10}, pixels));
  CHECK_THAT(test::message_of<UsageError>([&] {
               io::import_idx({images, labels, "", ""}, {}, "x", said);
             }),
             Contains("--axes"));
}

TEST_CASE("arrays of NumPy are data sets: in files of their own and in an archive, in any order of axes") {
  const TemporaryFolder folder;
  std::vector<double> values, first_fastest(24);
  for (int k = 0; k < 24; ++k) values.push_back(k - 3);
  for (std::size_t n = 0; n < 4; ++n)
    for (std::size_t row = 0; row < 2; ++row)
      for (std::size_t column = 0; column < 3; ++column)
        first_fastest[n + 4 * row + 8 * column] = values[(n * 2 + row) * 3 + column];
  const std::string x = array("'<f8'", "(4, 2, 3)", doubles(values)),
                    y = array("'<i8'", "(4, 1)", little(7, 8) + little(3, 8) + little(7, 8) + little(3, 8)),
                    names = array("'<U2'", "(4,)", texts({"ab", "a", "ab", "a"}, 2));
  const io::RawData raw =
      io::import_idx({folder.write("x.npy", x), folder.write("y.npy", y), "", ""}, {}, "n");
  CHECK(raw.shape == network::Shape{1, 2, 3});
  CHECK(raw.classes == Texts{"3", "7"});
  CHECK(raw.train.y == std::vector<std::int32_t>{1, 0, 1, 0});
  for (Index k = 0; k < 24; ++k) CHECK(raw.train.x.data()[k] == float(k - 3));
  io::ImportSettings settings;
  settings.validation_fraction = settings.test_fraction = 0;
  CHECK(io::make_dataset(raw, settings, 1).train.x(0, 3) == Approx(3 / 23.0));  // −3 … 20 to 0 … 1
  folder.write("x.npy", array("'<f8'", "(4, 2, 3)", doubles(first_fastest), "True"));
  folder.write("y.npy", names);
  const io::RawData fortran = io::import_idx({folder / "x.npy", folder / "y.npy", "", ""}, {}, "n");
  CHECK(fortran.train.x == raw.train.x);
  CHECK(fortran.classes == Texts{"a", "ab"});

  for (const bool packed : {false, true}) {
    folder.write("s.npz", archive({{"train_images", x},
                                   {"train_labels", y},
                                   {"val_images", x},
                                   {"val_labels", y},
                                   {"X_test", x},
                                   {"y_test", y},
                                   {"note", names}},
                                  packed));
    const io::RawData set = io::import_npz(folder / "s.npz", "s", {});
    CHECK(set.train.x == raw.train.x);
    CHECK(set.validation.y == raw.train.y);
    CHECK(set.test.x == raw.train.x);
    CHECK_THAT(set.notes.at(0).text, Contains("1 array is not used: note"));
    const network::Dataset data = io::make_dataset(set, settings, 1);
    CHECK(data.train.size() == 4);
    CHECK(data.validation.size() == 4);
  }
  folder.write("s.npz", archive({{"a", x}, {"y", y}}, false));
  CHECK_THAT(test::message_of<InputError>([&] { io::import_npz(folder / "s.npz", "s", {}); }),
             Contains("expected arrays such as x_train and y_train, found a, y"));
  io::ArraySettings said;
  said.arrays = {{"x_train", "a"}, {"x_test", "a"}, {"y_test", "y"}};
  const io::RawData named = io::import_npz(folder / "s.npz", "s", said);
  CHECK(named.train.x == raw.train.x);
  CHECK(named.test.y == raw.train.y);
  said.arrays["y_train"] = "z";
  CHECK_THAT(test::message_of<InputError>([&] { io::import_npz(folder / "s.npz", "s", said); }),
             Contains("no array \"z\"") && Contains("(arrays: a, y)"));
  folder.write("y.npy", array("'<i8'", "(4, 3)", std::string(96, '\0')));
  CHECK_THAT(test::message_of<InputError>([&] {
               io::import_idx({folder / "x.npy", folder / "y.npy", "", ""}, {}, "n");
             }),
             Contains("a label is a class, not a row"));
  folder.write("x.npy", array("'<f8'", "(4, 1, 1)", doubles({0, 1, std::nan(""), 2})));
  folder.write("y.npy", y);
  CHECK_THAT(test::message_of<InputError>([&] {
               io::import_idx({folder / "x.npy", folder / "y.npy", "", ""}, {}, "n");
             }),
             Contains("sample 2 holds a value that is not finite"));
}

TEST_CASE("numbers of half precision are read to the bit") {
  const TemporaryFolder folder;
  // 1, −2, the largest, the smallest normal and subnormal ones (IEEE 754-2008, table 3.5)
  const std::string halves("\x00\x3c\x00\xc0\xff\x7b\x00\x04\x01\x00\x01\x80", 12);
  const io::RawData raw = io::import_idx({folder.write("x.npy", array("'<f2'", "(2, 3)", halves)),
                                          folder.write("y.npy", array("'|u1'", "(2,)", "\x01\x02")), "", ""},
                                         {}, "h");
  CHECK(raw.train.x == (Matrix<float>(2, 3) << 1, -2, 65504, 0x1p-14F, 0x1p-24F, -0x1p-24F).finished());
}

TEST_CASE("complex arrays are fields, in single and in double precision") {
  const TemporaryFolder folder;
  const std::string labels = folder.write("y.npy", array("'|u1'", "(2,)", "\x01\x02"));
  std::string singles;
  for (const float v : {1.0F, 2.0F, 3.0F, 4.0F, -1.0F, 0.0F, 0.0F, -2.0F})
    singles += big(std::bit_cast<std::uint32_t>(v), 4);
  for (const std::string& x : {array("'<c16'", "(2, 2)", doubles({1, 2, 3, 4, -1, 0, 0, -2})),
                               array("'>c8'", "(2, 1, 2)", singles)}) {
    const io::RawData raw = io::import_idx({folder.write("x.npy", x), labels, "", ""}, {}, "c");
    CHECK(raw.shape == network::Shape{2, 1, 1, true});
    CHECK(raw.train.x == (Matrix<float>(2, 4) << 1, 3, 2, 4, -1, 0, 0, -2).finished());
  }
}

TEST_CASE("PNG files are read in every colour type and depth, and transparent or damaged ones are refused") {
  const TemporaryFolder folder;
  const auto values = [&](const std::string& bytes) {
    return io::read_png(folder.write("p.png", bytes)).values;
  };
  using Values = std::vector<std::uint16_t>;
  CHECK(values(png(3, 8, 0, {"\x01\x02\xff", "\x04\x05\x06"})) == Values{1, 2, 255, 4, 5, 6});
  CHECK(values(png(4, 2, 0, {"\x1b"})) == Values{0, 85, 170, 255});
  CHECK(values(png(1, 16, 0, {"\x01\x02"})) == Values{258});
  CHECK(io::read_png(folder / "p.png").white == 65535);
  CHECK(values(png(1, 8, 2, {"\x01\x02\x03"})) == Values{1, 2, 3});
  CHECK(values(png(1, 8, 6, {"\x01\x02\x03\xff"})) == Values{1, 2, 3});
  CHECK(values(png(1, 8, 4, {"\x07\xff"})) == Values{7});
  CHECK(values(png(2, 8, 3, {std::string("\0\x01", 2)}, "\x01\x02\x03\x04\x05\x06")) ==
        Values{1, 2, 3, 4, 5, 6});
  CHECK(values(png(2, 8, 3, {std::string("\0\x01", 2)}, "\x07\x07\x07\x09\x09\x09")) == Values{7, 9});
  const auto refuse = [&](const std::string& bytes) {
    return test::message_of<InputError>([&] { values(bytes); });
  };
  CHECK_THAT(refuse(png(1, 8, 4, {"\x07\xfe"})), Contains("transparent"));
  CHECK_THAT(refuse("no picture"), Contains("expected a PNG file"));
  const std::string whole = png(3, 8, 0, {"\x01\x02\xff", "\x04\x05\x06"});
  for (std::size_t length = 8; length < whole.size() - 12; ++length) {
    INFO(length);
    CHECK_THAT(refuse(whole.substr(0, length)), Contains("damaged PNG file"));
  }
}

TEST_CASE("a folder of PNG files for each class is a data set, in the order of their names") {
  const TemporaryFolder folder;
  const auto make = [&](const std::string& path, const std::string& bytes) {
    std::filesystem::create_directories(std::filesystem::path(folder / path).parent_path());
    folder.write(path, bytes);
  };
  const auto grey = [](const std::string& pixels) {
    return png(3, 8, 0, {pixels.substr(0, 3), pixels.substr(3)});
  };
  make("set/train/cat/10.png", grey("abcdef"));
  make("set/train/cat/9.png", grey("ghijkl"));
  make("set/train/dog/1.png",
       png(3, 16, 0, {std::string("\x02\x02\x03\x03\x04\x04", 6), std::string(6, 'z')}));
  make("set/test/dog/1.png", grey("uvwxyz"));
  make("set/train/dog/notes.txt", "text");
  make("set/train/dog/.hidden", "text");
  std::string hash, other;
  const io::RawData raw = io::import_pictures(folder / "set", "", "set", hash);
  CHECK(raw.classes == Texts{"cat", "dog"});
  CHECK(raw.shape == network::Shape{1, 2, 3});
  CHECK(raw.train.x(0, 0) == float('g'));  // 9 before 10
  CHECK(raw.train.x(1, 5) == float('f'));
  CHECK(raw.train.x(2, 1) == 3);  // 16 bits on the same scale
  CHECK(raw.train.y == std::vector<std::int32_t>{0, 0, 1});
  CHECK(raw.test.y == std::vector<std::int32_t>{1});
  REQUIRE(raw.notes.size() == 1);
  CHECK_THAT(raw.notes[0].text, Contains("1 file was passed over that are no PNG") && Contains("notes.txt"));

  const io::RawData apart = io::import_pictures(folder / "set/train", folder / "set/test", "set", other);
  CHECK(apart.train.x == raw.train.x);
  CHECK(apart.test.x == raw.test.x);
  CHECK(other == hash);
  make("set/train/dog/1.png", grey("abcdeg"));
  io::import_pictures(folder / "set", "", "set", other);
  CHECK(other != hash);

  const auto refuse = [&](const std::string& path) {
    return test::message_of<InputError>([&] { io::import_pictures(folder / path, "", "x", other); });
  };
  make("set/train/dog/2.png", png(3, 8, 2, {"abcdefghi", "abcdefghi"}));
  CHECK_THAT(refuse("set"), Contains("dog/2.png: expected a picture of 1x2x3") && Contains("found 3x2x3"));
  CHECK_THAT(refuse("set/test"), Contains("two classes or more, found only \"dog\""));
  CHECK_THAT(refuse("none"), Contains("cannot be read as a folder"));
  make("set/bird/1.png", grey("abcdef"));
  CHECK_THAT(refuse("set"), Contains("beside train, expected test and val alone, found bird"));
}
