#include "pnn/io/inspect.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "pnn/core/text.hpp"
#include "pnn/core/version.hpp"
#include "pnn/io/content.hpp"
#include "pnn/io/facts.hpp"
#include "pnn/io/table.hpp"
#include "pnn/io/walk.hpp"

namespace pnn::io {
namespace {

constexpr std::size_t most_texts = 64;
using Class = Content::Class;

bool hidden(const std::string& path, Truth truth) {
  return truth == Truth::hidden && path.starts_with("/truth/");
}

std::string type_name(const h5::Description& description) {
  switch (description.kind) {
    case Class::text:
      return "text";
    case Class::integer:
      return std::string(description.is_unsigned ? "uint" : "int") +
             std::to_string(description.element_bytes * 8);
    case Class::real:
      return std::string("float") + std::to_string(description.element_bytes * 8);
    case Class::other:
      break;
  }
  return "other";
}

template <class T>
std::string shortest(T value) {
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

void count_numbers(const Content& content, Entry& entry) {
  double sum = 0;
  content.numbers([&](auto number) {
    const auto value = static_cast<double>(number);
    if (std::isnan(value)) {
      ++entry.missing;
      return;
    }
    entry.min = entry.count == 0 ? value : std::min(entry.min, value);
    entry.max = entry.count == 0 ? value : std::max(entry.max, value);
    sum += value;
    ++entry.count;
  });
  entry.mean = entry.count == 0 ? 0 : sum / static_cast<double>(entry.count);
}

Entry entry_of(const Reader& reader, const std::string& path, Truth truth) {
  const Content content(reader, path);
  Entry entry;
  entry.path = path;
  entry.type = type_name(content.description());
  entry.units = content.attribute("units");
  entry.description = content.attribute("description");
  entry.shape = content.description().shape;
  entry.axes = content.labels().names;
  entry.hidden = hidden(path, truth);
  if (entry.hidden) return entry;
  if (content.description().kind == Class::text) {
    entry.texts = content.texts();
    if (entry.texts.size() > most_texts) entry.texts.resize(most_texts);
  } else {
    count_numbers(content, entry);
  }
  return entry;
}

void check_entry(const Reader& reader, const std::string& path, std::vector<std::string>& complaints) {
  const Item* item = find_item(reader.filetype(), path);
  if (item == nullptr) {
    // a newer minor version may add datasets
    if (reader.minor_version() <= format_version.minor)
      complaints.push_back(path + ": has no place in a " + reader.filetype() + " file");
    return;
  }
  const Content content(reader, path);
  if (content.attribute("description").empty())
    complaints.push_back(path + ": expected an attribute description, found none");
  const h5::Labels said = content.labels();
  const std::vector<std::string>& labels = said.names;
  if (!labels.empty() && !said.as_dimensions) complaints.push_back(path + ": no dimension labels");
  const auto names = axis_names(*item, labels.size(), labels);
  if (!names) return;  // the reader has already reported the rank
  for (std::size_t k = 0; k < labels.size(); ++k) {
    if (labels[k].empty()) {
      complaints.push_back(path + ": axis " + std::to_string(k) + " has no name (attribute axes)");
    } else if (labels[k] != (*names)[k]) {
      complaints.push_back(path + ": expected axis " + std::to_string(k) + " to be named " + (*names)[k] +
                           ", found " + labels[k]);
    }
  }
}

template <class Body>
auto guarded(const std::string& path, const Body& body) {
  try {
    return body();
  } catch (const h5::Failure& failure) {
    raise_read_failure(path == "-" ? "standard input" : path, failure);
  }
}

}  // namespace

Summary inspect(const std::string& path, Truth truth) {
  return guarded(path, [&] {
    Reader reader(path, "");
    Summary summary;
    summary.filetype = reader.filetype();
    summary.description = find_file_type(reader.filetype())->description;
    summary.hash = content_hash(reader.source().path);
    summary.header = reader.header();
    summary.major = reader.major_version();
    summary.minor = reader.minor_version();
    summary.bytes = reader.source().bytes;
    for (const std::string& dataset : dataset_paths(reader))
      summary.entries.push_back(entry_of(reader, dataset, truth));
    summary.facts = facts_of(path, summary.filetype);
    return summary;
  });
}

std::vector<std::string> validate(const std::string& path) {
  return guarded(path, [&] {
    const Reader reader(path, "");
    std::vector<std::string> complaints = reader_complaints(path, reader.filetype());
    for (const std::string& dataset : dataset_paths(reader)) {
      try {
        check_entry(reader, dataset, complaints);
      } catch (const h5::Failure& failure) {
        if (!h5::explain_shortage(failure).empty()) throw;
        complaints.push_back(dataset + ": " + failure.what());
      }
    }
    return complaints;
  });
}

std::string dataset_csv(const std::string& path, const std::string& dataset, Truth truth) {
  return guarded(path, [&] {
    const Reader reader(path, "");
    const std::string name = dataset.starts_with("/") ? dataset : "/" + dataset;
    if (!h5::is_dataset(reader.file(), name)) {
      const std::vector<std::string> known = dataset_paths(reader);
      throw UsageError("--csv: " + path + " has no dataset \"" + name + "\"" + did_you_mean(name, known));
    }
    if (hidden(name, truth))
      throw UsageError("--csv: " + name + " is the hidden truth of a virtual device; say --truth to see it");
    const Content content(reader, name);
    const std::vector<std::size_t>& shape = content.description().shape;
    std::string csv;
    const std::vector<std::string> labels = content.labels().names;
    for (std::size_t k = 0; k < labels.size(); ++k) {
      csv.append(labels[k].empty() ? std::string("axis").append(std::to_string(k)) : csv_cell(labels[k]));
      csv.push_back(',');
    }
    csv += "value\n";
    std::vector<std::size_t> index(shape.size(), 0);
    const auto line = [&](const std::string& value) {
      for (const std::size_t i : index) csv.append(std::to_string(i)).append(",");
      csv.append(value).append("\n");
      for (std::size_t k = shape.size(); k-- > 0 && ++index[k] == shape[k];) index[k] = 0;
    };
    if (content.description().kind == Class::text) {
      for (const std::string& text : content.texts()) line(csv_cell(text));
    } else {
      content.numbers([&](auto value) { line(shortest(value)); });
    }
    return csv;
  });
}

std::string summary_json(const Summary& summary) {
  using Json = nlohmann::ordered_json;
  Json json;
  json["filetype"] = summary.filetype;
  json["format_version"] = {summary.major, summary.minor};
  json["creator"] = summary.header.creator;
  json["command"] = summary.header.command;
  json["seed"] = summary.header.seed;
  json["hash"] = summary.hash;
  json["bytes"] = summary.bytes;
  json["parents"] = Json::array();
  for (const Parent& p : summary.header.parents)
    json["parents"].push_back({{"role", p.role}, {"filetype", p.filetype}, {"hash", p.hash}});
  json["history"] = summary.header.history;
  json["facts"] = Json::object();
  for (const Fact& fact : summary.facts) json["facts"][fact.name] = fact.value;
  json["datasets"] = Json::array();
  for (const Entry& e : summary.entries) {
    Json entry = {{"path", e.path}, {"type", e.type},   {"shape", e.shape},
                  {"axes", e.axes}, {"units", e.units}, {"description", e.description}};
    if (e.hidden) {
      entry["hidden"] = true;
    } else if (e.type == "text") {
      entry["values"] = e.texts;
    } else {
      entry["missing"] = e.missing;
      if (e.count > 0) entry["min"] = e.min, entry["max"] = e.max, entry["mean"] = e.mean;
    }
    json["datasets"].push_back(std::move(entry));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pnn::io
