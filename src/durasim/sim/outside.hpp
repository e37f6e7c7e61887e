#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <durable/executor.hpp>
#include <durasim/faults.hpp>
#include <durasim/outside.hpp>
#include <durasim/service.hpp>

namespace durasim {

class World;

namespace detail {

/// Which operations a rule is about, and which it has met.
struct Selector {
  std::string name{};
  std::uint32_t number = 0;        ///< in each execution, in order of their start; 0: all
  OperationPredicate predicate{};  ///< instead of these two

  /// Whether `operation`, which goes by `name`, is meant. Counts an operation the first time.
  bool matches(std::uint32_t execution, const durable::Operation& operation,
               std::initializer_list<std::string_view> names);
  std::string text() const;

  using Known = std::pair<std::uint32_t, std::uint32_t>;  // execution, index of the path
  std::map<Known, std::uint32_t> numbers{};               // of those of that name
  std::map<std::uint32_t, std::uint32_t> counts{};        // by execution
  bool reached = false;
};

struct CallbackRule {
  enum class Answer : std::uint8_t { none, never, success, failure };
  Selector which;
  Answer answer = Answer::none;
  std::optional<Duration> delay{};
  std::optional<Duration> heartbeat{};
  durable::Text result{};
  durable::ErrorPtr error{};
  bool twice = false;
  bool late = false;
  std::uint32_t answers = 0;  ///< sent
  std::vector<durable::ServiceError> refusals{};
};

struct InvokeRule {
  Selector which;
  Duration delay{0};
  std::optional<durable::OperationStatus> status{};  ///< absent: that of the function
  durable::Text result{};
  durable::ErrorPtr error{};
  bool answered = false;
};

struct StepRule {
  Selector which;
  std::uint32_t failures = 0;  ///< so many attempts fail
  durable::ErrorPtr error{};
  std::function<void()> thrower{};  ///< instead of `error`
  std::string json{};               ///< empty: the body is run
  Duration time{0};

  /// What this attempt throws; nullptr if it does not.
  durable::ErrorPtr failure(std::uint32_t attempt) const;
};

}  // namespace detail

/// What the outside sends about a callback.
struct CallbackSignal {
  enum class Kind : std::uint8_t { success, failure, heartbeat };
  Kind kind = Kind::success;
  std::string id{};
  std::uint32_t execution = 0;  ///< 0: of an unknown callback
  durable::OperationPath path{};
  durable::Text result{};
  durable::ErrorPtr error{};
};

inline durable::ErrorPtr scripted_error(std::string type, std::string message) {
  return std::make_shared<const durable::ErrorObject>(
      durable::ErrorObject{std::move(type), std::move(message)});
}

/// The name by which scripts speak of an operation: its own, or that of its wait_for_callback.
std::string_view spoken_name(const Execution& execution, const durable::Operation& operation);
/// nullptr if nothing is recorded there.
const durable::Operation* find_operation(const Execution& execution, durable::OperationPath path);

/// All that is scripted of the outside, and what of it is still to come.
class Outside {
 public:
  explicit Outside(World& world) : world_(world) {}

  // Scripts. The last one that fits an operation holds.
  detail::CallbackRule& add_callback_rule(detail::Selector which);
  detail::InvokeRule& add_invoke_rule(detail::Selector which);
  detail::StepRule& add_step_rule(detail::Selector which);
  void at(Timestamp when, std::function<void()> action);

  // Told by the world.
  void callback_created(const Execution& execution, durable::OperationPath path);
  void callback_timed_out(const Execution& execution, durable::OperationPath path);
  /// False if nothing is said about it: its function is to be started now.
  bool invoked(const ChainedInvoke& invoke);
  /// What is said about it is how it ends.
  bool answers(const ChainedInvoke& invoke);
  /// Ends it as is said, now; for what `answers` is true of.
  void answer_at_once(const ChainedInvoke& invoke);
  /// nullptr if nothing is said about it.
  const detail::StepRule* step(std::uint32_t execution, const durable::BodyCall& call);
  /// The time of an action has come.
  void act(std::uint32_t action);

  /// Whose timer this is; 0 if it concerns no execution.
  std::uint32_t execution_of(std::uint32_t action) const { return actions_[action].execution; }
  /// What it is about; the execution itself if no operation.
  durable::OperationPath path_of(std::uint32_t action) const { return actions_[action].path; }
  /// Answers are on their way to the execution.
  bool has_pending(std::uint32_t execution) const;
  /// An action of the test's is being run.
  bool acting() const { return acting_; }
  /// 0 if nothing is still to come.
  std::uint64_t durable_state() const;
  /// What was scripted and has not happened.
  std::vector<std::string> unreached() const;

 private:
  struct Action {
    enum class Kind : std::uint8_t { answer, heartbeat, end_invoke, start_invoke, of_test } kind;
    std::size_t rule = 0;  // its place among those of its kind
    std::uint32_t execution = 0;
    durable::OperationPath path{};
    Timestamp due{};
    bool done = false;
    Fault fault = Fault::none;        // of the answer
    bool promised = true;             // by the test; a body may run again and ask again
    ChainedInvoke invoke{};           // start_invoke
    std::function<void()> of_test{};  // of_test
  };

  void schedule(Action action);
  /// The rule that holds for it; nullptr if there is none.
  detail::CallbackRule* rule_of(const Execution& execution, durable::OperationPath path);
  detail::InvokeRule* rule_of(const ChainedInvoke& invoke);
  /// What the outside does in place of what is scripted.
  Fault choose_answer(const Execution& execution, durable::OperationPath path,
                      const detail::CallbackRule& rule);
  /// The same, once the callback was created.
  void misanswer(Action action, Fault fault, Duration timeout);
  std::string id_of(const Action& action) const;
  void send_answer(Action& action);
  void send(detail::CallbackRule& rule, const CallbackSignal& signal);
  void send_heartbeat(std::uint32_t number);
  void end_invoke(const Action& action);
  void run(const std::function<void()>& action);
  std::string not_met(std::string_view what, const detail::Selector& which,
                      durable::OperationType type) const;

  World& world_;
  std::deque<detail::CallbackRule> callbacks_;  // places in memory stay: scripts point to them
  std::deque<detail::InvokeRule> invokes_;
  std::deque<detail::StepRule> steps_;
  std::deque<Action> actions_;
  bool acting_ = false;
};

}  // namespace durasim
