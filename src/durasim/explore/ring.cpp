#include "durasim/explore/ring.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "durasim/explore/last_words.hpp"
#include "durasim/explore/process_ring.hpp"
#include "durasim/explore/reproduce.hpp"

namespace durasim {
namespace {

thread_local Campaign* current_campaign = nullptr;
std::atomic<std::uint64_t> campaigns{0};
/// Held by the thread whose run is written down.
std::atomic<bool> busy{false};
thread_local bool answers_wanted = false;

template <std::size_t N>
void copy_text(std::string_view text, char (&to)[N]) {
  const std::size_t size = std::min(text.size(), N - 1);
  std::memcpy(to, text.data(), size);
  to[size] = '\0';
}

/// What the report needs of this process, and cannot find out when it is written.
void write_command(ProcessRing& ring) {
  std::string test = running_test();
  if (ring.command_known && ring.command_of == test) return;
  const auto [begin, end] = reproduce_command_around();
  copy_text(begin, ring.file().command_begin);
  copy_text(end, ring.file().command_end);
  ring.command_of = std::move(test);
  ring.command_known = true;
}

void write_texts(const std::string& scenario, const std::string& inputs, ProcessRing& ring) {
  RingFile& file = ring.file();
  if (file.scenario() != scenario) {
    file.inputs_size = 0;
    file.scenario_size = static_cast<std::uint32_t>(std::min<std::size_t>(scenario.size(), 4096));
    std::memcpy(file.text, scenario.data(), file.scenario_size);
    copy_text(file_name_of(scenario), file.stem);
    file.inputs_left_out = false;
  }
  if (file.inputs() == inputs) return;
  file.inputs_left_out = inputs.size() > RingFile::kText - file.scenario_size;
  file.inputs_size = file.inputs_left_out ? 0 : static_cast<std::uint32_t>(inputs.size());
  std::memcpy(file.text + file.scenario_size, inputs.data(), file.inputs_size);
  file.inputs_are_json = nlohmann::json::accept(inputs);
}

}  // namespace

Campaign::Campaign(const std::string& scenario, const std::string& inputs, const FaultModel& faults,
                   std::uint32_t hang_after)
    : scenario_(scenario),
      inputs_(inputs),
      faults_(faults),
      hang_after_(hang_after),
      number_(campaigns.fetch_add(1, std::memory_order_relaxed) + 1),
      outer_(current_campaign) {
  current_campaign = this;
}

Campaign::~Campaign() { current_campaign = outer_; }

bool RunRecord::begin() {
  const Campaign* const campaign = current_campaign;
  if (campaign == nullptr || busy.load(std::memory_order_relaxed)) return false;
  ProcessRing* const ring = ProcessRing::instance();
  if (ring == nullptr || busy.exchange(true, std::memory_order_acquire)) return false;
  RingFile& file = ring->file();
  if (file.campaign != campaign->number_) {
    file.faults = campaign->faults_;
    write_texts(campaign->scenario_, campaign->inputs_, *ring);
    write_command(*ring);
    watch_for_hangs(campaign->hang_after_);
    file.campaign = campaign->number_;
  }
  ring_ = &file;
  file.answers_size.store(0, std::memory_order_relaxed);
  return true;
}

void RunRecord::publish() {
  answers_wanted = true;
  ring_->state.store(RingState::running, std::memory_order_release);
}

RunRecord::RunRecord(const Schedule& schedule) {
  if (!begin()) return;
  ring_->seeded = false;
  const std::size_t size = std::min<std::size_t>(schedule.choices.size(), RingFile::kIntents);
  for (std::size_t i = 0; i < size; ++i) {
    ring_->intents[i] = {schedule.choices[i].position, schedule.choices[i].alternative};
  }
  ring_->intents_size = static_cast<std::uint32_t>(size);
  publish();
}

RunRecord::RunRecord(std::uint64_t seed, std::uint64_t run) {
  if (!begin()) return;
  ring_->seeded = true;
  ring_->seed = seed;
  ring_->run = run;
  ring_->intents_size = 0;
  publish();
}

void abandon_run_of_parent() {
  answers_wanted = false;
  busy = false;
}

RunRecord::~RunRecord() { end(); }

void RunRecord::end() {
  RingFile* const file = std::exchange(ring_, nullptr);
  ProcessRing* const ring = ProcessRing::existing();
  if (file == nullptr || ring == nullptr || &ring->file() != file) return;  // of the parent's
  answers_wanted = false;
  file->state.store(RingState::idle, std::memory_order_release);
  busy.store(false, std::memory_order_release);
}

void store_at_once(const RunResult& run) {
  const Campaign* const campaign = current_campaign;
  if (campaign == nullptr || run.findings.empty()) return;
  const Finding& main = run.findings.front();
  const std::filesystem::path path = schedule_path(campaign->scenario_, main);
  if (std::filesystem::exists(path)) return;
  to_schedule_file(campaign->scenario_, campaign->inputs_, campaign->faults_, run, &main)
      .save(path);
}

AnswerLog::AnswerLog(Chooser& chooser) : chooser_(chooser), ring_(nullptr) {
  ProcessRing* const ring = ProcessRing::existing();
  if (ring == nullptr) return;
  RingFile& file = ring->file();
  file.beats.store(file.beats.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (!answers_wanted) return;
  answers_wanted = false;
  ring_ = &file;
}

std::size_t AnswerLog::choose(const Site& site, std::span<const Fault> menu) {
  const std::size_t taken = chooser_.choose(site, menu);
  const std::uint32_t position = ring_->answers_size.load(std::memory_order_relaxed);
  if (position == RingFile::kAnswers || taken >= menu.size()) return taken;
  const std::uint32_t path = site.path.index();
  if (path >= RingFile::kPaths || (path != 0 && ring_->paths[path].number == 0)) learn(site.path);
  ring_->answers[position] = {site.execution,
                              std::min(path, RingFile::kPaths),
                              site.occurrence,
                              static_cast<std::uint16_t>(menu.size()),
                              static_cast<std::uint16_t>(taken),
                              static_cast<std::uint8_t>(site.kind),
                              static_cast<std::uint8_t>(menu[taken])};
  ring_->answers_size.store(position + 1, std::memory_order_release);
  return taken;
}

void AnswerLog::learn(durable::OperationPath path) {
  for (; !path.is_root(); path = path.parent()) {
    if (path.index() >= RingFile::kPaths) continue;  // not to be named; what is above it may be
    RingFile::Path& entry = ring_->paths[path.index()];
    if (entry.number != 0) return;
    entry.parent = path.parent().index();
    entry.number = path.number();
  }
}

}  // namespace durasim
