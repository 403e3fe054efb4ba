#include "pnn/io/picture_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "pnn/core/errors.hpp"
#include "pnn/core/natural_order.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/classes.hpp"
#include "pnn/io/hash.hpp"
#include "pnn/io/plain_text.hpp"
#include "pnn/io/png_picture.hpp"

namespace pnn::io {
namespace {

namespace fs = std::filesystem;

/// What a folder holds, without hidden files, in the order of the names.
std::vector<fs::path> entries(const fs::path& folder, bool folders) {
  std::error_code failed;
  std::vector<fs::path> found;
  fs::directory_iterator at(folder, failed);
  for (; !failed && at != fs::directory_iterator(); at.increment(failed)) {
    std::error_code absent;
    const bool is_folder = fs::is_directory(at->path(), absent);
    if (is_folder == folders && !at->path().filename().string().starts_with('.')) found.push_back(at->path());
  }
  if (failed) throw InputError(folder.string() + ": cannot be read as a folder (" + failed.message() + ")");
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    return natural_less(a.filename().string(), b.filename().string());
  });
  return found;
}

/// A picture's file and class.
struct Sample {
  std::string path, label;
};

class Folders {
 public:
  explicit Folders(RawData& raw) : raw_(raw) {}

  void take(const fs::path& folder, network::Split RawData::*split) {
    const std::vector<Sample> samples = samples_of(folder);
    std::vector<std::string> labels;
    for (const Sample& sample : samples) labels.push_back(sample.label);
    if (!classes_) {
      classes_.emplace(labels, folder.string(), raw_.notes);
      raw_.classes = classes_->names();
    }
    network::Split& to = raw_.*split;
    to.y = classes_->numbers(labels, [&](std::size_t k) { return samples[k].path; });
    for (std::size_t k = 0; k < samples.size(); ++k) put(samples[k], k, samples.size(), to);
  }
  void tell_passed_over() {
    if (passed_over_ == 0) return;
    raw_.notes.push_back({std::to_string(passed_over_) + (passed_over_ == 1 ? " file was" : " files were") +
                              " passed over that are no PNG (the first: " + first_passed_ + ")",
                          false});
  }
  [[nodiscard]] std::string hash() const { return text_hash(join(hashes_, "\n")); }

 private:
  std::vector<Sample> samples_of(const fs::path& folder) {
    std::vector<Sample> samples;
    const std::vector<fs::path> classes = entries(folder, true);
    for (const fs::path& one : classes) {
      const std::size_t before = samples.size();
      std::vector<std::string> told;
      const std::string label = to_utf8(one.filename().string(), one.string(), told);
      for (const fs::path& file : entries(one, false)) {
        stop_if_asked();
        if (is_png(file.string())) {
          samples.push_back({file.string(), label});
        } else if (passed_over_++ == 0) {
          first_passed_ = file.string();
        }
      }
      if (samples.size() == before)
        raw_.notes.push_back({one.string() + ": no PNG file in it, so that it is no class", false});
    }
    if (samples.empty())
      throw InputError(folder.string() + ": expected a folder of PNG files for each class, found " +
                       std::to_string(classes.size()) + " folders and no PNG file in them");
    return samples;
  }
  void put(const Sample& sample, std::size_t k, std::size_t count, network::Split& split) {
    const Picture picture = read_png(sample.path);
    hashes_.push_back(sample.label + " " + content_hash(sample.path));
    const network::Shape shape{Index(picture.channels), Index(picture.height), Index(picture.width)};
    if (first_.empty()) {
      first_ = sample.path;
      raw_.shape = shape;
    }
    if (shape != raw_.shape)
      throw InputError(sample.path + ": expected a picture of " + raw_.shape.to_string() + " as " + first_ +
                       ", found " + shape.to_string() +
                       "; make all of one size, and all grey or all coloured");
    if (split.x.rows() == 0) split.x.resize(Index(count), shape.size());
    float* to = split.x.row(Index(k)).data();
    const std::size_t pixels = picture.height * picture.width;
    for (std::size_t c = 0; c < picture.channels; ++c)
      for (std::size_t at = 0; at < pixels; ++at, ++to) {
        const float value = picture.values[at * picture.channels + c];
        *to = picture.white == 255 ? value : value / 257.0F;  // 65535 is 255 · 257
      }
  }

  RawData& raw_;
  std::optional<Classes> classes_;
  std::string first_, first_passed_;
  std::size_t passed_over_ = 0;
  std::vector<std::string> hashes_;
};

}  // namespace

RawData import_pictures(const std::string& folder, const std::string& test_folder, const std::string& name,
                        std::string& hash) {
  RawData raw;
  raw.name = name;
  raw.pictures = true;
  Folders folders(raw);
  std::optional<fs::path> train, validation, test;
  std::vector<std::string> others;
  for (const fs::path& one : entries(folder, true)) {
    const std::string word = one.filename().string();
    if (word == "train") {
      train = one;
    } else if (word == "test") {
      test = one;
    } else if (word == "val" || word == "valid" || word == "validation") {
      validation = one;
    } else {
      others.push_back(word);
    }
  }
  if (!train) {
    folders.take(folder, &RawData::train);
  } else {
    if (!others.empty())
      throw InputError(folder + ": beside train, expected test and val alone, found " + join(others, ", "));
    folders.take(*train, &RawData::train);
    if (validation) folders.take(*validation, &RawData::validation);
    if (test && !test_folder.empty())
      throw InputError(folder + ": it has test pictures of its own; leave out --test");
    if (test) folders.take(*test, &RawData::test);
  }
  if (!test_folder.empty()) folders.take(test_folder, &RawData::test);
  folders.tell_passed_over();
  hash = folders.hash();
  return raw;
}

}  // namespace pnn::io
