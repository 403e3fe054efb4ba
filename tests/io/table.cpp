#include "pnn/io/table.hpp"

#include <zlib.h>

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "samples.hpp"
#include "tests/catch.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Texts = std::vector<std::string>;

std::string message_of(const std::string& text, const std::string& column = "") {
  try {
    const io::Table table = io::parse_table(text, "t.csv");
    if (!column.empty()) static_cast<void>(table.numbers(column));
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a table is read column by column, with the lines that its rows stand on") {
  const io::Table table =
      io::parse_table("# from a bench\n\nelement, current ,weight\r\na,1,-0.5\r\n\nb,2.5e0,+1\n", "t.csv");
  CHECK(table.header == Texts{"element", "current", "weight"});
  CHECK(table.rows() == 2);
  CHECK(table.texts("element") == Texts{"a", "b"});
  CHECK(table.numbers("current") == std::vector<double>{1, 2.5});
  CHECK(table.numbers("weight") == std::vector<double>{-0.5, 1});
  CHECK(table.lines == std::vector<std::size_t>{4, 6});
}

TEST_CASE("quotes keep separators, quotes, blanks and line ends") {
  const io::Table table = io::parse_table("a,b\n\"x,\"\"y\"\"\", \" z \"\n\"one\ntwo\",3\n", "t.csv");
  CHECK(table.texts("a") == Texts{"x,\"y\"", "one\ntwo"});
  CHECK(table.texts("b") == Texts{" z ", "3"});
  CHECK(table.lines == std::vector<std::size_t>{2, 3});
  for (const std::string& text :
       {std::string("x,\"y\""), std::string(" z "), std::string("one\ntwo"), std::string("plain")}) {
    CHECK(io::parse_table("a\n" + io::csv_cell(text) + "\n", "t.csv").texts("a") == Texts{text});
  }
}

TEST_CASE("semicolons and tabs separate too, and a byte-order mark is no part of a name") {
  CHECK(io::parse_table("\xef\xbb\xbfx;y\n1,5;2\n", "t.csv").header == Texts{"x", "y"});
  CHECK(io::parse_table("x\ty\n1\t\n", "t.csv").texts("y") == Texts{""});
}

TEST_CASE("the last line needs no end, and a trailing empty cell counts") {
  CHECK(io::parse_table("a,b\n1,2", "t.csv").numbers("b") == std::vector<double>{2});
  CHECK(io::parse_table("a,b\n1,", "t.csv").texts("b") == Texts{""});
}

TEST_CASE("what is wrong in a table is told with its line") {
  CHECK_THAT(message_of(""), Contains("t.csv: expected a table with a header line, found nothing"));
  CHECK_THAT(message_of("# only\n\n"), Contains("found nothing"));
  CHECK_THAT(message_of("a,b\n1,2\n3\n"),
             Contains("t.csv:3: expected 2 columns as in the header line, found 1"));
  CHECK_THAT(message_of("a,a\n"), Contains("\"a\" stands twice"));
  CHECK_THAT(message_of("a,,b\n"), Contains("a column without a name"));
  CHECK_THAT(message_of("a\n\"open\n"), Contains("t.csv:2: a quote that is never closed"));
  CHECK_THAT(message_of("a\n\"x\"y\n"), Contains("found \"y\""));
  CHECK_THAT(message_of(std::string("a\n\0\n", 4)), Contains("binary data"));
  CHECK_THAT(message_of("curent,b\n1,2\n", "current"),
             Contains("no column \"current\"; did you mean \"curent\"?"));
  for (const char* number : {"x", "nan", "inf", "0x10", "1e999", "1 2", ""}) {
    INFO(number);
    CHECK_THAT(message_of(std::string("a,b\n1,1\n") + number + ",1\n", "a"),
               Contains("t.csv:3: column \"a\": expected a number"));
  }
}

TEST_CASE("columns, names and labels are bounded before they are kept") {
  CHECK_THAT(message_of("a" + std::string(2'000'000, ',') + "\n"),
             Contains("t.csv:1: more than 1000000 columns"));
  CHECK_THAT(message_of(std::string(1001, 'a') + ",b\n"), Contains("a column name of 1001 bytes"));
  CHECK_THAT(message_of("a,b\n1" + std::string(3'000'000, ',') + "\n"),
             Contains("t.csv:2: expected 2 columns as in the header line, found 3000001"));
  std::string wide = "a";
  for (int k = 0; k < 1000; ++k) wide += ",a" + std::to_string(k);
  const std::string message = message_of(wide + "\n", "none");
  CHECK(message.size() < 200);
  CHECK_THAT(message, Contains("no column \"none\"") && EndsWith(", a18, …)"));
}

namespace {

/// Each character in two bytes, the more significant first or last.
std::string utf16(const std::string& ascii, bool big_endian) {
  std::string out;
  for (const char c : ascii) {
    if (big_endian) out += '\0';
    out += c;
    if (!big_endian) out += '\0';
  }
  return out;
}

std::string gzipped(std::string text) {
  std::string out(text.size() + 100, '\0');
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = uInt(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = uInt(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// All notes of a table, one a line.
std::string notes_of(const io::Table& table) {
  std::string all;
  for (const io::Note& note : table.notes) all += note.text + "\n";
  return all;
}

}  // namespace

TEST_CASE("one table is read alike in the forms that instruments and programs write") {
  const Texts names = {"element", "control", "response"};
  const std::string rows = "r0,0.25,-1.5\nr0,-3,2e-3\nr1,4,0\n", plain = "element,control,response\n" + rows;
  const auto with = [](std::string text, char separator) {
    std::replace(text.begin(), text.end(), ',', separator);
    return text;
  };
  std::string crlf, trailing, blanks, comma = with(plain, ';');
  for (const char c : plain) {
    crlf += c == '\n' ? "\r\n" : std::string(1, c);
    trailing += c == '\n' ? ",\n" : std::string(1, c);
    blanks += c == ',' ? "   " : c == '\n' ? "  \n  " : std::string(1, c);
  }
  std::replace(comma.begin(), comma.end(), '.', ',');
  for (const std::string& text :
       {plain,
        with(plain, ';'),
        with(plain, '\t'),
        blanks,
        comma,
        crlf,
        trailing,
        "# made by a program\n\n" + plain,
        "# " + plain,
        "#" + blanks,
        "\xef\xbb\xbf" + plain,
        std::string("element,control,response\nr0,0.25D+00,-1.5d0\nr0,-3.0D0,0.2D-02\nr1,4,\xe2\x88\x92"
                    "0\n"),
        "\"element\",\"control\",\"response\"\n" + rows,
        "\xff\xfe" + utf16(plain, false),
        "\xfe\xff" + utf16(plain, true),
        utf16(plain, false),
        gzipped(plain),
        gzipped(comma),
        gzipped("\xff\xfe" + utf16(plain, false)),
        "Key,Value\nDie,X1\nDate,2026\nelement,control,response\n" + rows + rows,
        "ACME prober, automated\nDie: X1\n" + plain}) {
    INFO(text);
    const io::Table table = io::parse_table(text, "t.csv");
    CHECK(table.header == names);
    CHECK(table.named);
    REQUIRE(table.rows() >= 3);
    CHECK(table.cell(0, 2) == "r1");
    const std::vector<double> control = table.numbers("control"), response = table.numbers("response");
    CHECK(std::vector<double>(control.begin(), control.begin() + 3) == std::vector<double>{0.25, -3, 4});
    CHECK(std::vector<double>(response.begin(), response.begin() + 3) == std::vector<double>{-1.5, 2e-3, 0});
  }
}

TEST_CASE("blanks in a name separate nothing where tabs do") {
  const io::Table table = io::parse_table("t (s)\tI (mA)\tP\n0\t1\t2\n1\t2\t3\n2\t3\t4\n", "t.tsv");
  CHECK(table.header == Texts{"t (s)", "I (mA)", "P"});
  CHECK(io::parse_table("x;y\n0,5;1\n", "t.csv").numbers("x") == std::vector<double>{0.5});
}

TEST_CASE("blanks in a name that stands last separate nothing where commas or semicolons do") {
  for (const char separator : {',', ';'}) {
    std::string text = "channel,name\nCH0,row 0 col 0\nCH1,row 0 col 1\n";
    std::replace(text.begin(), text.end(), ',', separator);
    const io::Table map = io::parse_table(text, "map.csv");
    CHECK(map.header == Texts{"channel", "name"});
    CHECK(map.texts("name") == Texts{"row 0 col 0", "row 0 col 1"});
  }
  // decimal commas between blanks stay numbers
  CHECK(io::parse_table("x y\n0,5 1,5\n0,25 2,5\n", "t.txt").numbers("y") == std::vector<double>{1.5, 2.5});
}

TEST_CASE("a table without a header line is told to have none, and preambles are counted") {
  const io::Table table = io::parse_table(
      "ACME wafer prober, automated\nDie: X1\nUnit: mW\n0.0,-0.9\n0.1,-0.8\n0.2,-0.7\n", "t.csv");
  CHECK_FALSE(table.named);
  CHECK(table.header == Texts{"column 1", "column 2"});
  CHECK(table.rows() == 3);
  CHECK_THAT(notes_of(table), Contains("3 lines were passed over before the first row") &&
                                  Contains("(the first: \"ACME wafer prober, automated\")") &&
                                  Contains("no header line"));
  CHECK_FALSE(io::parse_table("5.1,3.5,a\n4.9,3.0,b\n", "t.csv").named);
  CHECK(io::parse_table("label,0,1,2\n7,1,2,3\n8,2,3,4\n", "t.csv").header == Texts{"label", "0", "1", "2"});
}

TEST_CASE("a line of units below the header goes into the names") {
  const io::Table table = io::parse_table("I;P;name\nmA;dBm;\n0;-3,5;a\n1;-4;b\n", "t.csv");
  CHECK(table.header == Texts{"I (mA)", "P (dBm)", "name"});
  CHECK(table.numbers(1) == std::vector<double>{-3.5, -4});
}

TEST_CASE("of lines of names, units and comments the names are taken, and gaps in them filled") {
  for (const std::string text : {"Current\tWeight\tWeight\nmA\t\t\n\tr0\tr1\n0\t1\t2\n1\t3\t4\n",
                                 "Current\tr0\tr1\nmA\t\t\nNote\tsweep\tsweep\n0\t1\t2\n1\t3\t4\n"}) {
    INFO(text);
    const io::Table table = io::parse_table(text, "t.txt");
    CHECK(table.header == Texts{"Current (mA)", "r0", "r1"});
    CHECK(table.numbers("r1") == std::vector<double>{2, 4});
    CHECK_THAT(notes_of(table), Contains("passed over"));
  }
  // as LabVIEW writes it: sections of other lines, and a column of comments that is empty
  const io::Table labview = io::parse_table(
      "LabVIEW Measurement\t\nSeparator\tTab\n***End_of_Header***\t\n\t\nChannels\t2\t\t\nX0\t0\t0\t\n"
      "***End_of_Header***\t\t\t\nX_Value\trow 0\trow "
      "1\tComment\n0.5\t1\t2\t\n1.5\t3\t4\t\n2.5\t3\t4\t\n3.5\t3\t4\t\n"
      "4.5\t3\t4\t\n5.5\t3\t4\t\n",
      "t.lvm");
  CHECK(labview.header == Texts{"X_Value", "row 0", "row 1", "Comment"});
  CHECK(labview.numbers("row 1") == std::vector<double>{2, 4, 4, 4, 4, 4});
}

TEST_CASE("columns in pairs become rows where curves are read") {
  const std::string named = "I (mA),a (uA),I (mA),b (uA)\n0,1,0.5,2\n1,3,1.5,4\n,,2.5,5\n";
  const io::Table pairs = io::parse_table(named, "t.csv", io::Layout::curves);
  CHECK(pairs.header == Texts{"element", "I (mA)", "response (uA)"});
  CHECK(pairs.texts("element") == Texts{"a", "a", "b", "b", "b"});
  CHECK(pairs.numbers(1) == std::vector<double>{0, 1, 0.5, 1.5, 2.5});
  CHECK(pairs.numbers(2) == std::vector<double>{1, 3, 2, 4, 5});
  CHECK_THAT(notes_of(pairs), Contains("2 pairs of columns"));
  const io::Table numbered =
      io::parse_table("I (mA),P (uW),I (mA),P (uW)\n0,1,0.5,2\n1,3,1.5,4\n", "t.csv", io::Layout::curves);
  CHECK(numbered.header == Texts{"element", "I (mA)", "P (uW)"});
  CHECK(numbered.texts("element") == Texts{"pair 1", "pair 1", "pair 2", "pair 2"});
  CHECK_THROWS_WITH(io::parse_table(named, "t.csv", io::Layout::any_side), Contains("stands twice"));
  for (const std::string text : {"I,a (uA),I,b (V)\n0,1,0,2\n1,3,1,4\n", "I,a,I,b,I\n0,1,0,2,1\n1,3,1,4,1\n",
                                 "I,a,I,b,I,a\n0,1,0,2,0,1\n1,3,1,4,1,1\n"})
    CHECK_THROWS_WITH(io::parse_table(text, "t.csv", io::Layout::curves), Contains("stands twice"));
}

TEST_CASE("a header line between the rows and words after the last row are passed over, and told") {
  const io::Table table = io::parse_table("x,y\n1,2\nx,y\n3,4\n\nEnd of data\nOperator: Jo\n", "t.csv");
  CHECK(table.numbers("y") == std::vector<double>{2, 4});
  CHECK_THAT(notes_of(table), Contains("1 header line was passed over between the rows") &&
                                  Contains("2 lines were passed over after the last row, without a digit"));
  CHECK_THROWS_WITH(io::parse_table("x,y\n1,2\n3,4\n5\n", "t.csv"), Contains("t.csv:4: expected 2 columns"));
  CHECK_THROWS_WITH(io::parse_table("x,y\n1,2\nend\n3,4\n", "t.csv"),
                    Contains("t.csv:3: expected 2 columns"));
}

TEST_CASE("a last line without an end, which may be cut within a number, is told") {
  for (const std::string last : {"3,4", "3,4.5"}) {
    CHECK_THAT(notes_of(io::parse_table("x,y\n1,2\n" + last, "t.csv")), Contains("the last line has no end"));
    CHECK(io::parse_table("x,y\n1,2\n" + last + "\n", "t.csv").notes.empty());
  }
  CHECK(io::parse_table("x,y\n1,2\n3,high", "t.csv").notes.empty());
}

TEST_CASE("a number sign begins a name, a comment or a row that was taken out") {
  const io::Table names =
      io::parse_table("element,control,response\n#1,0,1\n#1,1,2\nr2,0,3\n#2,0,4\n", "t.csv");
  CHECK(names.texts("element") == Texts{"#1", "#1", "r2", "#2"});
  CHECK(names.notes.empty());
  CHECK(io::parse_table("element,control\n#1,0\n#2,1\n", "t.csv").texts("element") == Texts{"#1", "#2"});
  const io::Table taken_out = io::parse_table("element,control\nr1,0\n#r1,1\n# a word\nr2,2\n", "t.csv");
  CHECK(taken_out.texts("element") == Texts{"r1", "r2"});
  CHECK_THAT(notes_of(taken_out), Contains("2 lines were passed over") && Contains("(the first: line 3)"));
  for (const char* header : {"", "# element control response\n"}) {
    const io::Table first =
        io::parse_table(std::string(header) + "#1 0 1\n#1 1 2\nr2 0 3\nr2 1 4\n#3 0 5\n", "t.txt");
    CHECK(first.rows() == 5);
    CHECK(first.cell(0, 0) == "#1");
    CHECK(first.named == (*header != '\0'));
  }
  const io::Table numbers = io::parse_table("control,response\n0,1\n#1,2\n2,3\n", "t.csv");
  CHECK(numbers.numbers("control") == std::vector<double>{0, 2});
  CHECK_THAT(notes_of(numbers), Contains("1 line was passed over"));
}

TEST_CASE("quantities in rows are turned where that is asked for") {
  const std::string text = "# Laser: 1550 nm\ncontrol,0.0,0.1,0.2,0.3\nchannel_1,1,2,3,4\n";
  const io::Table table = io::parse_table(text, "t.csv", io::Layout::any_side);
  CHECK(table.in_rows());
  CHECK(table.header == Texts{"control", "channel_1"});
  CHECK(table.numbers("control") == std::vector<double>{0, 0.1, 0.2, 0.3});
  CHECK(table.numbers("channel_1") == std::vector<double>{1, 2, 3, 4});
  CHECK_FALSE(io::parse_table(text, "t.csv").in_rows());
}

TEST_CASE("a reading that is none is nothing, and any other text is refused") {
  const io::Table table = io::parse_table(
      "x\n1\n9.91E37\n-199.999E+99\nNaN\n\"\"\nOVLD\n+9.9E37\n1e999\n2.5\n-inf\n3\n4\n5\n6\n7\n8\n9\n",
      "t.csv");
  std::size_t readings = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) readings += table.reading(0, row) ? 1 : 0;
  CHECK(readings == 9);
  CHECK(*table.reading(0, 8) == 2.5);
  const io::Table bad = io::parse_table("x,y\n1,2\nabout 3,4\n5,6\n", "t.csv");
  CHECK_THROWS_WITH(bad.reading(0, 1),
                    Contains("t.csv:3: column \"x\": expected a number, found \"about 3\""));
}

TEST_CASE("names in Windows-1252 become UTF-8") {
  const io::Table table = io::parse_table("element,a\nRing 25\xb5m-0\xb0,1\n", "t.csv");
  CHECK(table.texts("element") == Texts{"Ring 25\xc2\xb5m-0\xc2\xb0"});
  CHECK_THAT(notes_of(table), Contains("Windows-1252"));
  CHECK_THAT(message_of("a,b\n\x81\x8d,1\n"), Contains("neither UTF-8 nor Windows-1252"));
}

TEST_CASE("an index without a name is passed over") {
  const io::Table table = io::parse_table(",a,label\n0,0.5,x\n1,0.6,y\n", "t.csv");
  CHECK(table.header == Texts{"a", "label"});
  CHECK(table.numbers("a") == std::vector<double>{0.5, 0.6});
  CHECK_THAT(notes_of(table), Contains("first column was passed over"));
  CHECK_THAT(message_of(",a\n0,1\n7,2\n"), Contains("a column without a name"));
}

TEST_CASE("damaged gzip data are refused") {
  std::string packed = gzipped("a,b\n1,2\n");
  packed.resize(packed.size() - 6);
  CHECK_THAT(message_of(packed), Contains("damaged or truncated gzip data"));
}

TEST_CASE("no text makes the reader of tables do worse than refuse it") {
  const std::string alphabet = "a1,;\"\n\r\t# .-e\xef\xbb\xbf";
  int read = 0, refused = 0;
  for (std::uint32_t k = 0; k < 5000; ++k) {
    const Stream stream{1, Purpose::test, 1, 0, k};
    std::string text;
    for (std::uint32_t i = 0; i < 1 + below(stream, 0, 40); ++i)
      text += alphabet[below(stream, i + 1, std::uint32_t(alphabet.size()))];
    try {
      const io::Table table = io::parse_table(text, "t.csv");
      for (const auto& name : table.header) REQUIRE(table.texts(name).size() == table.rows());
      ++read;
    } catch (const InputError&) {
      ++refused;
    }
  }
  CHECK(read > 100);
  CHECK(refused > 100);
}
