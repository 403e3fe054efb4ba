// What a tool's run() gets, without a tool: what is said and registered is kept for the test to look at.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"

namespace pnn::test {

class FakeContext final : public cli::Context {
 public:
  std::uint64_t number = 1;
  Progress quiet;
  Provenance header;
  cli::Report told;
  std::vector<std::string> warnings, checked, wanted;
  std::map<std::string, std::uint64_t> accounts;

  [[nodiscard]] std::uint64_t seed() const override { return number; }
  [[nodiscard]] bool asked(const std::string& option) const override {
    return std::find(wanted.begin(), wanted.end(), option) != wanted.end();
  }
  [[nodiscard]] bool decided(const std::string& option) const override { return asked(option); }
  [[nodiscard]] Progress& progress() override { return quiet; }
  [[nodiscard]] Provenance provenance() const override { return header; }
  void parent(const std::string& role, const std::string& filetype, const std::string& hash,
              const Provenance&) override {
    header.parents.push_back({role, filetype, hash});
  }
  [[nodiscard]] cli::Report& report() override { return told; }
  void warn(const std::string& message) override { warnings.push_back(message); }
  void account(const std::string& what, std::uint64_t count) override { accounts[what] = count; }
  void check_output(const std::string& path) override { checked.push_back(path); }
  [[nodiscard]] double elapsed_seconds() const override { return 2; }

  [[nodiscard]] std::vector<std::string> roles() const {
    std::vector<std::string> all;
    for (const Parent& parent : header.parents) all.push_back(parent.role);
    return all;
  }
};

}  // namespace pnn::test
