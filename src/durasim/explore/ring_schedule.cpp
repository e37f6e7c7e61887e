#include "durasim/explore/ring_schedule.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <span>

#include <durasim/schedule.hpp>

#include "durasim/core/hash.hpp"

namespace durasim {
namespace {

using Answers = std::span<const RingAnswer>;

Answers answers_of(const RingFile& ring) {
  const std::uint32_t size = ring.answers_size.load(std::memory_order_acquire);
  return {ring.answers, std::min(size, RingFile::kAnswers)};
}

std::span<const RingIntent> intents_of(const RingFile& ring) {
  return {ring.intents, std::min(ring.intents_size, RingFile::kIntents)};
}

/// "2.1"; nothing for the execution itself. `depth` bounds what a damaged file may ask for.
void write_path(const RingFile& ring, std::uint32_t path, PlainWriter& out, int depth = 0) {
  if (path == 0 || path >= RingFile::kPaths || depth > 200) return;
  const RingFile::Path& entry = ring.paths[path];
  write_path(ring, entry.parent, out, depth + 1);
  if (entry.parent != 0) out.text(".");
  out.number(entry.number);
}

/// As `identify` does for a Site.
void write_site(const RingFile& ring, const RingAnswer& answer, PlainWriter& out) {
  out.text("execution ").number(answer.execution).text(", ");
  out.text(to_string(static_cast<SiteKind>(answer.kind))).text(" ");
  if (answer.path == 0) out.text("-");
  write_path(ring, answer.path, out);
  out.text(", occurrence ").number(answer.occurrence);
}

/// A choice that the process did not come to: any fits.
void write_intent(std::uint32_t answer, PlainWriter& out) {
  out.text(R"({"site": "", "of": )").number(answer + 1).text(R"(, "take": )").number(answer);
  out.text(R"(, "fault": "none"})");
}

void write_choice(const RingFile& ring, const RingAnswer& answer, PlainWriter& out) {
  out.text("{\"site\": \"");
  if (answer.path < RingFile::kPaths) write_site(ring, answer, out);
  out.text("\", \"of\": ").number(answer.bound).text(", \"take\": ").number(answer.answer);
  out.text(", \"fault\": ").json(to_string(static_cast<Fault>(answer.fault))).text("}");
}

void write_choices(const RingFile& ring, PlainWriter& out) {
  const Answers answers = answers_of(ring);
  std::uint32_t written = 0;
  const auto begin_line = [&] { out.text(written++ == 0 ? "\n    " : ",\n    "); };
  for (const RingAnswer& answer : answers) {
    begin_line();
    write_choice(ring, answer, out);
  }
  for (const RingIntent& intent : intents_of(ring)) {
    if (intent.position < answers.size()) continue;
    while (written < intent.position) {
      begin_line();
      write_intent(0, out);
    }
    begin_line();
    write_intent(intent.answer, out);
  }
  out.text(written == 0 ? "],\n" : "\n  ],\n");
}

void write_inputs(const RingFile& ring, PlainWriter& out) {
  if (ring.inputs_size == 0) {
    out.text("null");
  } else if (ring.inputs_are_json) {
    out.text(ring.inputs());
  } else {
    out.json(ring.inputs());
  }
}

/// The same for the same way of ending at the same choice.
std::uint32_t signature_of(const RingFile& ring, std::string_view ended) {
  Hash64 hash;
  hash.add(ended);
  const Answers answers = answers_of(ring);
  if (!answers.empty()) {
    const RingAnswer& last = answers.back();
    hash.add(last.kind);
    for (std::uint32_t path = last.path; path != 0 && path < RingFile::kPaths;
         path = ring.paths[path].parent) {
      hash.add(ring.paths[path].number);
    }
  }
  return static_cast<std::uint32_t>(hash.value() >> 32U);
}

std::uint32_t answers_hash(const RingFile& ring) {
  Hash64 hash;
  const Answers answers = answers_of(ring);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].answer == 0) continue;
    hash.add(i);
    hash.add(answers[i].answer);
  }
  for (const RingIntent& intent : intents_of(ring)) {
    if (intent.position < answers.size()) continue;
    hash.add(intent.position);
    hash.add(intent.answer);
  }
  if (ring.seeded) {
    hash.add(ring.seed);
    hash.add(ring.run);
  }
  hash.add(ring.inputs());
  return static_cast<std::uint32_t>(hash.value() >> 32U);
}

