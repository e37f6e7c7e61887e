#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <durable/context.hpp>
#include <durable/serdes.hpp>

#include "durable/sdk/engine.hpp"

/// The three seams of the SDK, scripted, for its unit tests.
namespace durable::fake {

/// A service that does what it is asked and remembers every request. Tests can script other
/// answers.
class Service final : public ServiceClient {
 public:
  using Answer = std::function<std::optional<Response>(const Request&)>;

  std::vector<Request> requests;
  std::vector<Operation> operations;
  /// For the next requests, in order, instead of applying them.
  std::deque<Answer> script;

  std::optional<Response> send(const Request& request) override {
    requests.push_back(request);
    if (script.empty()) return apply(request);
    const Answer answer = std::move(script.front());
    script.pop_front();
    return answer(request);
  }

  /// The operations of one page of the state, if its operations are given in pages.
  std::size_t page_size = 0;

  Response apply(const Request& request) {
    Response response;
    if (request.kind == Request::Kind::get_state) return page(request.marker);
    for (const OperationUpdate& update : request.updates) {
      apply(update);
      response.operations.push_back(*find(update.path));
    }
    response.token = CheckpointToken{request.token.execution, request.token.invocation,
                                     request.token.sequence + 1};
    return response;
  }

  /// The page that begins with the operation after `marker` others; the first one is in the event.
  Response page(std::uint32_t marker) {
    const std::vector<Operation> all = state();
    const std::size_t end = page_size == 0 ? all.size() : std::min(all.size(), marker + page_size);
    Response response;
    response.operations.assign(all.begin() + marker,
                               all.begin() + static_cast<std::ptrdiff_t>(end));
    if (end < all.size()) response.next_marker = static_cast<std::uint32_t>(end);
    return response;
  }

  /// What an invocation is told: without the operations inside contexts that have ended, unless their
  /// bodies run again.
  std::vector<Operation> state() {
    std::vector<Operation> told;
    for (const Operation& operation : operations) {
      bool collapsed = false;
      for (OperationPath around = operation.path; !around.is_root() && !collapsed;) {
        around = around.parent();
        const Operation* const context = find(around);
        collapsed = context && is_terminal(context->status) && !context->replay_children;
      }
      if (!collapsed) told.push_back(operation);
    }
    return told;
  }

  Operation* find(OperationPath path) {
    const auto at = std::ranges::find(operations, path, &Operation::path);
    return at == operations.end() ? nullptr : &*at;
  }

  /// The updates of request `index`, such as "START charge, SUCCEED charge \"c-1\"".
  std::string updates(std::size_t index) const {
    std::string all;
    for (const OperationUpdate& update : requests.at(index).updates) {
      all += fmt::format("{}{} {}", all.empty() ? "" : ", ", to_string(update.action),
                         update.name.view());
      if (update.payload.present()) all += fmt::format(" {}", update.payload.view());
      if (update.error) all += fmt::format(" {}", update.error->type);
      if (update.target) all += fmt::format(" to {}", update.target->function);
      if (update.delay.count() != 0) all += fmt::format(" {}s", update.delay.count());
      if (update.heartbeat_timeout.count() != 0)
        all += fmt::format(" heartbeat {}s", update.heartbeat_timeout.count());
    }
    return all;
  }

