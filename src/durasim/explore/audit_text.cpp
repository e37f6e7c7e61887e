#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include <durasim/audit.hpp>

#include "durasim/core/duration_text.hpp"

/// How an audit is told to people.
namespace durasim {
namespace {

using Place = AuditedEffect::Place;

std::string times(std::uint64_t count) {
  if (count == 0) return "never";
  return count == 1 ? "once" : fmt::format("{} times", count);
}

std::string_view meaning(FaultClass fault_class) {
  switch (fault_class) {
    case FaultClass::crashes:
      return "the process dies or is killed";
    case FaultClass::requests:
      return "lost, failed, delayed or repeated";
    case FaultClass::deliveries:
      return "invoked late, cold or once more";
    case FaultClass::overlaps:
      return "two invocations at a time";
    case FaultClass::timing:
      return "clocks, timers, and what goes first";
    case FaultClass::failures:
      return "bodies fail, or an operator stops it";
    case FaultClass::answers:
      return "the outside answers otherwise";
  }
  return "?";
}

/// The classes under which something is worse than without faults.
template <class T, class IsWorse>
std::string classes_where(const AuditedUnder<T>& known, IsWorse is_worse) {
  if (is_worse(known.without_faults)) return "even without faults";
  std::string names;
  for (const auto& [fault_class, one] : known.under) {
    if (is_worse(one)) names += (names.empty() ? "" : ", ") + std::string(to_string(fault_class));
  }
  return names.empty() ? "faults of several classes together" : names;
}

/// "  label     text", in lines that a review does not wrap.
std::string labelled(std::string_view label, std::string_view text) {
  constexpr std::size_t kWidth = 106;
  std::string lines;
  while (text.size() > kWidth) {
    const std::size_t space = text.rfind(' ', kWidth);
    if (space == std::string_view::npos || space == 0) break;
    lines += fmt::format("  {:<8}  {}\n", lines.empty() ? label : "", text.substr(0, space));
    text.remove_prefix(space + 1);
  }
  return lines + fmt::format("  {:<8}  {}\n", lines.empty() ? label : "", text);
}

/// In characters, as far as they are narrow.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80;
  }));
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string space(width - std::min(width, width_of(text)), ' ');
  return right ? space + text : text + space;
}

/// Rows of a name, what is counted of it, and a cell a column.
class Table {
 public:
  explicit Table(std::vector<std::string> header) { add(std::move(header)); }

