#include "tools/durasim/judge.hpp"

#include <optional>

#include <fmt/format.h>

#include "tools/durasim/verdict.hpp"

namespace durasim::program {
namespace {

/// By what is in the folder.
Judged judge_presence(const Known& known, const Failure* failure, bool is_new) {
  Judged judged{known, failure, "not seen", {}, Status::holds};
  if (failure == nullptr) return judged;
  const bool killed = known.kind == kKilled;
  judged.state = judged.is_expected() ? "expected" : is_new ? "new" : "known";
  if (!judged.is_expected()) judged.status = killed ? Status::incomplete : Status::finding;
  if (killed)
    judged.remark = "the process was killed: replay it to find out whether the run is to blame";
  return judged;
}

std::optional<ScheduleFile> smallest_of(const Known& known, const Failure* failure) {
  if (failure != nullptr) return failure->schedules.front().file;
  if (known.schedule.empty()) return std::nullopt;
  return ScheduleFile::from_json(known.schedule, "the ledger");
}

/// In a folder that is thrown away: a replay may leave a smaller schedule beside the one replayed.
Replayed replay_of(const ScheduleFile& file, const Command& program) {
  const ReplayFolder folder;
  const std::filesystem::path path = folder.path() / "schedule.durasim.json";
  file.save(path);
  return run_replay(path, program, ReplayOutput::nowhere, folder.path() / "out");
}

std::string remark_on(const Known& known, const Replayed& again) {
  std::string text = fmt::format("its replay ended with {}", again.ending);
  if (!again.remark.empty()) text += ", " + again.remark;
  const bool alike = again.oracle == known.kind && again.signature == known.signature;
  if (!again.signature.empty() && !alike)
    text += fmt::format(", by {} with signature {}", again.oracle, again.signature);
  return text;
}

void judge_replay(const Replayed& again, Judged& judged) {
  judged.remark = remark_on(judged.known, again);
  if (again.status == Status::holds) {
    judged.state = judged.is_expected() ? "gone" : "fixed";
    judged.status = judged.is_expected() ? Status::finding : Status::holds;
    if (judged.is_expected()) {
      judged.remark +=
          fmt::format("; expected by {}: take that back with --expected {}=", judged.known.expected,
                      judged.known.signature);
    }
  } else if (again.status == Status::finding) {
    if (judged.is_expected()) {
      judged.state = "expected";
    } else if (judged.failure == nullptr) {
      judged.state = "known";
    }
    judged.status = judged.is_expected() ? Status::holds : Status::finding;
  } else if (judged.is_expected()) {
    judged.status = Status::incomplete;  // nobody would learn that it is gone
  }
}

}  // namespace

Judged judge(const Known& known, const Failure* failure, bool is_new, const Command& program) {
  Judged judged = judge_presence(known, failure, is_new);
  if (program.empty()) return judged;
  if (const auto schedule = smallest_of(known, failure))
    judge_replay(replay_of(*schedule, program), judged);
  return judged;
}

}  // namespace durasim::program
