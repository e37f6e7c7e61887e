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

/// The classes under which a figure is worse than without faults.
template <class IsWorse>
std::string classes_where(const AuditFigure& figure, IsWorse is_worse) {
  std::string names;
  for (const auto& [fault_class, range] : figure.under) {
    if (is_worse(range)) names += (names.empty() ? "" : ", ") + std::string(to_string(fault_class));
  }
  return names.empty() ? "faults of several kinds" : names;
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

template <class Cell>
std::vector<std::string> row(std::string name, std::string what, const AuditFigure& figure,
                             Cell cell) {
  std::vector<std::string> cells = {std::move(name), std::move(what), cell(figure.without_faults)};
  for (const auto& [fault_class, range] : figure.under) cells.push_back(cell(range));
  cells.push_back(cell(figure.in_all));
  return cells;
}

std::string range_cell(const AuditRange& range) { return range.text(); }
std::string longest_cell(const AuditRange& range) {
  return duration_text(std::chrono::milliseconds(range.most));
}

bool same(const AuditFigure& a, const AuditFigure& b) {
  return a.without_faults == b.without_faults && a.under == b.under && a.in_all == b.in_all;
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
  if (!same(effect.applied, effect.calls))
    table.add(row("", "is asked for", effect.calls, range_cell));
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
    for (const AuditedEffect& effect : step.effects) add_effect(table, effect, "    ");
  }
  for (const AuditedEffect& effect : function.effects) add_effect(table, effect, "  ");
  if (!function.name.empty())
    table.add(row("  longest virtual time", "", function.elapsed, longest_cell));
}

/// The kinds whose sum the rows of single places do not show.
void add_totals(Table& table, const Audit& audit) {
  const auto is_shown = [&](const AuditedEffect& total) {
    return std::any_of(audit.functions.begin(), audit.functions.end(), [&](const auto& function) {
      const auto shows = [&](const AuditedEffect& effect) {
        return effect.kind == total.kind && same(effect.calls, total.calls);
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

std::string extent(const Verification& exploration) {
  const std::string faults =
      exploration.max_faults == 1 ? "1 fault" : fmt::format("{} faults", exploration.max_faults);
  if (exploration.verdict == Verdict::holds)
    return fmt::format("all {} schedules of at most {}", exploration.runs, faults);
  return fmt::format("{} schedules of at most {}; there are others", exploration.runs, faults);
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
    const bool other_keys = effect.keys.in_all.most > effect.keys.without_faults.most;
    remarks.push_back(fmt::format(
        "{} takes effect up to {} in one execution ({}), {}", what, times(applied.in_all.most),
        classes_where(applied, [&](const AuditRange& r) { return r.most > usual.most; }),
        other_keys ? "with another key each time: give StepContext::idempotency_key() to the "
                     "receiver"
                   : "as its receiver does not recognise a repetition: have it deduplicate by a "
                     "key, or make the step at_most_once_per_retry"));
  }
  if (applied.in_all.least < usual.least) {
    remarks.push_back(fmt::format(
        "{} may take effect only {} ({})", what, times(applied.in_all.least),
        classes_where(applied, [&](const AuditRange& r) { return r.least < usual.least; })));
  }
}

void remark_on(const AuditedStep& step, std::vector<std::string>& remarks) {
  for (const AuditedEffect& effect : step.effects) remark_on(effect, &step, remarks);
  const std::string what =
      step.name.empty() ? std::string("the function") : fmt::format("step \"{}\"", step.name);
  if (step.result_differs()) {
    remarks.push_back(fmt::format("{} has not always the same result: {} or {}", what,
                                  step.results.front(), step.results.back()));
  }
  if (!step.interrupted) return;
  remarks.push_back(what + " can be interrupted, when it is not known whether it took effect: " +
                    (step.fails_execution ? "the execution then fails with StepInterruptedError"
                     : step.reaches_handler
                         ? "the handler is given StepInterruptedError, and goes on"
                         : "its next attempt follows"));
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

std::string Audit::text() const {
  if (functions.empty()) return exploration.report();
  std::vector<std::string> header = {"", "", "no fault"};
  std::string kinds;
  for (const auto& [fault_class, range] : functions.front().elapsed.under) {
    header.emplace_back(to_string(fault_class));
    kinds += fmt::format("  {:<8} {:<10} {}\n", "", to_string(fault_class), meaning(fault_class));
  }
  header.emplace_back("all");
  Table table(header);
  for (const AuditedFunction& function : functions) add_function(table, function);
  add_totals(table, *this);
  std::string text =
      fmt::format("audit  {}: {}\n\n{}\n", exploration.scenario, extent(exploration), table.text());
  text += fmt::format(
      "  read     \"1..2\": at least once and at most twice in one execution, over all schedules "
      "whose faults are\n           of that kind; under \"all\", of any kind\n{}",
      kinds);
  for (const std::string& remark : remarks()) text += fmt::format("  discuss  {}\n", remark);
  if (!is_complete()) text += "  ended    " + exploration.report();
  return text;
}

std::ostream& operator<<(std::ostream& out, const Audit& audit) { return out << audit.text(); }

}  // namespace durasim