 private:
  void apply(const OperationUpdate& update) {
    Operation* operation = find(update.path);
    if (operation == nullptr) {
      operation = &operations.emplace_back();
      operation->path = update.path;
      operation->type = update.type;
      operation->sub_type = update.sub_type;
      operation->name = update.name;
      operation->virtual_contexts = update.virtual_contexts;
    }
    switch (update.action) {
      case OperationAction::start:
        operation->status = OperationStatus::started;
        if (update.type == OperationType::callback)
          operation->callback_id = Text("callback-" + update.path.to_string());
        return;
      case OperationAction::succeed:
        operation->status = OperationStatus::succeeded;
        break;
      case OperationAction::fail:
        operation->status = OperationStatus::failed;
        break;
      case OperationAction::retry:
        operation->status = OperationStatus::pending;
        break;
      case OperationAction::cancel:
        operation->status = OperationStatus::cancelled;
        break;
    }
    ++operation->attempt;
    operation->result = update.payload;
    operation->replay_children = update.replay_children;
    operation->error = update.error;
  }
};

inline Service::Answer refuse(int http_status, std::string code, std::string message) {
  return [=](const Request&) -> std::optional<Response> {
    return Response{.fate = Fate::error, .error = ServiceError{http_status, code, message}};
  };
}

inline Service::Answer fate(Fate fate) {
  return [=](const Request&) -> std::optional<Response> { return Response{.fate = fate}; };
}

/// The answer comes later, through Engine::deliver.
inline Service::Answer later() {
  return [](const Request&) -> std::optional<Response> { return std::nullopt; };
}

struct TestAbort {};

class Executor final : public durable::Executor {
 public:
  Timestamp time{};
  std::vector<Duration> wake_ups;
  std::vector<std::pair<std::chrono::seconds, Jitter>> delays_asked;
  std::chrono::seconds jitter_taken{0};
  std::uint64_t next_random = 1;
  std::uint64_t client_tokens = 0;
  std::vector<std::string> lines;
  /// Of each line: its operation's name and parent.
  std::vector<std::string> sources;
  /// Instead of running the body.
  std::function<Fate(detail::FunctionRef<void()> body, BodyOutcome& outcome)> on_body;

  Fate run_body(const BodyCall&, detail::FunctionRef<void()> body, BodyOutcome& outcome) override {
    if (on_body) return on_body(body, outcome);
    body();
    return Fate::ok;
  }
  Timestamp now() const override { return time; }
  void wake_after(Duration delay) override { wake_ups.push_back(delay); }
  std::uint64_t client_token() override { return ++client_tokens; }
  std::uint64_t random(const BodyCall&) override { return next_random++; }
  std::chrono::seconds jittered(const BodyCall&, std::chrono::seconds delay,
                                Jitter jitter) override {
    delays_asked.emplace_back(delay, jitter);
    return delay - jitter_taken;
  }
  void log(const LogRecord& record) override {
    lines.push_back(fmt::format("{} {}/{} {}", static_cast<int>(record.level),
                                record.path.to_string(), record.attempt, record.message));
    sources.push_back(fmt::format("{} in {}", record.name, record.parent.to_string()));
  }
  bool is_test_abort(const std::exception_ptr& exception) const override {
    try {
      std::rethrow_exception(exception);
    } catch (const TestAbort&) {
      return true;
    } catch (...) {
      return false;
    }
  }
};

/// Writes down what it is told, one line each.
class Observer final : public durable::Observer {
 public:
  std::vector<std::string> events;
  /// Of every misuse.
  std::vector<std::string> messages;

  void issued(const IssuedOperation& operation) override {
    note("issued {} {} {} inputs {} {}", operation.path.to_string(), to_string(operation.type),
         operation.name, digest(operation.inputs),
         operation.body != nullptr ? "with body" : "without body");
  }
  void returned(OperationPath path, const Text& value) override {
    note("returned {} {}", path.to_string(), value.present() ? value.view() : "nothing");
  }
  void threw(OperationPath path, const ErrorPtr& error) override {
    note("threw {} {}", path.to_string(), error ? error->type : "nothing");
  }
  void body_started(const BodyCall& call) override {
    note("body {} attempt {} of {}{}", call.path.to_string(), call.attempt, call.max_attempts,
         call.start_queued ? " start queued" : "");
  }
  void body_ended(const BodyCall& call, const Text& value, const ErrorPtr& error) override {
    note("body {} ended with {} {}", call.path.to_string(),
         value.present() ? value.view() : "no value", error ? error->type : "no error");
  }
  void suspended(OperationPath path) override { note("suspended {}", path.to_string()); }
  void unwinding(bool begins) override { note("unwinding {}", begins ? "begins" : "ends"); }
  void misused(const Misuse& misuse) override {
    static constexpr const char* kinds[] = {"swallowed", "terminated", "nested",
                                            "outer",     "ended",      "foreign"};
    note("{} {} {} line {} next line {}", kinds[static_cast<int>(misuse.kind)],
         misuse.path.to_string(), misuse.name, misuse.where.line(), misuse.next.line());
    messages.emplace_back(misuse.message);
  }

