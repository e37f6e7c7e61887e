#include <fmt/format.h>

#include "durable/sdk/engine.hpp"

namespace durable {

/// Inlined for the frame that it saves: see suspend_until_changed.
[[gnu::always_inline]] inline void Engine::wait(const Name& name, OperationPath path,
                                                std::chrono::seconds duration) {
  const OperationInput inputs[] = {OperationInput::of("duration", duration)};
  const DurableCall call{path, OperationType::wait, OperationSubType::wait, name, inputs};
  enter(call);
  if (find(call) == nullptr) {
    OperationUpdate start = update(call, OperationAction::start);
    start.delay = duration;
    enqueue(std::move(start));
    flush();
    acknowledged(call, false);
  }
  while (!is_terminal(record_.find(path)->status)) suspend_until_changed(path);
  if (observer_) observer_->returned(path, {});
}

void Context::wait(const Name& name, WholeSeconds duration) {
  Engine& engine = engine_of_call(name);
  check_name(name);
  if (!duration.is_whole() || duration.whole() < std::chrono::seconds(1) ||
      duration.whole() > kLongestWait) {
    throw ValidationError(fmt::format(
        "wait \"{}\" at {} is {} long; a wait takes 1 s to {} s (366 days){}", name.text(),
        describe(name.where()), describe(duration), kLongestWait.count(), remedy(duration)));
  }
  engine.wait(name, next_path(), duration.whole());
}

}  // namespace durable
