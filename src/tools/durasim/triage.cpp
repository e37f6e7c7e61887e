#include "tools/durasim/triage.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "tools/durasim/files.hpp"
#include "tools/durasim/json.hpp"
#include "tools/durasim/judge.hpp"
#include "tools/durasim/ledger.hpp"

namespace durasim::program {
namespace {

namespace fs = std::filesystem;

using Failures = std::map<std::string, Failure>;  // by identity

std::string written(const fs::path& path) {
  using namespace std::chrono;
  const auto time = time_point_cast<seconds>(file_clock::to_sys(fs::last_write_time(path)));
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(system_clock::to_time_t(time)));
}

Failures failures_in(const fs::path& folder) {
  Failures failures;
  for (Stored& stored : load_schedules({folder})) {
    if (kind_of(stored.file).empty()) continue;  // a run that broke no rule
    const std::string when = written(stored.path);
    Failure& failure = failures[identity_of(stored.file)];
    failure.first = failure.first.empty() ? when : std::min(failure.first, when);
    failure.last = std::max(failure.last, when);
    failure.schedules.push_back(std::move(stored));
  }
  for (auto& [identity, failure] : failures)
    std::sort(failure.schedules.begin(), failure.schedules.end(), is_smaller);
  return failures;
}

/// "SIGNATURE=REF" for the entries of that signature.
void expect(Ledger& ledger, const std::string& text) {
  const std::size_t sign = text.find('=');
  if (sign == std::string::npos || sign == 0) {
    throw UsageError(fmt::format(
        "--expected {}: SIGNATURE=REF was expected, such as 27437e91=https://issues/12", text));
  }
  bool found = false;
  for (Known& known : ledger.entries()) {
    if (known.signature != text.substr(0, sign)) continue;
    known.expected = text.substr(sign + 1);
    found = true;
  }
  if (!found) {
    throw UsageError(
        fmt::format("--expected {}: no failure of that signature is known; `durasim "
                    "triage DIR` lists those that are",
                    text));
  }
}

nlohmann::ordered_json json_of(const Judged& judged) {
  const Known& known = judged.known;
  nlohmann::ordered_json value = {{"scenario", known.scenario},
                                  {"kind", known.kind},
                                  {"operation", known.operation},
                                  {"signature", known.signature},
                                  {"state", judged.state},
                                  {"first_seen", known.first_seen},
                                  {"last_seen", known.last_seen},
                                  {"expected", known.expected},
                                  {"schedules", 0},
                                  {"smallest", nullptr},
                                  {"faults", nullptr},
                                  {"remark", judged.remark}};
  if (judged.failure != nullptr) {
    const Stored& smallest = judged.failure->schedules.front();
    value["schedules"] = judged.failure->schedules.size();
    value["smallest"] = smallest.path.string();
    value["faults"] = fault_count(smallest.file);
  }
  return value;
}

std::string text_of(const Judged& judged) {
  const Known& known = judged.known;
  std::string text =
      fmt::format("{:<9} {}  {} {}{}\n", judged.state, known.signature, known.scenario, known.kind,
                  known.operation.empty() ? "" : fmt::format(" for \"{}\"", known.operation));
  text += fmt::format("  seen     first {}, last {}\n", known.first_seen, known.last_seen);
  if (judged.failure != nullptr) {
    const std::vector<Stored>& schedules = judged.failure->schedules;
    const std::size_t faults = fault_count(schedules.front().file);
    text += fmt::format("  smallest of {}: {} ({} fault{})\n", schedules.size(),
                        schedules.front().path.string(), faults, faults == 1 ? "" : "s");
  }
  if (!known.expected.empty()) text += fmt::format("  expected {}\n", known.expected);
  if (!judged.remark.empty()) text += fmt::format("  remark   {}\n", judged.remark);
  return text;
}

/// Enters what is there into the ledger. Returns the identities that were not in it.
std::vector<std::string> enter(const Failures& failures, Ledger& ledger) {
  std::vector<std::string> fresh;
  for (const auto& [identity, failure] : failures) {
    const ScheduleFile& file = failure.schedules.front().file;
    Known& known = ledger.entry(file.scenario, kind_of(file), file.signature);
    if (known.first_seen.empty()) {
      fresh.push_back(identity);
      known.first_seen = failure.first;
    }
    known.operation = file.operation;
    known.first_seen = std::min(known.first_seen, failure.first);
    known.last_seen = std::max(known.last_seen, failure.last);
    known.keep(file);
  }
  return fresh;
}

Result answer(const std::vector<Judged>& all, bool json) {
  Result result;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::size_t expected = 0;
  for (const Judged& judged : all) {
    list.push_back(json_of(judged));
    if (judged.is_expected() && judged.is_quiet()) ++expected;
    if (!judged.is_quiet()) result.text += text_of(judged);
    if (judged.status == Status::finding) {
      result.status = Status::finding;
    } else if (judged.status == Status::incomplete && result.status == Status::holds) {
      result.status = Status::incomplete;
    }
  }
  result.text += fmt::format("{} signature{}, {} of them expected\n", all.size(),
                             all.size() == 1 ? "" : "s", expected);
  if (json) result.text = json_text(list, 2) + "\n";
  return result;
}

}  // namespace

Result triage(const TriageOptions& options) {
  expect_folder(options.folder);
  const fs::path path =
      options.ledger.empty() ? options.folder / "durasim-triage.json" : options.ledger;
  Ledger ledger = Ledger::load(path);
  const Failures failures = failures_in(options.folder);
  const std::vector<std::string> fresh = enter(failures, ledger);
  for (const std::string& text : options.expected) expect(ledger, text);
  std::vector<Judged> all;
  for (Known& known : ledger.entries()) {
    const std::string identity =
        fmt::format("{}\n{}\n{}", known.scenario, known.kind, known.signature);
    const auto found = failures.find(identity);
    const bool is_new = std::find(fresh.begin(), fresh.end(), identity) != fresh.end();
    all.push_back(
        judge(known, found == failures.end() ? nullptr : &found->second, is_new, options.command));
    if (all.back().state == "fixed") known.schedule.clear();
  }
  const bool saves = options.save || !options.expected.empty();
  if (saves) ledger.save(path);
  Result result = answer(all, options.json);
  if (!saves && !fresh.empty() && !options.json)
    result.text += fmt::format("with --save, {} remembers what is new\n", path.string());
  return result;
}

}  // namespace durasim::program
