#include <ostream>

#include <fmt/format.h>

#include <durasim/explore.hpp>

#include "durasim/explore/causes.hpp"
#include "durasim/oracle/divergence.hpp"
#include "durasim/report/abridge.hpp"
#include "durasim/report/coverage_summary.hpp"
#include "durasim/report/narrator.hpp"

/// How the outcome of an exploration is told.
namespace durasim {
namespace {

std::string place(const Finding& finding) {
  return finding.line == 0 ? "" : fmt::format("{}:{}", finding.file, finding.line);
}

/// The operation concerned and its line, or else where to look for one.
std::string where_text(const Verification& v) {
  const Finding& main = v.findings.front();
  // Of two that differ, the place is that of the one that came.
  const bool came = main.divergence &&
                    main.divergence->kind == Divergence::Kind::another_operation &&
                    main.divergence->actual.call && !main.divergence->actual.call->name.empty();
  const std::string& operation = came ? main.divergence->actual.call->name : main.operation;
  std::string text = operation.empty() ? "" : fmt::format("\"{}\"", operation);
  const bool near =
      main.line == 0 && main.oracle != Oracle::simulator;  // that one is about two runs
  const std::string& at = near ? v.nearest : place(main);
  if (!text.empty() && !at.empty()) text += near ? ", " : " at ";
  text += at;
  return text.empty() ? "" : fmt::format("  where    {}\n", text);
}

bool is_cold(const Verification& v) {
  return !v.findings.empty() && v.findings.front().divergence &&
         v.findings.front().divergence->cold;
}

std::string faults_text(std::uint32_t faults) {
  return fmt::format("{} fault{}", faults, faults == 1 ? "" : "s");
}

/// Which run of a search it was.
std::string found_text(const Verification& v) {
  if (v.failures.empty()) return "";  // it was met before there was a search
  return fmt::format("{}; run {} of the search with seed {}",
                     v.shrunk_from > 0 ? fmt::format(", shrunk from {}", v.shrunk_from) : "",
                     v.failures.front().run, *v.seed);
}

std::string indented(const std::string& text, std::string_view indent) {
  std::string result;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    if (begin > 0) result += indent;
    result.append(text, begin, end - begin);
    result += '\n';
    begin = end + 1;
  }
  return result;
}

/// Of what follows a label.
constexpr std::string_view kIndent = "           ";

std::string notes_text(const Verification& v) {
  std::string text;
  for (const auto& note : v.notes) {
    text += fmt::format("  {:<8} {}", note.label, indented(note.text + "\n", kIndent));
  }
  return text;
}

/// What was tried, where nothing was found: a failure ends an exploration before it has tried much.
std::string coverage_text(const Verification& v) {
  if (v.replayed || v.coverage.runs() == 0) return "";
  return fmt::format("  coverage {}\n", coverage_summary(v.coverage));
}

std::string headline(const Verification& v) {
  if (v.replayed && v.verdict == Verdict::holds)
    return fmt::format("HOLDS  {}: the replayed schedule breaks no rule", v.scenario);
  switch (v.verdict) {
    case Verdict::holds:
      if (v.shard) {
        return fmt::format(
            "HOLDS  {}: in shard {} of {}, {} of the schedules of at most {}, {} executions",
            v.scenario, v.shard->number, v.shard->count, v.runs, faults_text(v.max_faults),
            v.executions);
      }
      return fmt::format(
          "HOLDS  {}: all {} schedules of at most {}, {} executions, {} durable states{}",
          v.scenario, v.runs, faults_text(v.max_faults), v.executions, v.durable_states,
          v.certificate.empty() ? "" : ", certificate " + v.certificate);
    case Verdict::incomplete:
      if (v.seed && v.runs == 0) return fmt::format("INCOMPLETE  {}: {}", v.scenario, v.stopped);
      if (v.seed) {
        return fmt::format(
            "INCOMPLETE  {}: nothing found in {} random schedules of at most {} (seed {}{}), {} "
            "executions, {} durable states",
            v.scenario, v.runs, faults_text(v.max_faults), *v.seed,
            v.shard ? fmt::format(", shard {} of {}", v.shard->number, v.shard->count) : "",
            v.executions, v.durable_states);
      }
      if (v.replayed) {
        return fmt::format(
            "INCOMPLETE  {}: nothing found, but not all of the schedule was replayed", v.scenario);
      }
      if (v.frontier == 0)
        return fmt::format("INCOMPLETE  {}: the scenario asked for its test to be skipped",
                           v.scenario);
      if (!v.stopped.empty()) {
        return fmt::format(
            "INCOMPLETE  {}: nothing found in {} schedules, cut {}: at least {} more of at most {} "
            "were not run, and another time or on another machine it comes to others; raise "
            "VerifyOptions::duration or lower max_faults",
            v.scenario, v.runs, v.stopped, v.frontier, faults_text(v.max_faults));
      }
      return fmt::format(
          "INCOMPLETE  {}: nothing found in {} schedules, but at least {} more of at most {} were "
          "not run; "
          "raise VerifyOptions::max_runs or lower max_faults",
          v.scenario, v.runs, v.frontier, faults_text(v.max_faults));
    case Verdict::vacuous:
      return fmt::format("VACUOUS  {}: {}", v.scenario,
                         v.executions == 0 ? "the scenario started no execution"
                                           : "no fault of the model could be injected anywhere");
    case Verdict::refuted:
      break;
  }
  const std::string faults = v.counterexample_faults == 0 ? std::string("a run without faults")
                                                          : faults_text(v.counterexample_faults);
  return fmt::format(
      "REFUTED  {}  by {}{}", v.scenario, faults,
      v.replayed          ? ", on replay"
      : is_cold(v)        ? ", replayed in a cold sandbox"
      : v.seed            ? found_text(v)
      : v.shrunk_from > 0 ? fmt::format(", shrunk from {}", v.shrunk_from)
      : v.minimal
          ? fmt::format("{}; schedule {} of the search",
                        v.counterexample_faults == 0 ? "" : ", the fewest that do it", v.runs)
          : "");
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "HOLDS";
    case Verdict::refuted:
      return "REFUTED";
    case Verdict::incomplete:
      return "INCOMPLETE";
    case Verdict::vacuous:
      return "VACUOUS";
  }
  return "?";
}

