#include <map>
#include <string>

#include "tools/conformance/handlers/registry.hpp"

/// The suite `wait`: one handler for each requirement, as its text describes it.
namespace conformance {
namespace {

using namespace std::chrono_literals;
using durable::Context;

void one_wait(Context& ctx) { ctx.wait("", 2s); }

void named_wait(Context& ctx) { ctx.wait("custom_wait_name", 2s); }

std::map<std::string, int> two_waits(Context& ctx) {
  ctx.wait("wait-1", 2s);
  ctx.wait("wait-2", 2s);
  return {{"completedWaits", 2}};
}

void one_minute(Context& ctx) { ctx.wait("", 1min); }

void one_hour(Context& ctx) { ctx.wait("", 1h); }

}  // namespace

std::span<const Registration> wait_handlers() {
  static const Registration handlers[] = {
      {"2-1", plain(one_wait)},   {"2-2", plain(named_wait)}, {"2-3", plain(two_waits)},
      {"2-4", plain(one_minute)}, {"2-5", plain(one_hour)},
  };
  return handlers;
}

}  // namespace conformance
