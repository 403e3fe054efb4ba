// What a reader refuses, and in which words.
#include <cstring>

#include "edit.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/io/inspect.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "samples.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"
#include "tests/process.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using pnn::test::TemporaryFolder;

std::string model_message(const std::string& path) {
  return test::message_of<InputError>([&] { io::read_model(path); });
}
std::string result_message(const std::string& path) {
  return test::message_of<InputError>([&] { io::read_result(path); });
}

}  // namespace

TEST_CASE("a path that leads to no file says what to do") {
  const TemporaryFolder folder;
  CHECK_THAT(model_message(folder / "none.h5"),
             Contains("no such file") && Contains("make one with pnn-fit"));
  std::filesystem::create_directory(folder / "sub");
  CHECK_THAT(model_message(folder / "sub"), Contains("is a folder"));
  folder.write("file", "x");
  CHECK_THAT(model_message(folder / "file/x.h5"), Contains("not a folder"));
}

TEST_CASE("a file that is no HDF5 file is told by its look") {
  const TemporaryFolder folder;
  const auto look = [&](const std::string& bytes) {
    folder.write("x.h5", bytes);
    return model_message(folder / "x.h5");
  };
  CHECK_THAT(look(""), Contains("0 bytes"));
  CHECK_THAT(look("element,control\n1,2\n"), Contains("not an HDF5 file (found text \"element,control…\")"));
  CHECK_THAT(look("\x1f\x8b\x08"), Contains("gzip"));
  CHECK_THAT(look(std::string("\x00\x01\xff\x7f", 4)), Contains("bytes 00 01 ff 7f"));
  CHECK_THAT(look("\x89HDF"), Contains("truncated"));
}

TEST_CASE("another filetype is refused with the tool that makes the right one") {
  const TemporaryFolder folder;
  io::write_curves(folder / "m.h5", samples::curves(), samples::header("pnn-characterize"));
  CHECK(model_message(folder / "m.h5") == (folder / "m.h5") +
                                              ": expected filetype \"model\", found \"curves\" (written by "
                                              "pnn-characterize 0.1.0); make one with pnn-fit");
  CHECK(io::filetype_of(folder / "m.h5") == "curves");
}

TEST_CASE("a newer minor version is read, a newer major one is refused in one sentence") {
  const TemporaryFolder folder;
  io::write_model(folder / "m.h5", samples::model(), samples::header());
  edit::File(folder / "m.h5").version(1, 7);
  CHECK(model_message(folder / "m.h5").empty());
  edit::File(folder / "m.h5").version(2, 0);
  CHECK_THAT(model_message(folder / "m.h5"), Contains("format version 2.0 is newer than 1"));
}

TEST_CASE(
    "curves of format 1.0, without settling time and direction, are read, and a wrong direction is named") {
  const TemporaryFolder folder;
  io::write_curves(folder / "c.h5", samples::curves(), samples::header());
  {
    const edit::File file(folder / "c.h5");
    file.remove("/settle");
    file.remove("/curves/mrr1/direction");
    file.version(1, 0);
  }
  const model::Curves curves = io::read_curves(folder / "c.h5").value.curves;
  CHECK(curves.settle_s == 0);
  CHECK(curves.chips.at(0).direction.empty());
  io::CurvesFile wrong = samples::curves();
  wrong.curves.chips[0].direction[2] = 0;
  io::write_curves(folder / "w.h5", wrong, samples::header());
  CHECK_THAT(test::message_of<InputError>([&] { io::read_curves(folder / "w.h5"); }),
             Contains("/curves/mrr1/direction: expected 1 or -1, found 0"));
}