  void add(std::vector<std::string> cells) {
    widths_.resize(std::max(widths_.size(), cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i)
      widths_[i] = std::max(widths_[i], width_of(cells[i]));
    rows_.push_back(std::move(cells));
  }

  std::string text() const {
    std::string text;
    for (const std::vector<std::string>& row : rows_) {
      std::string line;
      for (std::size_t i = 0; i < row.size(); ++i) line += "  " + padded(row[i], widths_[i], i > 1);
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + "\n";
    }
    return text;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
};

template <class T, class Cell>
std::vector<std::string> row(std::string name, std::string what, const AuditedUnder<T>& known,
                             Cell cell) {
  std::vector<std::string> cells = {std::move(name), std::move(what), cell(known.without_faults)};
  for (const auto& [fault_class, one] : known.under) cells.push_back(cell(one));
  cells.push_back(cell(known.in_all));
  return cells;
}

std::string range_cell(const AuditRange& range) { return range.text(); }

/// "31m", "2h 1m": so that a column stays narrow.
std::string longest_cell(const AuditRange& range) {
  if (range.most % 1000 != 0) return duration_text(std::chrono::milliseconds(range.most));
  std::uint64_t rest = range.most / 1000;
  std::string text;
  for (const auto& [unit, seconds] :
       {std::pair{'d', 86'400U}, {'h', 3'600U}, {'m', 60U}, {'s', 1U}}) {
    if (rest >= seconds)
      text += fmt::format("{}{}{}", text.empty() ? "" : " ", rest / seconds, unit);
    rest %= seconds;
  }
  return text.empty() ? "0s" : text;
}

/// "-" where the step is not reached.
AuditedUnder<std::string> results_of(const AuditedStep& step) {
  const auto cell = [](bool differs, const AuditRange& bodies) {
    return bodies.most == 0 ? "-" : differs ? "differs" : "same";
  };
  AuditedUnder<std::string> results{cell(step.differs.without_faults, step.bodies.without_faults),
                                    {},
                                    cell(step.differs.in_all, step.bodies.in_all)};
  for (const auto& [fault_class, differs] : step.differs.under)
    results.under[fault_class] = cell(differs, step.bodies.under.at(fault_class));
  return results;
}

std::string interruption_cell(Interruption interruption) {
  switch (interruption) {
    case Interruption::never:
      return "no";
    case Interruption::retried:
      return "retried";
    case Interruption::reaches_handler:
      return "handler";
    case Interruption::fails_execution:
      return "fails";
  }
  return "?";
}

bool shows_interruption(const AuditedStep& step) {
  return step.semantics == durable::StepSemantics::at_most_once_per_retry ||
         step.interruption.in_all != Interruption::never;
}

std::string_view where(Place place) {
  switch (place) {
    case Place::body:
      return "";
    case Place::handler:
      return " outside steps";
    case Place::unwinding:
      return " while unwinding";
    case Place::test:
      return " by the test";
  }
  return "";
}

void add_effect(Table& table, const AuditedEffect& effect, const std::string& indent) {
  table.add(row(fmt::format("{}{}{}", indent, effect.kind, where(effect.place)), "takes effect",
                effect.applied, range_cell));
  if (effect.applied != effect.calls) table.add(row("", "is asked for", effect.calls, range_cell));
}

std::string step_label(const AuditedStep& step) {
  if (step.name.empty()) return "(the function)";
  return step.operations == 1 ? step.name
                              : fmt::format("{} ({} operations)", step.name, step.operations);
}

void add_function(Table& table, const AuditedFunction& function) {
  table.add({function.name.empty() ? "(the test)" : function.name});
  for (const AuditedStep& step : function.steps) {
    const bool at_most_once = step.semantics == durable::StepSemantics::at_most_once_per_retry;
    table.add(row("  " + step_label(step), at_most_once ? "body (at most once)" : "body",
                  step.bodies, range_cell));
    table.add(row("", "result", results_of(step), [](const std::string& cell) { return cell; }));
    if (shows_interruption(step))
      table.add(row("", "interrupted", step.interruption, interruption_cell));
    for (const AuditedEffect& effect : step.effects) add_effect(table, effect, "    ");
  }
  for (const AuditedEffect& effect : function.effects) add_effect(table, effect, "  ");
  if (!function.name.empty())
    table.add(row("  longest run", "virtual time", function.elapsed, longest_cell));
}

/// The kinds whose sum the rows of single places do not show.
void add_totals(Table& table, const Audit& audit) {
  const auto is_shown = [&](const AuditedEffect& total) {
    return std::any_of(audit.functions.begin(), audit.functions.end(), [&](const auto& function) {
      const auto shows = [&](const AuditedEffect& effect) {
        return effect.kind == total.kind && effect.calls == total.calls;
      };
      return std::any_of(function.effects.begin(), function.effects.end(), shows) ||
             std::any_of(function.steps.begin(), function.steps.end(),
                         [&](const AuditedStep& step) {
                           return std::any_of(step.effects.begin(), step.effects.end(), shows);
                         });
    });
  };
  bool titled = false;
  for (const AuditedEffect& total : audit.effects) {
    if (is_shown(total)) continue;
    if (!std::exchange(titled, true)) table.add({"in the whole run"});
    add_effect(table, total, "  ");
  }
}

std::string faults_text(std::uint32_t count) {
  return count == 1 ? "1 fault" : fmt::format("{} faults", count);
}

std::string extent(const Verification& exploration) {
  if (exploration.verdict == Verdict::holds && exploration.runs == 1)
    return "the one schedule that there is";
  const std::string faults = faults_text(exploration.max_faults);
  if (exploration.verdict == Verdict::holds)
    return fmt::format("all {} schedules of at most {}", exploration.runs, faults);
  return fmt::format("{} schedules of at most {}; there are others", exploration.runs, faults);
}

bool tries(const Verification& exploration, FaultClass fault_class) {
  const std::vector<Fault> faults = exploration.faults.faults();
  return exploration.max_faults > 0 && std::any_of(faults.begin(), faults.end(), [&](Fault fault) {
           return class_of(fault) == fault_class;
         });
}

/// What was explored and what was not: a table is read by people who did not make it.
std::string scope(const Audit& audit) {
  const Verification& exploration = audit.exploration;
  std::string tried;
  std::string left_out;
  for (std::size_t i = 0; i < kFaultClassCount; ++i) {
    const auto fault_class = static_cast<FaultClass>(i);
    std::string& list = tries(exploration, fault_class) ? tried : left_out;
    list += (list.empty() ? "" : ", ") + std::string(to_string(fault_class));
    const bool met = audit.functions.front().elapsed.under.contains(fault_class);
    if (&list == &tried && !met) list += " (none had a place)";
  }
  if (exploration.max_faults == 0) {
    left_out = "all faults; ";
  } else {
    if (!left_out.empty()) left_out = "faults of other classes (" + left_out + "); ";
    left_out += fmt::format("more than {}; ", faults_text(exploration.max_faults));
  }
  return labelled("explored", extent(exploration) + (tried.empty() ? "" : ": " + tried)) +
         labelled("left out", left_out + "other inputs; what fakes do not report");
}

std::string cure_of_repetition(const AuditedEffect& effect) {
  if (effect.applied.without_faults.most == 0 && effect.applied.in_all == effect.keys.in_all)
    return "and without faults never";
  if (effect.keys.in_all.most > effect.keys.without_faults.most)
    return "with another key each time: give StepContext::idempotency_key() to the receiver";
  return "as its receiver does not recognise a repetition: have it deduplicate by a key, or make "
         "the step at_most_once_per_retry";
}

void remark_on(const AuditedEffect& effect, const AuditedStep* step,
               std::vector<std::string>& remarks) {
  const AuditFigure& applied = effect.applied;
  const std::string what = step == nullptr || step->name.empty()
                               ? fmt::format("\"{}\"", effect.kind)
                               : fmt::format("\"{}\" in step \"{}\"", effect.kind, step->name);
  if (effect.place == Place::handler) {
    remarks.push_back(what +
                      " takes effect outside a step, which every replay repeats: make it in a "
                      "step's body");
  } else if (effect.place == Place::unwinding) {
    remarks.push_back(what +
                      " takes effect while a stack is unwound, as whenever the handler is "
                      "suspended: nothing external in destructors and catch (...) blocks");
  }
  if (effect.place != Place::body) return;
  const AuditRange& usual = applied.without_faults;
  if (applied.in_all.most > usual.most) {
    remarks.push_back(fmt::format(
        "{} takes effect up to {} in one execution ({}), {}", what, times(applied.in_all.most),
        classes_where(applied, [&](const AuditRange& r) { return r.most > usual.most; }),
        cure_of_repetition(effect)));
  }
  if (applied.in_all.least < usual.least) {
    const std::uint64_t least = applied.in_all.least;
    remarks.push_back(fmt::format(
        "{} may {} ({})", what,
        least == 0 ? "never take effect" : "take effect only " + times(least),
        classes_where(applied, [&](const AuditRange& r) { return r.least < usual.least; })));
  }
}

void remark_on(const AuditedStep& step, std::vector<std::string>& remarks) {
  for (const AuditedEffect& effect : step.effects) remark_on(effect, &step, remarks);
  const std::string what =
      step.name.empty() ? std::string("the function") : fmt::format("step \"{}\"", step.name);
  if (step.result_differs()) {
    remarks.push_back(fmt::format("{} has not always the same result ({}): {} or {}", what,
                                  classes_where(step.differs, [](bool differs) { return differs; }),
                                  step.results.front(), step.results.back()));
  }
  const Interruption worst = step.interruption.in_all;
  if (worst == Interruption::never) return;
  remarks.push_back(fmt::format(
      "{} can be interrupted ({}), when it is not known whether it took effect: {}", what,
      classes_where(step.interruption, [](Interruption one) { return one != Interruption::never; }),
      worst == Interruption::fails_execution ? "the execution then fails with StepInterruptedError"
      : worst == Interruption::reaches_handler
          ? "the handler is given StepInterruptedError, and goes on"
          : "its next attempt follows"));
}

/// How to read the table: of what it holds only.
std::string legend(const Audit& audit) {
  std::vector<std::pair<std::string_view, std::string_view>> lines = {
      {"1..3", "at least once and at most three times, over the schedules of the column"},
      {"no fault", "the schedule in which all goes well"}};
  for (const auto& [fault_class, range] : audit.functions.front().elapsed.under)
    lines.emplace_back(to_string(fault_class), meaning(fault_class));
  lines.emplace_back("all", "all schedules, those with faults of several kinds too");
  lines.emplace_back("asked for", "repetitions that the receiver recognised count too");
  lines.emplace_back("result",
                     "what the handler is given: \"differs\" if that depends on the schedule");
  const bool shown = std::any_of(
      audit.functions.begin(), audit.functions.end(), [](const AuditedFunction& function) {
        return std::any_of(function.steps.begin(), function.steps.end(), shows_interruption);
      });
  if (shown)
    lines.emplace_back("interrupted",
                       "may an attempt be cut short for good? Then the next one is made (retried), "
                       "or the\n                         handler gets a StepInterruptedError "
                       "(handler), and the execution ends with it (fails)");
  std::string text = "\n";
  for (const auto& [word, meaning] : lines)
    text += fmt::format("  {:<8}  {:<11}  {}\n", text.size() == 1 ? "read" : "", word, meaning);
  return text;
}

}  // namespace

std::vector<std::string> Audit::remarks() const {
  std::vector<std::string> remarks;
  for (const AuditedFunction& function : functions) {
    for (const AuditedStep& step : function.steps) remark_on(step, remarks);
    for (const AuditedEffect& effect : function.effects) remark_on(effect, nullptr, remarks);
  }
  return remarks;
}

std::string Audit::table() const {
  if (functions.empty()) return exploration.report();
  std::vector<std::string> header = {"in one execution", "", "no fault"};
  for (const auto& [fault_class, range] : functions.front().elapsed.under)
    header.emplace_back(to_string(fault_class));
  header.emplace_back("all");
  Table table(header);
  for (const AuditedFunction& function : functions) add_function(table, function);
  add_totals(table, *this);
  std::string text =
      fmt::format("audit  {}\n{}\n{}", exploration.scenario, scope(*this), table.text());
  const std::vector<std::string> remarks = this->remarks();
  if (!remarks.empty()) text += "\n";
  for (const std::string& remark : remarks) text += labelled("discuss", remark);
  if (!is_complete()) text += "\n  ended     " + exploration.report();
  return text;
}

std::string Audit::text() const {
  if (functions.empty()) return table();
  return table() + legend(*this);
}

std::ostream& operator<<(std::ostream& out, const Audit& audit) { return out << audit.text(); }

}  // namespace durasim
