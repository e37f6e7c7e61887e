#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "tools/conformance/handlers/registry.hpp"

/// The suite `wait_for_callback`: one handler for each requirement, as its text describes it.
namespace conformance {
namespace {

using namespace std::chrono_literals;
using durable::Context;
using durable::WaitForCallbackConfig;

/// A submitter that tells nobody.
void submit(const std::string&) {}

std::string named_by_the_input(Context& ctx, const std::string& name) {
  return ctx.wait_for_callback(name, submit);
}

std::string approval(Context& ctx) { return ctx.wait_for_callback("approval", submit); }

std::string unnamed(Context& ctx) {
  return ctx.wait_for_callback("", [](const std::string&) {});
}

auto configured(const WaitForCallbackConfig& config) {
  return plain([config](Context& ctx, const std::string& name) {
    return ctx.wait_for_callback(name, submit, config);
  });
}

std::string caught_failure(Context& ctx, const std::string& name) {
  try {
    return ctx.wait_for_callback(name, submit);
  } catch (const durable::CallbackExternalError&) {
    return "recovered";
  }
}

std::string failing_submitter(Context& ctx, const std::string& name) {
  return ctx.wait_for_callback(
      name, [](const std::string&) { throw std::runtime_error("submission failed"); },
      {.retry = durable::retry::fixed(2, 1s)});
}

std::string in_a_child(Context& ctx, const std::string& name) {
  return ctx.run_in_child_context(
      "wrapper", [&](Context& child) { return child.wait_for_callback(name, submit); });
}

std::string one_after_the_other(Context& ctx) {
  ctx.wait_for_callback("first", submit);
  return ctx.wait_for_callback("second", submit);
}

std::string after_wait_and_step(Context& ctx, const std::string& name) {
  ctx.wait("pause", 1s);
  ctx.step("prepare", [] { return std::string("prepared"); });
  return ctx.wait_for_callback(name, submit);
}

struct Decision {
  std::string status;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Decision, status)
};

std::string read_as_json(Context& ctx, const std::string& name) {
  return ctx.wait_for_callback<Decision>(name, submit).status;
}

std::string caught_timeout(Context& ctx, const std::string& name) {
  try {
    return ctx.wait_for_callback(name, submit, {.timeout = 3s});
  } catch (const durable::CallbackTimeoutError&) {
    return "timed-out-handled";
  }
}

nlohmann::json nothing_sent(Context& ctx, const std::string& name) {
  return ctx.wait_for_callback<nlohmann::json>(name, submit);
}

}  // namespace

std::span<const Registration> wait_for_callback_handlers() {
  static const Registration handlers[] = {
      {"7-1", plain(named_by_the_input)},
      {"7-2", plain(approval)},
      {"7-3", plain(unnamed)},
      {"7-4", plain(named_by_the_input)},
      {"7-5", configured({.timeout = 3s})},
      {"7-6", plain(caught_failure)},
      {"7-7", plain(failing_submitter)},
      {"7-8", plain(in_a_child)},
      {"7-9", plain(one_after_the_other)},
      {"7-10", plain(after_wait_and_step)},
      {"7-11", plain(read_as_json)},
      {"7-12", configured({.heartbeat_timeout = 5s})},
      {"7-13", configured({.heartbeat_timeout = 10s})},
      {"7-14", plain(caught_timeout)},
      {"7-15", plain(nothing_sent)},
  };
  return handlers;
}

}  // namespace conformance
