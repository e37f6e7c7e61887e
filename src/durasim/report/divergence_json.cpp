#include "durasim/report/divergence_json.hpp"

#include <charconv>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

/// Source: docs/reference/oracles.md#replay-agreement
namespace durasim {
namespace {

using nlohmann::ordered_json;

/// The value of an enumeration, the last of which is given, whose name it is.
template <class Value>
Value value_named(const std::string& name, Value last) {
  for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i) {
    if (to_string(static_cast<Value>(i)) == name) return static_cast<Value>(i);
  }
  throw std::invalid_argument(fmt::format("\"{}\" is not known", name));
}

durable::OperationPath path_from(const std::string& text) {
  durable::OperationPath path;
  const char* at = text.data();
  for (const char* const end = at + text.size(); at != end;) {
    std::uint32_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    const bool more = next != end && *next == '.' && next + 1 != end;
    if (error != std::errc() || number == 0 || (next != end && !more))
      throw std::invalid_argument(fmt::format("\"{}\" is not the place of an operation", text));
    path = path.child(number);
    at = more ? next + 1 : next;
  }
  return path;
}

std::string text_of(durable::OperationPath path) {
  return path.is_root() ? std::string() : path.to_string();
}

ordered_json json_of(const std::optional<Divergence::Call>& call) {
  if (!call) return nullptr;
  return {{"operation", text_of(call->path)},
          {"type", call->type ? ordered_json(to_string(*call->type)) : ordered_json(nullptr)},
          {"sub_type", to_string(call->sub_type)},
          {"name", call->name},
          {"file", call->file},
          {"line", call->line}};
}

std::optional<Divergence::Call> call_from(const ordered_json& json) {
  if (json.is_null()) return std::nullopt;
  Divergence::Call call;
  call.path = path_from(json.at("operation"));
  if (!json.at("type").is_null())
    call.type = value_named(json.at("type"), durable::OperationType::chained_invoke);
  call.sub_type = value_named(json.at("sub_type"), durable::OperationSubType::with_retry);
  call.name = json.at("name");
  call.file = json.at("file");
  call.line = json.at("line");
  return call;
}

ordered_json json_of(const Divergence::Side& side) {
  return {{"call", json_of(side.call)}, {"input", side.input}, {"end", side.end}};
}

Divergence::Side side_from(const ordered_json& json) {
  return {call_from(json.at("call")), json.at("input"), json.at("end")};
}

}  // namespace

ordered_json divergence_json(const Divergence& divergence) {
  return {{"kind", to_string(divergence.kind)},
          {"expected", json_of(divergence.expected)},
          {"actual", json_of(divergence.actual)},
          {"input", divergence.input},
          {"last_agreeing", json_of(divergence.last_agreeing)},
          {"operation", text_of(divergence.path)},
          {"ordinal", divergence.ordinal},
          {"unconsumed", divergence.unconsumed},
          {"execution", divergence.execution},
          {"invocation", divergence.invocation},
          {"shadow", divergence.shadow},
          {"cold", divergence.cold},
          {"advice", divergence.advice}};
}

Divergence divergence_from_json(const ordered_json& json) {
  Divergence divergence;
  divergence.kind = value_named(json.at("kind"), Divergence::Kind::another_end);
  divergence.expected = side_from(json.at("expected"));
  divergence.actual = side_from(json.at("actual"));
  divergence.input = json.at("input");
  divergence.last_agreeing = call_from(json.at("last_agreeing"));
  divergence.path = path_from(json.at("operation"));
  divergence.ordinal = json.at("ordinal");
  divergence.unconsumed = json.at("unconsumed");
  divergence.execution = json.at("execution");
  divergence.invocation = json.at("invocation");
  divergence.shadow = json.at("shadow");
  divergence.cold = json.value("cold", false);
  divergence.advice = json.at("advice");
  return divergence;
}

}  // namespace durasim
