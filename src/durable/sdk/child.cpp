#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <durable/serdes.hpp>

#include "durable/model/mutant.hpp"
#include "durable/sdk/engine.hpp"
#include "durable/sdk/error_registry.hpp"

/// Child contexts: bodies that make durable calls of their own, recorded inside that of the context.
/// Source: docs/reference/child-context.md
namespace durable {

namespace {

/// Makes a context the current one for as long as its body runs.
class Inside {
 public:
  Inside(Context*& slot, Context& inner) : slot_(slot), outer_(slot) { slot_ = &inner; }
  ~Inside() { slot_ = outer_; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  Context*& slot_;
  Context* outer_;
};

}  // namespace

Text Context::run_child(const Name& name, OperationSubType sub_type, bool is_virtual,
                        const OperationOptions& options, const std::type_info& body_type,
                        detail::FunctionRef<Text(Context&)> body) {
  Engine& engine = engine_of_call(name);
  check_name(name);
  if (is_virtual && virtual_contexts_ == std::numeric_limits<std::uint8_t>::max()) {
    throw ValidationError(fmt::format(
        "child context \"{}\" at {} is inside {} virtual contexts in a row; that is the most",
        name.text(), describe(name.where()), virtual_contexts_));
  }
  OperationOptions all = options;
  const OperationInput own[] = {OperationInput::of("is_virtual", is_virtual)};
  if (sub_type == OperationSubType::run_in_child_context) all.others = own;
  return engine.run_child(
      {next_path(), OperationType::context, sub_type, name, {}, &body_type, all}, is_virtual, body);
}

Text Engine::run_child(const DurableCall& call, bool is_virtual,
                       detail::FunctionRef<Text(Context&)> body) {
  enter(call);
  if (is_virtual) return run_virtual(call, body);
  const Operation* recorded = find(call);
  if (DURASIM_MUTANT(runs_recorded_contexts_again) && recorded &&
      recorded->status == OperationStatus::succeeded) {
    run_context(call, add_context(call), body);
    recorded = record_.find(call.path);
  }
  if (DURASIM_MUTANT(swallows_context_errors_on_replay) && recorded &&
      recorded->status == OperationStatus::failed)
    return Text("null");
  Text made;  // by this invocation
  if (recorded == nullptr || !is_terminal(recorded->status)) {
    if (recorded == nullptr) enqueue_start(call, 1);
    const BodyOutcome ended = run_context(call, add_context(call), body);
    OperationUpdate end =
        update(call, ended.error ? OperationAction::fail : OperationAction::succeed);
    end.error = ended.error;
    end.replay_children = !ended.error && (ended.value.view().size() > kPayloadLimitBytes ||
                                           executor_.leaves_out_result(call.path));
    if (!ended.error) end.payload = end.replay_children ? Text("") : ended.value;
    enqueue(std::move(end));
    flush();
    recorded = &acknowledged(call, true);
    made = ended.value;
  }
  if (recorded->status != OperationStatus::succeeded) throw_recorded_context(call, recorded->error);
  Text value = recorded->result.present() ? recorded->result : Text("null");
  if (recorded->replay_children && !DURASIM_MUTANT(ignores_replay_children))
    value = made.present() ? made : rebuild(call, body);
  if (observer_) observer_->returned(call.path, value);
  return value;
}

Text Engine::run_virtual(const DurableCall& call, detail::FunctionRef<Text(Context&)> body) {
  if (DURASIM_MUTANT(records_virtual_contexts) && record_.find(call.path) == nullptr)
    enqueue(update(call, OperationAction::start));
  Context& child = add_context(call);
  child.virtual_contexts_ = static_cast<std::uint8_t>(current_->virtual_contexts_ + 1);
  child.rebuilding_ = current_->rebuilding_;
  const BodyOutcome ended = run_context(call, child, body);
  if (ended.error) throw_recorded_context(call, ended.error);
  if (observer_) observer_->returned(call.path, ended.value);
  return ended.value;
}

Text Engine::rebuild(const DurableCall& call, detail::FunctionRef<Text(Context&)> body) {
  Context& child = add_context(call);
  child.rebuilding_ = true;
  const BodyOutcome ended = run_context(call, child, body);
  if (ended.error) {
    fail_execution(
        {std::string(kNonDeterministic),
         fmt::format("child context {} at {} is recorded as succeeded, but its body, which makes "
                     "its result again, threw {}: {}",
                     describe(call.name.text(), call.path), describe(call.name.where()),
                     ended.error->type, ended.error->message)});
  }
  return ended.value;
}

BodyOutcome Engine::run_context(const DurableCall& call, Context& child,
                                detail::FunctionRef<Text(Context&)> body) {
  BodyOutcome ended;
  ErrorPtr not_serialisable;
  {
    const Inside inside(current_, child);
    try {
      ended.value = body(child);
    } catch (const fiber::Unwind&) {
      throw;
    } catch (const detail::UnserializableResult& result_error) {
      not_serialisable = std::make_shared<ErrorObject>(ErrorObject{
          "SerDesError", fmt::format("the result of child context {} at {}: {}",
                                     describe(call.name.text(), call.path),
                                     describe(call.name.where()), result_error.message)});
    } catch (...) {
      fiber_->check_alive();
      if (executor_.is_test_abort(std::current_exception())) {
        test_abort_ = std::current_exception();
        die();
      }
      ended.error =
          std::make_shared<ErrorObject>(current_exception_error("the child context's body"));
    }
    fiber_->check_alive();  // a body that swallowed its own suspension must not be recorded
  }
  if (not_serialisable) fail_execution(*not_serialisable);
  return ended;
}

Context& Engine::add_context(const DurableCall& call) {
  Context& child = *contexts_.emplace_back(&pool_.open(*this, call.path));
  child.sub_type_ = call.sub_type;
  child.where_ = call.name.where();
  if (!call.name.text().empty()) child.name_ = Text(call.name.text());
  child.virtual_around_ = current_->virtual_contexts_;
  child.log_on_replay_ = current_->log_on_replay_;
  child.serdes_ = current_->serdes_;
  if (DURASIM_MUTANT(shares_counters_with_children)) child.operations_ = current_->operations_;
  return child;
}

void Engine::throw_recorded_context(const DurableCall& call, const ErrorPtr& error) {
  if (observer_) observer_->threw(call.path, error);
  const ErrorObject recorded = error ? *error : ErrorObject{"", "no error was recorded"};
  const ChildContextError cause(std::string(call.name.text()), call.path, recorded);
  if (call.sub_type == OperationSubType::wait_for_callback) throw cause;  // it maps errors itself
  try {
    throw_as_registered(recorded, cause);
  } catch (const SerDesError& unreadable) {
    throw SerDesError(
        fmt::format("the recorded failure of child context {} at {} does not convert to the type "
                    "registered as \"{}\": {}",
                    describe(call.name.text(), call.path), describe(call.name.where()),
                    recorded.type, unreadable.what()));
  }
  throw cause;
}

std::string Engine::body_of(const Context& context) {
  if (context.path_.is_root()) return "the handler";
  return fmt::format("{} {} at {}", describe(context.sub_type_),
                     describe(context.name_.view(), context.path_), describe(context.where_));
}

void Engine::refuse_other_context(const DurableCall& call) {
  const OperationPath used = call.path.parent();
  bool is_outer = false;
  for (OperationPath around = current_->path_; !around.is_root() && !is_outer;) {
    around = around.parent();
    is_outer = around == used;
  }
  const std::string message = fmt::format(
      "durable call {} at {} is made on the context of {}, {} while {} runs; make it on the "
      "Context that the running body was given",
      describe(call.name.text(), call.path), describe(call.name.where()),
      body_of(**std::ranges::find(contexts_, used, &Context::path_)),
      is_outer ? "which waits for its child," : "whose body has ended,", body_of(*current_));
  if (observer_) {
    observer_->misused({is_outer ? Misuse::Kind::outer_context : Misuse::Kind::ended_context,
                        call.path,
                        call.name.text(),
                        call.name.where(),
                        {},
                        message});
  }
  fail_execution({"ContextMisuseError", message});
}

void Engine::refuse_unrecorded(const DurableCall& call) {
  fail_execution(
      {std::string(kNonDeterministic),
       fmt::format("{} is not recorded, but its context is recorded as succeeded and makes its "
                   "result again, from what is recorded, with a call at {}: a body must make the "
                   "same durable calls in the same order whenever it runs",
                   describe(call.name.text(), call.path), describe(call.name.where()))});
}

}  // namespace durable
