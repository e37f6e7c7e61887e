#include "tools/durasim/triage.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "tools/durasim/files.hpp"
#include "tools/durasim/json.hpp"
#include "tools/durasim/ledger.hpp"

namespace durasim::program {
namespace {

namespace fs = std::filesystem;

/// The schedules of one failure.
struct Failure {
  std::vector<Stored> schedules;  ///< smallest first
  std::string first;              ///< when the oldest was written
  std::string last;
};
using Failures = std::map<std::string, Failure>;  // by identity

/// What has become of a failure.
struct Judged {
  Known known;
  const Failure* failure = nullptr;  ///< null if no schedule of it is there
  std::string state;
  std::string remark;
  Status status = Status::holds;
};

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

/// A failure of which schedules are there.
void judge_present(const TriageOptions& options, bool is_new, Judged& judged) {
  const bool expected = !judged.known.expected.empty();
  const bool killed = judged.known.kind == kKilled;
  judged.state = expected ? "expected" : is_new ? "new" : "known";
  judged.status = expected ? Status::holds : killed ? Status::incomplete : Status::finding;
  if (killed && options.command.empty())
    judged.remark = "the process was killed: replay it to find out whether the run is to blame";
  if (options.command.empty()) return;
  const Replayed again =
      run_replay(judged.failure->schedules.front().path, options.command, ReplayOutput::nowhere);
  judged.remark = fmt::format("its replay ended with {}", again.ending);
  if (again.status == Status::incomplete) {
    judged.remark += ", for the program did not come to that scenario";
    judged.status = Status::incomplete;
  } else if (again.status == Status::holds) {
    judged.state = expected ? "gone" : "fixed";
    judged.status = expected ? Status::finding : Status::holds;
  } else if (!expected) {
    judged.status = Status::finding;
  }
}

void judge(const TriageOptions& options, bool is_new, Judged& judged) {
  if (judged.failure != nullptr) {
    judge_present(options, is_new, judged);
  } else if (judged.known.expected.empty()) {
    judged.state = "not seen";
  } else {
    judged.state = "gone";
    judged.status = Status::finding;
  }
  if (judged.state == "gone") {
    judged.remark += fmt::format(
        "{}expected by {}, but it fails no more: remove that with --expected {}=",
        judged.remark.empty() ? "" : "; ", judged.known.expected, judged.known.signature);
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
  }
  return fresh;
}

Result answer(const std::vector<Judged>& all, bool json) {
  Result result;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::size_t quiet = 0;
  for (const Judged& judged : all) {
    list.push_back(json_of(judged));
    if (judged.state == "expected") ++quiet;
    if (judged.state != "expected" && judged.state != "not seen") result.text += text_of(judged);
    if (judged.status == Status::finding) {
      result.status = Status::finding;
    } else if (judged.status == Status::incomplete && result.status == Status::holds) {
      result.status = Status::incomplete;
    }
  }
  result.text += fmt::format("{} signature{}, {} of them expected\n", all.size(),
                             all.size() == 1 ? "" : "s", quiet);
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
  for (const Known& known : ledger.entries()) {
    const std::string identity =
        fmt::format("{}\n{}\n{}", known.scenario, known.kind, known.signature);
    const auto found = failures.find(identity);
    Judged judged{known, found == failures.end() ? nullptr : &found->second, {}, {}, {}};
    judge(options, std::find(fresh.begin(), fresh.end(), identity) != fresh.end(), judged);
    all.push_back(std::move(judged));
  }
  ledger.save(path);
  return answer(all, options.json);
}

}  // namespace durasim::program
