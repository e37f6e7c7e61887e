#include <fmt/format.h>

#include "durable/sdk/engine.hpp"

/// Durable calls that are not made by the code of the handler that their context belongs to: after its
/// invocation, for another handler, on another thread.
/// Source: docs/reference/errors.md
namespace durable {

Engine& Context::engine_of_call(const Name& name) const {
  if (engine_ == nullptr || !engine_->runs_here()) Engine::refuse_stray(*this, name);
  return *engine_;
}

const ExecutionInfo& Context::execution() const {
  if (engine_ != nullptr) return engine_->execution();
  throw Error("ContextMisuseError",
              "execution() is called on a context whose invocation has ended; a context is valid "
              "while its body runs");
}

/// Every fiber is an engine's.
Engine* Engine::running() {
  const fiber::Fiber* const fiber = fiber::Fiber::current();
  return fiber == nullptr ? nullptr : &static_cast<Engine&>(fiber->listener());
}

std::string Engine::whereabouts() const {
  if (!last_.made()) return "before its first durable call";
  return fmt::format("after {} at {}", describe(last_.name, last_.path), describe(last_.where));
}

/// The handler that makes the call ends with it, as with any other misuse. Where none does, the call
/// throws, and its own invocation reports it, if that is still there.
void Engine::refuse_stray(const Context& context, const Name& name) {
  Engine* const owner = context.engine_;
  Engine* const caller = running();
  const bool at_home = context.pool_ == &ContextPool::of_this_thread();
  const bool ended = owner == nullptr || (at_home && owner->ending_);
  const StrayCall call{
      ended ? Misuse::Kind::ended_context : Misuse::Kind::foreign_context, context.path_,
      std::string(name.text()), name.where(),
      fmt::format("durable call {}at {} is made on the context of {}, {}",
                  name.text().empty() ? std::string() : fmt::format("\"{}\" ", name.text()),
                  describe(name.where()), body_of(context),
                  ended ? "after the invocation that it belongs to has ended; a context is valid "
                          "while its body runs"
                  : caller != nullptr
                      ? "by another handler than the one that it belongs to; make it on the "
                        "Context that the running body was given"
                  : at_home
                      ? "outside the handler that it belongs to; make it in the handler itself"
                      : "on another thread than the one of its handler; make it in the handler "
                        "itself")};
  if (caller != nullptr) {
    caller->fiber_->check_alive();
    caller->report(call);
    caller->fail_execution({"ContextMisuseError", call.message});
  }
  if (!at_home) {
    context.pool_->add(call);
  } else if (owner != nullptr) {
    owner->report(call);
  }
  throw Error("ContextMisuseError", call.message);
}

void Engine::report(const StrayCall& call) {
  if (observer_)
    observer_->misused({call.kind, call.path, call.name, call.where, {}, call.message});
}

void Engine::report_stray_calls() {
  for (const StrayCall& call : pool_.take_stray_calls()) report(call);
}

void Engine::report_late_line(std::string_view line) {
  if (Engine* const caller = running()) {
    caller->report({Misuse::Kind::ended_context,
                    {},
                    {},
                    {},
                    fmt::format("the log line \"{}\" is written with a logger whose invocation has "
                                "ended; take it from the Context that the running body was given",
                                line)});
  }
}

}  // namespace durable
