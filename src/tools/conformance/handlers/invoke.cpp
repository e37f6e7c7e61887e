#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/conformance/handlers/registry.hpp"

/// The suite `invoke`: one handler for each requirement, as its text describes it, and the functions that
/// they invoke.
namespace conformance {
namespace {

using namespace std::chrono_literals;
using durable::Context;
using nlohmann::json;

constexpr const char* kEcho = "echo";    // returns what it is given
constexpr const char* kError = "error";  // throws
constexpr const char* kSlow = "slow";    // returns what it is given, after two seconds

void publish_targets(durasim::Simulation& sim) {
  sim.function(kEcho, [](Context&, const json& input) { return input; });
  sim.function(kError, [](Context&, const json&) { throw std::runtime_error("target failed"); });
  sim.function(kSlow, [](Context& ctx, const json& input) {
    ctx.wait("work", 2s);
    return input;
  });
}

template <class Handler>
auto invoking(Handler handler) {
  return [handler](durasim::Simulation& sim) {
    publish_targets(sim);
    sim.function(kFunction, handler);
  };
}

json basic(Context& ctx, const json& input) { return ctx.invoke<json>("call", kEcho, input); }

struct Named {
  std::string name;
  std::string payload;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Named, name, payload)
};

std::string named(Context& ctx, const Named& input) {
  return ctx.invoke<std::string>(input.name, kEcho, input.payload);
}

void failed(Context& ctx) { ctx.invoke("call", kError, nullptr); }

std::string fallen_back(Context& ctx) {
  try {
    failed(ctx);
  } catch (const durable::InvokeError&) {
    return "fallback";
  }
  return "no failure";
}

std::size_t large(Context& ctx) {
  return ctx.invoke<std::string>("call", kEcho, std::string(250'000, 'x')).size();
}

struct Tenanted {
  std::string tenantId;
  std::string payload;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Tenanted, tenantId, payload)
};

std::string for_a_tenant(Context& ctx, const Tenanted& input) {
  return ctx.invoke<std::string>("call", kEcho, input.payload, {.tenant_id = input.tenantId});
}

std::string hello(Context& ctx) {
  return ctx.invoke<std::string>("call", kEcho, std::string("hello"));
}

std::string replayed(Context& ctx) {
  std::string result = hello(ctx);
  ctx.wait("pause", 1s);
  return result;
}

std::string rethrown(Context& ctx) {
  std::string caught;
  try {
    failed(ctx);
  } catch (const durable::InvokeError& error) {
    caught = error.error_message();
  }
  ctx.wait("pause", 1s);
  return caught;
}

std::string after_a_step(Context& ctx) {
  const std::string input = ctx.step("prepare", [] { return std::string("hello"); });
  return ctx.invoke<std::string>("call", kSlow, input);
}

std::string before_a_step(Context& ctx) {
  const std::string result = hello(ctx);
  return ctx.step("finish", [&] { return result + "!"; });
}

std::string in_a_child(Context& ctx) { return ctx.run_in_child_context("child", hello); }

std::vector<std::string> one_after_the_other(Context& ctx) {
  std::string first = ctx.invoke<std::string>("one", kEcho, std::string("first"));
  std::string second = ctx.invoke<std::string>("two", kSlow, std::string("second"));
  return {std::move(first), std::move(second)};
}

std::string upper_case(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

/// Writes the texts of an object in upper case.
class UpperCasePayload final : public durable::Serdes {
 public:
  std::string serialize(const json& value, const durable::SerdesContext& context) const override {
    json changed = value;
    for (json& member : changed) {
      if (member.is_string()) member = upper_case(member.get<std::string>());
    }
    return Serdes::serialize(changed, context);
  }
};

/// Reads the text itself, in upper case.
class UpperCaseResult final : public durable::Serdes {
 public:
  json deserialize(std::string_view text, const durable::SerdesContext&) const override {
    return upper_case(std::string(text));
  }
};

json converted_payload(Context& ctx, const json& input) {
  return ctx.invoke<json>("call", kEcho, input,
                          {.payload_serdes = std::make_shared<UpperCasePayload>()});
}

std::string converted_result(Context& ctx, const std::string& input) {
  return ctx.invoke<std::string>("call", kEcho, input,
                                 {.result_serdes = std::make_shared<UpperCaseResult>()});
}

}  // namespace

std::span<const Registration> invoke_handlers() {
  static const Registration handlers[] = {
      {"5-1", invoking(basic)},
      {"5-2", invoking(named)},
      {"5-3", invoking(basic)},
      {"5-4", invoking(basic)},
      {"5-5", invoking(failed)},
      {"5-6", invoking(fallen_back)},
      {"5-7", invoking(large)},
      {"5-8", invoking(for_a_tenant)},
      {"5-9", invoking(replayed)},
      {"5-10", invoking(rethrown)},
      {"5-11", invoking(after_a_step)},
      {"5-12", invoking(before_a_step)},
      {"5-13", invoking(in_a_child)},
      {"5-14", invoking(one_after_the_other)},
      {"5-15", invoking(converted_payload)},
      {"5-16", invoking(converted_result)},
  };
  return handlers;
}

}  // namespace conformance