void write_json(const RingFile& ring, std::string_view ended, PlainWriter& out) {
  out.text("{\n  \"format\": \"durasim-schedule\",\n  \"version\": ");
  out.number(ScheduleFile::kVersion).text(",\n  \"scenario\": ").json(ring.scenario());
  out.text(",\n  \"inputs\": ");
  write_inputs(ring, out);
  out.text(",\n  \"faults_offered\": [");
  bool first = true;
  for (std::size_t i = 1; i < kFaultCount; ++i) {
    if (!ring.faults.offers(static_cast<Fault>(i))) continue;
    out.text(first ? "" : ",").json(to_string(static_cast<Fault>(i)));
    first = false;
  }
  out.text("],\n  \"oracle\": \"\",\n  \"operation\": \"\",\n  \"signature\": \"");
  out.hex(signature_of(ring, ended)).text("\",\n  \"trace_hash\": \"\",\n  \"minimal\": false");
  out.text(",\n  \"ended\": ").json(ended);
  if (ring.seeded) {
    out.text(",\n  \"seed\": ").number(ring.seed).text(",\n  \"run\": ").number(ring.run);
  }
  out.text(",\n  \"script\": [],\n  \"choices\": [");
  write_choices(ring, out);
  out.text("  \"events\": []\n}\n");
}

std::uint64_t faults_in(Answers answers) {
  const auto is_fault = [](const RingAnswer& answer) { return answer.answer != 0; };
  return static_cast<std::uint64_t>(std::count_if(answers.begin(), answers.end(), is_fault));
}

}  // namespace

void name_schedule(const RingFile& ring, std::string_view ended, PlainText& name) {
  name.text(ring.stem).text("-").text(ended).text("-").hex(answers_hash(ring));
  name.text(".durasim.json");
}

bool write_schedule(const RingFile& ring, std::string_view ended, const char* path) {
  PlainText temporary;
  temporary.text(path).text(".tmp-").hex(ring.process);
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return false;
  bool written = false;
  {
    PlainWriter out(descriptor);
    write_json(ring, ended, out);
    written = out.flush();
  }
  written = ::fsync(descriptor) == 0 && written;
  written = ::close(descriptor) == 0 && written;
  if (written && ::rename(temporary.c_str(), path) == 0) return true;
  ::unlink(temporary.c_str());
  return false;
}

void write_report(const RingFile& ring, const Ending& ending, std::string_view file,
                  PlainWriter& out) {
  const Answers answers = answers_of(ring);
  const std::uint64_t faults = faults_in(answers);
  out.text("\nREFUTED  ").text(ring.scenario()).text("  by ");
  if (faults == 0) {
    out.text("a run without faults");
  } else {
    out.number(faults).text(faults == 1 ? " fault" : " faults");
  }
  out.text(": the process did not survive it\n  ended    ").text(ending.id).text(": ");
  out.text(ending.what).text("\n");
  for (const RingAnswer& answer : answers) {
    if (answer.answer == 0) continue;
    out.text("  fault    ").text(to_string(static_cast<Fault>(answer.fault))).text(" at ");
    write_site(ring, answer, out);
    out.text("\n");
  }
  if (!answers.empty()) {
    out.text("  after    ");
    write_site(ring, answers.back(), out);
    out.text(", choice ").number(answers.size()).text(" of the run\n");
  }
  if (ring.inputs_size != 0) {
    const std::string_view inputs = ring.inputs();
    out.text("  input    ").text(inputs.substr(0, 200)).text(inputs.size() > 200 ? "...\n" : "\n");
  }
  if (ring.inputs_left_out) out.text("  input    too large to be stored: a replay uses its own\n");
  if (!ending.remedy.empty()) out.text("  remedy   ").text(ending.remedy).text("\n");
  out.text("  details  docs/reference/crashes.md\n");
  if (file.empty()) {
    out.text("  file     could not be written; durasim::recover makes it of what is left\n");
  } else {
    out.text("  replay   ").text(ring.command_begin).text(file).text(ring.command_end).text("\n");
  }
}

}  // namespace durasim