 private:
  template <class... Arguments>
  void note(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    events.push_back(fmt::format(format, std::forward<Arguments>(arguments)...));
  }
};

/// A handler from `body(Context&)` or `body(Context&, const Text& input)`, whatever it returns.
template <class Body>
Engine::Handler handler(Body body) {
  return [body](Context& context, const Text& input) -> Text {
    const auto call = [&] {
      if constexpr (std::is_invocable_v<Body, Context&, const Text&>) {
        return body(context, input);
      } else {
        return body(context);
      }
    };
    if constexpr (std::is_void_v<decltype(call())>) {
      call();
      return Text("null");
    } else {
      return Text(serialize(call()));
    }
  };
}

/// One execution: its record outlives the invocations.
class World {
 public:
  Service service;
  Executor executor;
  Observer observer;
  std::unique_ptr<Engine> engine;
  std::string arn =
      "arn:aws:lambda:eu-west-1:123456789012:function:f:1/durable-execution/order-7/e-1";

  /// Starts an invocation; pump `engine` to run it.
  template <class Body>
  void begin(Body body) {
    engine.reset();
    handler_ = handler(body);
    engine = std::make_unique<Engine>(service, executor, &observer);
    Response first = service.page(0);
    engine->begin({.execution_arn = arn,
                   .token = {1, ++invocations_, 1},
                   .input = Text("{}"),
                   .started_at = Timestamp(Duration(1000)),
                   .operations = std::move(first.operations),
                   .next_marker = first.next_marker},
                  handler_);
  }

  /// Runs an invocation to its end, through all back-offs, and unwinds what is left.
  template <class Body>
  InvocationOutcome invoke(Body body) {
    begin(body);
    return finish();
  }

  /// Runs invocations until the execution is over, at most twenty; timers fire in between.
  template <class Body>
  InvocationOutcome run(Body body) {
    InvocationOutcome outcome = invoke(body);
    for (int i = 1; i < 20 && outcome.status == InvocationOutcome::Status::pending; ++i) {
      for (Operation& operation : service.operations) ripen(operation.name.view());
      outcome = invoke(body);
    }
    return outcome;
  }

  InvocationOutcome finish() {
    while (engine->pump() == Engine::State::running) engine->wake();
    engine->unwind();
    return engine->outcome();
  }

  /// What its timer does to the operation named `name`.
  void ripen(std::string_view name) {
    for (Operation& operation : service.operations) {
      if (operation.name.view() != name || is_terminal(operation.status)) continue;
      if (operation.type == OperationType::wait) operation.status = OperationStatus::succeeded;
      if (operation.type == OperationType::step) operation.status = OperationStatus::ready;
    }
  }

  /// What the outside does to the callback or invoke that was started by durable call `number`.
  void complete(std::uint32_t number, OperationStatus status, Text result = {},
                ErrorPtr error = nullptr) {
    Operation* const operation = service.find(OperationPath().child(number));
    operation->status = status;
    operation->result = std::move(result);
    operation->error = std::move(error);
  }

  /// An operation that is recorded before the next invocation starts.
  Operation& recorded(std::uint32_t number, std::string name, OperationStatus status,
                      OperationType type = OperationType::step) {
    Operation& operation = service.operations.emplace_back();
    operation.path = OperationPath().child(number);
    operation.type = type;
    operation.sub_type =
        type == OperationType::wait ? OperationSubType::wait : OperationSubType::step;
    operation.name = Text(std::move(name));
    operation.status = status;
    return operation;
  }

 private:
  Engine::Handler handler_;
  std::uint32_t invocations_ = 0;
};

}  // namespace durable::fake
