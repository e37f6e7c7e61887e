#include "tools/durasim/ledger.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <tuple>

#include <fmt/format.h>

#include "tools/durasim/files.hpp"
#include "tools/durasim/json.hpp"
#include "tools/durasim/result.hpp"

namespace durasim::program {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr const char* kFormat = "durasim-triage";
constexpr int kVersion = 1;

struct Field {
  const char* name;
  std::string Known::* member;
};
constexpr Field kFields[] = {{"scenario", &Known::scenario},     {"kind", &Known::kind},
                             {"operation", &Known::operation},   {"signature", &Known::signature},
                             {"first_seen", &Known::first_seen}, {"last_seen", &Known::last_seen},
                             {"expected", &Known::expected}};

auto order_of(const Known& known) { return std::tie(known.scenario, known.kind, known.signature); }

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw UsageError(fmt::format("cannot read {}", file.string()));
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The text of a schedule that can be replayed.
std::string read_schedule(const ordered_json& value, const std::string& place) {
  std::string text = json_text(value);
  try {
    ScheduleFile::from_json(text, place);
  } catch (const ScheduleError& error) {
    throw UsageError(error.what());
  }
  return text;
}

Known read_known(const ordered_json& value, const fs::path& file, std::size_t number) {
  const auto fail = [&](const std::string& what) {
    throw UsageError(fmt::format("{}: /signatures/{}{}", file.string(), number, what));
  };
  if (!value.is_object()) fail(": an object was expected");
  Known known;
  for (const Field& field : kFields) {
    const auto found = value.find(field.name);
    const bool optional = std::string_view(field.name) == "expected";
    if (found == value.end() && optional) continue;
    if (found == value.end()) fail(fmt::format("/{} is missing", field.name));
    if (!found->is_string()) fail(fmt::format("/{}: a string was expected", field.name));
    known.*field.member = found->get<std::string>();
  }
  if (const auto found = value.find("schedule"); found != value.end())
    known.schedule =
        read_schedule(*found, fmt::format("{}: /signatures/{}/schedule", file.string(), number));
  return known;
}

}  // namespace

void Known::keep(ScheduleFile file) {
  const bool smaller = !schedule.empty() && fault_count(ScheduleFile::from_json(
                                                schedule, "the ledger")) < fault_count(file);
  if (smaller) return;
  file.events.clear();
  schedule = json_text(ordered_json::parse(file.to_json()));
}

Ledger Ledger::load(const fs::path& file) {
  Ledger ledger;
  if (!fs::exists(file)) return ledger;
  const ordered_json root = ordered_json::parse(text_of(file), nullptr, false);
  if (!root.is_object() || root.value("format", ordered_json()) != kFormat)
    throw UsageError(
        fmt::format("{}: not a ledger of durasim: /format is not \"{}\"", file.string(), kFormat));
  if (root.value("version", ordered_json()) != kVersion) {
    throw UsageError(fmt::format("{}: /version is not {}, the one that this program reads",
                                 file.string(), kVersion));
  }
  const ordered_json signatures = root.value("signatures", ordered_json());
  if (!signatures.is_array())
    throw UsageError(fmt::format("{}: /signatures: an array was expected", file.string()));
  for (std::size_t i = 0; i < signatures.size(); ++i)
    ledger.entries_.push_back(read_known(signatures[i], file, i));
  return ledger;
}

Known& Ledger::entry(const std::string& scenario, const std::string& kind,
                     const std::string& signature) {
  Known wanted;
  wanted.scenario = scenario;
  wanted.kind = kind;
  wanted.signature = signature;
  const auto is_before = [](const Known& a, const Known& b) { return order_of(a) < order_of(b); };
  std::sort(entries_.begin(), entries_.end(), is_before);
  const auto place = std::lower_bound(entries_.begin(), entries_.end(), wanted, is_before);
  if (place != entries_.end() && order_of(*place) == order_of(wanted)) return *place;
  return *entries_.insert(place, wanted);
}

std::string Ledger::to_json() const {
  std::string text = fmt::format(
      "{{\n  \"format\": \"{}\",\n  \"version\": {},\n  \"signatures\": [", kFormat, kVersion);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    ordered_json value;
    for (const Field& field : kFields) {
      const std::string& content = entries_[i].*field.member;
      if (!content.empty() || std::string_view(field.name) != "expected")
        value[field.name] = content;
    }
    if (!entries_[i].schedule.empty())
      value["schedule"] = ordered_json::parse(entries_[i].schedule);
    text += fmt::format("{}\n    {}", i == 0 ? "" : ",", json_text(value));
  }
  return text + (entries_.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

void Ledger::save(const fs::path& file) const {
  const std::string text = to_json();
  if (fs::exists(file) && text_of(file) == text) return;
  const fs::path temporary = file.string() + ".tmp";
  {
    std::ofstream stream(temporary, std::ios::binary);
    stream << text;
    if (!stream.flush()) throw UsageError(fmt::format("cannot write {}", file.string()));
  }
  fs::rename(temporary, file);
}

}  // namespace durasim::program