TEST_CASE("files of format 1.1 lack the slots of a process and the heaters' mean, and are read") {
  const TemporaryFolder folder;
  io::write_model(folder / "m.h5", samples::model(), samples::header());
  {
    const edit::File file(folder / "m.h5");
    file.remove("/process/mrr.slot");
    file.version(1, 1);
  }
  CHECK(io::read_model(folder / "m.h5").value.model.process.as<platforms::mrr::Process>().slot_us ==
        platforms::mrr::Process{}.slot_us);
  edit::File(folder / "m.h5").version(1, 2);
  CHECK_THAT(model_message(folder / "m.h5"), Contains("/process/mrr.slot is missing"));

  io::write_result(folder / "r.h5", samples::result(), samples::header());
  {
    const edit::File file(folder / "r.h5");
    for (const char* name : {"/power_mean", "/power_largest", "/energy"}) file.remove(name);
    file.replace("/power", {2}, {1, 2}, "mW");
    file.version(1, 1);
  }
  CHECK(io::read_result(folder / "r.h5").value.power_mean_mw.data.empty());
}

TEST_CASE("a model without a ring is refused") {
  const TemporaryFolder folder;
  io::ModelFile model = samples::model();
  model::ChipModel& chip = model.model.chips[0];
  chip.elements.clear(), chip.remarks.clear();
  chip.values = Array<double>({1, 0, 2}), chip.covariance = Array<double>({1, 0, 2, 2});
  chip.rms_residual = Array<double>({1, 0}), chip.measured = {};
  io::write_model(folder / "m.h5", model, samples::header());
  CHECK_THAT(model_message(folder / "m.h5"), Contains("/model/mrr1/elements: expected at least one"));
}

TEST_CASE("all that is wrong is said at once") {
  const TemporaryFolder folder;
  io::write_model(folder / "m.h5", samples::model(), samples::header());
  {
    const edit::File file(folder / "m.h5");
    file.remove("/model/mrr1/kind");
    file.replace("/model/mrr1/rms_residual", {1, 4}, {0, 0, 0, 0}, "1");
    file.text_of("/model/mrr1/values", "units", "mA");
    file.overwrite("/process/mrr.fsr", {-5});
    file.overwrite("/model/mrr1/crosstalk", {std::numeric_limits<double>::quiet_NaN(), 1});
  }
  const std::string message = model_message(folder / "m.h5");
  CHECK_THAT(message, Contains("/model/mrr1/kind is missing"));
  CHECK_THAT(message,
             Contains("/model/mrr1/rms_residual: expected 3 along axis element") && Contains("found 4"));
  CHECK_THAT(message, Contains("/model/mrr1/values: expected units \"see units\", found \"mA\""));
  CHECK_THAT(message, Contains("/process/mrr.fsr: expected 0.1 … 1000, found -5"));
  CHECK_THAT(message, Contains("/model/mrr1/crosstalk: value 0 of 2 is not finite"));
  CHECK(std::count(message.begin(), message.end(), '\n') == 0);
}

TEST_CASE("a network that does not resolve, and controls that do not fit it, are named") {
  const TemporaryFolder folder;
  train::Params params = samples::params();
  params.controls.pop_back();
  params.weights[1].values = samples::counted<float>({5, 3}, 0, 0.1F);
  io::write_params(folder / "p.h5", params, {});
  const std::string message = test::message_of<InputError>([&] { io::read_params(folder / "p.h5"); });
  CHECK_THAT(message, Contains("/controls/mrr2 is missing"));
  CHECK_THAT(message, Contains("/weights/mrr2: expected shape 3x5, found 5x3"));
  edit::File(folder / "p.h5").first_byte("/network/layers", 'x');
  const std::string foreign = test::message_of<InputError>([&] { io::read_params(folder / "p.h5"); });
  CHECK_THAT(foreign,
             Contains("unknown layer kind \"xrr\": of a platform, or a version, that this program") &&
                 !Contains("missing"));
  params.network.layers[0] = "mrrr:out=5";
  CHECK_THAT(test::message_of<UsageError>([&] { io::write_params(folder / "p.h5", params, {}); }),
             Contains("unknown layer kind \"mrrr\""));
}

