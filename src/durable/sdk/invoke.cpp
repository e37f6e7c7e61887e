#include <algorithm>

#include <fmt/format.h>

#include <durable/serdes.hpp>

#include "durable/model/mutant.hpp"
#include "durable/sdk/engine.hpp"

/// Chained invokes: another function does the work, as an invocation or execution of its own.
/// Source: docs/reference/invoke.md
namespace durable {
namespace {

constexpr std::size_t kTenantIdLimit = 256;

bool is_tenant_character(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') ||
         std::string_view("._:/=+-@ ").find(character) != std::string_view::npos;
}

void check_target(const Name& name, std::string_view function, const std::string& tenant_id) {
  const auto invoke = [&] {
    return fmt::format("invoke \"{}\" at {}", name.text(), describe(name.where()));
  };
  if (function.empty()) {
    throw ValidationError(invoke() +
                          " names no function; give its name with a version or alias, such as "
                          "\"ship:1\"");
  }
  if (tenant_id.size() > kTenantIdLimit || !std::ranges::all_of(tenant_id, is_tenant_character)) {
    throw ValidationError(fmt::format(
        "{} has the tenant id \"{}\"; it takes 1 to {} characters of a-z A-Z 0-9 . _ : / = + - @ "
        "and space, or none at all",
        invoke(), detail::valid_utf8(tenant_id.substr(0, 40)), kTenantIdLimit));
  }
}

std::string_view default_message(OperationStatus status) {
  switch (status) {
    case OperationStatus::timed_out:
      return "the invoked function timed out";
    case OperationStatus::stopped:
      return "the invoked function was stopped";
    case OperationStatus::cancelled:
      return "the invoke was cancelled";
    default:
      return "the invoked function failed";
  }
}

}  // namespace

Text Context::run_invoke(const Name& name, std::string_view function, const Text& payload,
                         const InvokeConfig& config) {
  Engine& engine = engine_of_call(name);
  check_name(name);
  check_target(name, function, config.tenant_id);
  return engine.invoke(name, next_path(), function, payload, config);
}

Text Engine::invoke(const Name& name, OperationPath path, std::string_view function,
                    const Text& payload, const InvokeConfig& config) {
  const OperationInput inputs[] = {OperationInput::text_of("function name", function),
                                   OperationInput::text_of("tenant id", config.tenant_id),
                                   OperationInput::json_of("payload", payload.view())};
  const DurableCall call{path, OperationType::chained_invoke, OperationSubType::chained_invoke,
                         name, inputs};
  enter(call);
  const Operation* recorded = find(call);
  if (recorded == nullptr || (DURASIM_MUTANT(invokes_again_after_failure) &&
                              recorded->status == OperationStatus::failed)) {
    OperationUpdate start = update(call, OperationAction::start);
    start.target =
        std::make_shared<const InvokeTarget>(InvokeTarget{std::string(function), config.tenant_id});
    start.payload =
        config.payload_serdes ? write_payload(call, *config.payload_serdes, payload) : payload;
    enqueue(std::move(start));
    flush();
    acknowledged(call, false);
  }
  while (!is_terminal(record_.find(path)->status)) suspend_until_changed(path);
  const Operation& ended = *record_.find(path);
  if (ended.status == OperationStatus::succeeded) {
    if (observer_) observer_->returned(path, ended.result);
    return ended.result;
  }
  ErrorObject error = ended.error ? *ended.error : ErrorObject{};
  if (error.type.empty()) error.type = "InvokeError";
  if (error.message.empty()) error.message = default_message(ended.status);
  if (observer_) observer_->threw(path, std::make_shared<const ErrorObject>(error));
  throw InvokeError(std::string(name.text()), path, std::move(error), ended.status);
}

Text Engine::write_payload(const DurableCall& call, const Serdes& serdes, const Text& payload) {
  std::string failure;
  try {
    return write_result({"the serdes", call.name.text(), call.path, call.name.where(),
                         OperationSubType::chained_invoke},
                        serdes, detail::parse(payload.view()));
  } catch (const detail::UnserializableResult& unserializable) {
    failure = unserializable.message;
  }
  fail_execution({"SerDesError", fmt::format("the payload of invoke {} at {}: {}",
                                             describe(call.name.text(), call.path),
                                             describe(call.name.where()), failure)});
}

void detail::unconvertible(const char* what, const Name& name, const SerDesError& error) {
  throw SerDesError(
      fmt::format("{} \"{}\" at {}: {}", what, name.text(), describe(name.where()), error.what()));
}

}  // namespace durable
