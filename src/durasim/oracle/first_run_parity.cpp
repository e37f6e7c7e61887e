#include <algorithm>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/oracle/knowledge.hpp"
#include "durasim/oracle/wording.hpp"

/// first-run-parity: what an operation gives to the handler is the same whenever the handler runs.
/// Source: docs/reference/oracles.md
namespace durasim {
namespace {

class FirstRunParity final : public Monitor {
 public:
  explicit FirstRunParity(Findings& findings) : findings_(findings) {}

  EventKinds interests() const override {
    return {TraceEvent::Kind::value_returned, TraceEvent::Kind::error_thrown};
  }

  void on(const TraceEvent& event) override {
    Execution& execution = executions_[event.execution];
    if (execution.reported) return;
    const Handed* const before = execution.find(event.path);
    if (before == nullptr) {
      execution.add({event.path, event.payload, event.error});
    } else if (!before->equals(event)) {
      execution.reported = true;  // the rest of the run is its consequence
      report(event, *before);
    }
  }

 private:
  /// A value or an error, as it was given to the handler first.
  struct Handed {
    durable::OperationPath path;
    durable::Text value;
    durable::ErrorPtr error;

    bool equals(const TraceEvent& event) const {
      if (error == event.error || DURASIM_MUTANT(first_run_parity_ignores_errors))
        return value == event.payload;
      return error && event.error && *error == *event.error;
    }
  };
  class Execution {
   public:
    bool reported = false;

    void add(Handed handed) {
      paths_.insert(handed.path);
      handed_.push_back(std::move(handed));
    }
    const Handed* find(durable::OperationPath path) {
      if (!paths_.contains(path)) return nullptr;
      // Replays ask in the order of the first run.
      if (hint_ >= handed_.size() || handed_[hint_].path != path) {
        hint_ = static_cast<std::size_t>(
            std::find_if(handed_.begin(), handed_.end(),
                         [&](const Handed& handed) { return handed.path == path; }) -
            handed_.begin());
      }
      return &handed_[hint_++];
    }

   private:
    oracle::PathSet paths_;
    std::vector<Handed> handed_;
    std::size_t hint_ = 0;
  };

  static std::string describe(const durable::Text& value, const durable::ErrorPtr& error) {
    if (error) return fmt::format("the error {}: {}", error->type, error->message);
    return value.present() ? value.str() : std::string("nothing");
  }

  void report(const TraceEvent& event, const Handed& before) {
    const auto [first, now] = oracle::told_apart(describe(before.value, before.error),
                                                 describe(event.payload, event.error));
    Finding finding = oracle::concerning(Oracle::first_run_parity, event, "");
    finding.what = fmt::format("operation {} gave the handler {}, but {} when it ran before",
                               event.path.to_string(), now, first);
    finding.remedy = oracle::kDefectOfTheSdk;
    findings_.add(std::move(finding));
  }

  Findings& findings_;
  oracle::Executions<Execution> executions_;
};

}  // namespace

std::unique_ptr<Monitor> make_first_run_parity(Findings& findings) {
  return std::make_unique<FirstRunParity>(findings);
}

}  // namespace durasim