TEST_CASE("NaN is accepted where it means that there is no number, and nowhere else") {
  const TemporaryFolder folder;
  study::Result result = samples::result();
  // an evaluation that is not made has no numbers at all
  for (Array<double>* numbers : {&result.loss, &result.score, &result.frechet})
    if (!numbers->data.empty()) numbers->data[3] = std::numeric_limits<double>::quiet_NaN();
  io::write_result(folder / "r.h5", result, {});
  CHECK(result_message(folder / "r.h5").empty());
  result.confusion.data[0] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(io::write_result(folder / "r.h5", result, {}), RunError);
  edit::File(folder / "r.h5")
      .overwrite("/confusion", {std::numeric_limits<double>::infinity(), 1, 1, 1, 1, 1, 1, 1});
  CHECK_THAT(result_message(folder / "r.h5"), Contains("/confusion: value 0 of 8 is not finite"));
}

TEST_CASE("links out of the file, data in other files and variable-length strings are refused") {
  const TemporaryFolder folder;
  const std::string path = folder / "r.h5";
  const auto broken = [&](const auto& change) {
    io::write_result(path, samples::result(), {});
    {
      const edit::File file(path);
      file.remove("/tool");
      change(file);
    }
    return result_message(path);
  };
  CHECK_THAT(broken([](const edit::File& f) {
               H5Lcreate_soft("/network", f.id(), "/tool", H5P_DEFAULT, H5P_DEFAULT);
             }),
             Contains("soft or external link"));
  CHECK_THAT(broken([](const edit::File& f) {
               H5Lcreate_external("/etc/passwd", "/x", f.id(), "/tool", H5P_DEFAULT, H5P_DEFAULT);
             }),
             Contains("soft or external link"));
  CHECK_THAT(broken([](const edit::File& f) {
               const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
               H5Tset_size(type, H5T_VARIABLE);
               const hid_t d =
                   H5Dcreate2(f.id(), "/tool", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
               H5Dclose(d);
               H5Sclose(space);
               H5Tclose(type);
             }),
             Contains("variable-length strings"));
  CHECK_THAT(broken([&](const edit::File& f) {
               f.remove("/images");
               const hsize_t size = 4;
               const hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, &size, nullptr);
               H5Pset_external(list, (folder / "other.bin").c_str(), 0, 32);
               const hid_t d =
                   H5Dcreate2(f.id(), "/images", H5T_STD_U64LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
               H5Dclose(d);
               H5Sclose(space);
               H5Pclose(list);
             }),
             Contains("/images: its data is kept in other files"));
}

TEST_CASE("a dataset that declares more than the file can hold is refused before memory is asked for") {
  const TemporaryFolder folder;
  const std::string path = folder / "r.h5";
  const auto declared = [&](hsize_t size, bool chunked) {
    io::write_result(path, samples::result(), {});
    {
      const edit::File file(path);
      file.remove("/power_mean");
      const hid_t space = H5Screate_simple(1, &size, nullptr), list = H5Pcreate(H5P_DATASET_CREATE);
      const hsize_t chunk = 1024;
      if (chunked) H5Pset_chunk(list, 1, &chunk);
      // space is taken when data is written, so the file stays small
      H5Pset_alloc_time(list, H5D_ALLOC_TIME_LATE);
      const hid_t d =
          H5Dcreate2(file.id(), "/power_mean", H5T_IEEE_F64LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
      edit::File::text(d, "units", "mW");
      H5Dclose(d);
      H5Pclose(list);
      H5Sclose(space);
    }
    return result_message(path);
  };
  CHECK_THAT(declared(hsize_t{1} << 40, false), Contains("more than 64 GiB"));
  CHECK_THAT(declared(hsize_t{1} << 30, false), Contains("more than the file holds"));
  CHECK_THAT(declared(hsize_t{1} << 31, true), Contains("more than 100 times what the file holds"));
}

TEST_CASE("the older format without checksums is refused with the way to rewrite it") {
  const TemporaryFolder folder;
  const hid_t file = H5Fcreate((folder / "old.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  CHECK_THAT(model_message(folder / "old.h5"), Contains("h5repack"));
}

TEST_CASE("a file of another program is not taken for one of ours") {
  const TemporaryFolder folder;
  const hid_t list = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(list, H5F_LIBVER_V110, H5F_LIBVER_V110);
  const hid_t file = H5Fcreate((folder / "x.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, list);
  H5Fclose(file);
  H5Pclose(list);
  CHECK_THAT(model_message(folder / "x.h5"), Contains("not one of this toolchain"));
}

TEST_CASE("a file cut off anywhere is an error in words") {
  const TemporaryFolder folder;
  io::write_model(folder / "m.h5", samples::model(), samples::header());
  const std::string whole = folder.read("m.h5");
  // prime step: lengths in no relation to HDF5's alignments
  for (std::size_t length = 0; length < whole.size(); length += 997) {
    folder.write("cut.h5", whole.substr(0, length));
    INFO(length << " of " << whole.size() << " bytes");
    const std::string message = model_message(folder / "cut.h5");
    CHECK_THAT(message, Contains(length == 0 ? "0 bytes" : "truncated"));
  }
}

TEST_CASE("a flipped byte gives an error or a value, never a crash", "[slow]") {
  const TemporaryFolder folder;
  io::write_params(folder / "p.h5", samples::params(), samples::header());
  const std::string whole = folder.read("p.h5");
  std::size_t refused = 0;
  constexpr std::uint32_t draws = 600;
  for (std::uint32_t k = 0; k < draws; ++k) {
    const Stream stream{1, Purpose::test, 0, 0, k};
    std::string bytes = whole;
    bytes[below(stream, 0, std::uint32_t(whole.size()))] ^= char(1 + below(stream, 1, 255));
    folder.write("flip.h5", bytes);
    bool sound = false;
    const std::string message = test::message_of<InputError>([&] {
      sound = io::validate(folder / "flip.h5").empty();
      io::inspect(folder / "flip.h5", io::Truth::shown);
    });
    if (!message.empty() || !sound) ++refused;
  }
  // Free space, padding and the numbers themselves carry no checksum; the metadata does, and is a good part
  // of a file as small as this one.
  CHECK(refused > draws / 10);
}

TEST_CASE("a device or model whose chip no bus carries is found in an existing file") {
  const TemporaryFolder folder;
  const network::NetworkSpec network{"4", {"mrr:out=2,chip=2x4"}};
  const auto plans = network::resolve(network, {}).plans();
  platform::Process process;
  test::edit<platforms::mrr::Process>(process)->chip_rows = 2;
  test::edit<platforms::mrr::Process>(process)->chip_cols = 2;
  io::DeviceFile device{network, device::fabricate(plans, process, 1, 1)};
  io::ModelFile model{network, model::nominal_model(plans, process)};
  // two columns of the process's own chip fit five channels of 2 nm, and so do four; of 4 nm there are two
  test::edit<platforms::mrr::Process>(device.set.process)->channel_spacing_nm = 4;
  test::edit<platforms::mrr::Process>(model.model.process)->channel_spacing_nm = 4;
  io::write_device(folder / "d.h5", device, samples::header());
  io::write_model(folder / "m.h5", model, samples::header());
  const std::string complaint = "mrr1: its chip has 4 columns, but a bus carries at most 2 channels";
  CHECK_THAT(test::message_of<InputError>([&] { io::read_device(folder / "d.h5"); }), Contains(complaint));
  CHECK_THAT(test::message_of<InputError>([&] { io::read_device_public(folder / "d.h5"); }),
             Contains(complaint));
  CHECK_THAT(model_message(folder / "m.h5"), Contains(complaint));
}
