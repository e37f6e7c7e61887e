#include <durable/logger.hpp>

#include "durable/model/mutant.hpp"
#include "durable/sdk/engine.hpp"

namespace durable {

Logger::Logger(const Context& context, const BodyCall* call)
    : context_(&context), path_(call != nullptr ? call->path : context.path_) {
  if (call != nullptr) {
    if (!call->name.empty()) name_ = Text(call->name);
    parent_ = recorded_parent(path_, context.virtual_contexts_);
    attempt_ = call->attempt;
  } else if (!path_.is_root()) {
    name_ = context.name_;
    parent_ = recorded_parent(path_, context.virtual_around_);
  }
}

Logger Context::logger() const { return Logger(*this, nullptr); }

void Logger::write(LogLevel level, std::string_view message) const {
  if (context_->engine_ == nullptr) return Engine::report_late_line(message);
  Engine& engine = *context_->engine_;
  if (attempt_ == 0 && !context_->log_on_replay_ && engine.replaying(*context_) &&
      !DURASIM_MUTANT(logs_on_replay))
    return;
  engine.executor_.log({level, path_, name_.view(), parent_, attempt_, message});
}

}  // namespace durable
