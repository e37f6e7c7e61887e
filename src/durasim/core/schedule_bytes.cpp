#include <durasim/choosers.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

/// Schedules as bytes, for fuzzers: a record less is a fault less, and nothing else changes place.
namespace durasim {
namespace {

constexpr std::uint8_t kMore = 0x80;
constexpr std::size_t kLongestVarint = 5;

/// The next record, with its number of benign choices as position; nothing without a whole one.
std::optional<Schedule::Choice> take_record(std::span<const std::uint8_t>& bytes) {
  std::uint64_t skipped = 0;
  for (std::size_t i = 0; i < kLongestVarint && i + 1 < bytes.size(); ++i) {
    skipped |= std::uint64_t{bytes[i] & 0x7fU} << (7 * i);
    if ((bytes[i] & kMore) != 0 && i + 1 < kLongestVarint) continue;
    const Schedule::Choice record{static_cast<std::uint32_t>(skipped), bytes[i + 1]};
    bytes = bytes.subspan(i + 2);
    return record;
  }
  bytes = {};
  return std::nullopt;
}

}  // namespace

BytesChooser::BytesChooser(std::span<const std::uint8_t> bytes) : rest_(bytes) { read(); }

void BytesChooser::read() { next_ = take_record(rest_); }

std::size_t BytesChooser::choose(const Site& /*site*/, std::span<const Fault> menu) {
  if (!next_ || next_->position-- > 0) return 0;
  const std::size_t answer = 1 + next_->alternative % (menu.size() - 1);
  read();
  return answer;
}

std::vector<std::uint8_t> bytes_of(const Schedule& schedule) {
  std::vector<std::uint8_t> bytes;
  std::uint32_t from = 0;
  for (const Schedule::Choice& fault : schedule.choices) {
    if (fault.alternative == 0) continue;
    if (fault.alternative > 256 || fault.position < from) {
      throw std::invalid_argument(
          fmt::format("durasim: alternative {} at choice {} cannot be written as bytes: "
                      "alternatives go to 256, "
                      "and positions ascend",
                      fault.alternative, fault.position));
    }
    std::uint32_t skipped = fault.position - from;
    for (; skipped > 0x7f; skipped >>= 7U)
      bytes.push_back(static_cast<std::uint8_t>((skipped & 0x7fU) | kMore));
    bytes.push_back(static_cast<std::uint8_t>(skipped));
    bytes.push_back(static_cast<std::uint8_t>(fault.alternative - 1));
    from = fault.position + 1;
  }
  return bytes;
}

Schedule schedule_of(std::span<const std::uint8_t> bytes) {
  Schedule schedule;
  std::uint64_t from = 0;
  while (const auto record = take_record(bytes)) {
    const std::uint64_t position = from + record->position;
    if (position > 0xffff'ffffU) break;  // no run is that long
    schedule.choices.push_back({static_cast<std::uint32_t>(position), record->alternative + 1});
    from = position + 1;
  }
  return schedule;
}

std::vector<std::uint8_t> bytes_of(const ScheduleFile& file) {
  Schedule schedule;
  for (std::uint32_t i = 0; i < file.choices.size(); ++i) {
    if (file.choices[i].answer != 0) schedule.choices.push_back({i, file.choices[i].answer});
  }
  return bytes_of(schedule);
}

ScheduleFile schedule_file_of(std::span<const std::uint8_t> bytes, std::string scenario,
                              const FaultModel& faults) {
  ScheduleFile file;
  file.scenario = std::move(scenario);
  file.ended = ScheduleFile::kNotRun;
  for (const Fault fault : faults.faults()) file.faults_offered.emplace_back(to_string(fault));
  const std::string unknown(to_string(Fault::none));
  for (const Schedule::Choice& fault : schedule_of(bytes).choices) {
    if (fault.position >= kLongestFromBytes) {
      throw std::invalid_argument(fmt::format(
          "durasim: bytes that answer choice {}: a schedule file of bytes has at most {} choices",
          std::uint64_t{fault.position} + 1, kLongestFromBytes));
    }
    file.choices.resize(fault.position, {.site = {}, .fault = unknown});
    file.choices.push_back({{}, fault.alternative + 1, fault.alternative, unknown});
  }
  return file;
}

bool is_schedule_file(std::span<const std::uint8_t> input) {
  constexpr std::string_view kFormat = "\"durasim-schedule\"";
  constexpr std::size_t kFirst = 100;
  if (input.empty() || input.front() != '{') return false;
  const auto head = input.first(std::min(input.size(), kFirst));
  return std::search(head.begin(), head.end(), kFormat.begin(), kFormat.end()) != head.end();
}

}  // namespace durasim