std::ostream& operator<<(std::ostream& out, Verdict verdict) { return out << to_string(verdict); }

std::string Verification::report() const {
  std::string text = headline(*this) + "\n";
  if (findings.empty()) {
    return text + notes_text(*this) + coverage_text(*this) +
           describe_narrow(margins, "  limit    ");
  }
  const Finding& main = findings.front();
  // What exactly was expected, and what came, follows for a divergence.
  const std::string what = main.divergence ? oracle::headline(*main.divergence) : main.what;
  text += fmt::format("  oracle   {}: {}", to_string(main.oracle), indented(what + "\n", kIndent));
  text += where_text(*this);
  if (main.divergence) text += fmt::format("  {}", indented(main.divergence->to_text(), "  "));
  if (!inputs.empty())
    text += fmt::format("  input    {}\n",
                        inputs.size() <= 200 ? inputs : inputs.substr(0, 197) + "...");
  if (!history.empty() && !replayed)
    text += kHistoryTitle + abridged(history);  // a replay has printed it
  if (!script.lines.empty())
    text += fmt::format("  script   {}", indented(script.to_text(), kIndent));
  text += notes_text(*this);
  text += fmt::format("  why      {}\n", why(*this));
  if (!main.remedy.empty()) text += fmt::format("  remedy   {}\n", main.remedy);
  for (std::size_t i = 1; i < findings.size() && i < 5; ++i) {
    text += fmt::format("  also     {}: {}", to_string(findings[i].oracle),
                        indented(findings[i].what + "\n", kIndent));
  }
  text += fmt::format("  details  docs/reference/oracles.md#{}\n", to_string(main.oracle));
  if (!reproduce.empty()) text += fmt::format("  replay   {}\n", reproduce);
  return text;
}

std::ostream& operator<<(std::ostream& out, const Verification& verification) {
  return out << verification.report();
}

CheckFailed::CheckFailed(Verification result)
    : std::runtime_error(result.report()), verification_(std::move(result)) {}

}  // namespace durasim
