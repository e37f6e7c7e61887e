#include <charconv>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/conformance/handlers/registry.hpp"

/// The suite `callback`: one handler for each requirement, as its text describes it.
namespace conformance {
namespace {

using namespace std::chrono_literals;
using durable::Callback;
using durable::CallbackConfig;
using durable::Context;

std::string named_by_the_input(Context& ctx, const std::string& name) {
  return ctx.create_callback(name).get();
}

std::string approval(Context& ctx) { return ctx.create_callback("approval").get(); }

auto configured(const CallbackConfig& config) {
  return plain([config](Context& ctx, const std::string& name) {
    return ctx.create_callback(name, config).get();
  });
}

auto with_a_step(const CallbackConfig& config) {
  return plain([config](Context& ctx, const std::string& name) {
    const Callback<> callback = ctx.create_callback(name, config);
    ctx.step("work", [] { return std::string("done"); });
    return callback.get();
  });
}

auto with_a_wait(const CallbackConfig& config, std::chrono::seconds duration) {
  return plain([config, duration](Context& ctx, const std::string& name) {
    const Callback<> callback = ctx.create_callback(name, config);
    ctx.wait("pause", duration);
    return callback.get();
  });
}

std::string before_a_wait(Context& ctx, const std::string& name) {
  std::string result = ctx.create_callback(name).get();
  ctx.wait("pause", 2s);
  return result;
}

std::string caught_failure(Context& ctx, const std::string& name) {
  std::string result;
  try {
    result = ctx.create_callback(name).get();
  } catch (const durable::CallbackExternalError& error) {
    result = error.error_message();
  }
  ctx.wait("pause", 2s);
  return result;
}

std::string caught_timeout(Context& ctx, const std::string& name) {
  std::string result;
  try {
    result = ctx.create_callback(name, {.timeout = 3s}).get();
  } catch (const durable::CallbackTimeoutError& error) {
    result = error.error_type();
  }
  ctx.wait("pause", 2s);
  return result;
}

/// Seconds since the Unix epoch of "2026-01-01T00:00:00.000Z".
std::int64_t seconds_of(const std::string& date) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  if (std::sscanf(date.c_str(), "%d-%u-%uT%d:%d:%d", &year, &month, &day, &hours, &minutes,
                  &seconds) != 6)
    throw std::invalid_argument("not a date: " + date);
  const std::chrono::sys_days midnight(std::chrono::year(year) / std::chrono::month(month) /
                                       std::chrono::day(day));
  const auto time = midnight + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
                    std::chrono::seconds(seconds);
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

/// Reads an object, and the date in it as seconds.
class WithDate final : public durable::Serdes {
 public:
  nlohmann::json deserialize(std::string_view text,
                             const durable::SerdesContext& context) const override {
    nlohmann::json value = Serdes::deserialize(text, context);
    value["timestamp"] = seconds_of(value.at("timestamp").get<std::string>());
    return value;
  }
};

struct Message {
  std::string id;
  std::string message;
  std::int64_t timestamp = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Message, id, message, timestamp)
};

nlohmann::json with_date(Context& ctx, const std::string& name) {
  const CallbackConfig config{.serdes = std::make_shared<WithDate>()};
  return {{"received", ctx.create_callback<Message>(name, config).get()}};
}

/// Reads a whole number.
class Number final : public durable::Serdes {
 public:
  nlohmann::json deserialize(std::string_view text, const durable::SerdesContext&) const override {
    int number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size())
      throw std::invalid_argument("not a number: " + std::string(text));
    return number;
  }
};

nlohmann::json with_number(Context& ctx, const std::string& name) {
  const CallbackConfig config{.serdes = std::make_shared<Number>()};
  const int count = ctx.create_callback<int>(name, config).get();
  return {{"count", count}, {"doubled", 2 * count}};
}

using Names = std::vector<std::string>;
using Results = std::vector<std::string>;

Results one_after_the_other(Context& ctx, const Names& names) {
  std::string first = ctx.create_callback(names.at(0)).get();
  std::string second = ctx.create_callback(names.at(1)).get();
  return {std::move(first), std::move(second)};
}

Results both_at_once(Context& ctx, const Names& names) {
  const Callback<> a = ctx.create_callback(names.at(0));
  const Callback<> b = ctx.create_callback(names.at(1));
  std::string first = a.get();
  std::string second = b.get();
  return {std::move(first), std::move(second)};
}

Results both_the_other_way_round(Context& ctx, const Names& names) {
  const Callback<> a = ctx.create_callback(names.at(0));
  const Callback<> b = ctx.create_callback(names.at(1));
  std::string second = b.get();
  std::string first = a.get();
  return {std::move(first), std::move(second)};
}

}  // namespace

std::span<const Registration> callback_handlers() {
  static const Registration handlers[] = {
      {"4-1", plain(named_by_the_input)},
      {"4-2", plain(approval)},
      {"4-3", configured({.timeout = 5s})},
      {"4-4", configured({.heartbeat_timeout = 5s})},
      {"4-5", configured({.heartbeat_timeout = 10s})},
      {"4-6", plain(named_by_the_input)},
      {"4-7", with_a_step({})},
      {"4-8", with_a_step({.timeout = 5s})},
      {"4-9", with_a_wait({}, 5s)},
      {"4-10", with_a_wait({}, 5s)},
      {"4-11", with_a_wait({.timeout = 3s}, 6s)},
      {"4-12", plain(before_a_wait)},
      {"4-13", plain(caught_failure)},
      {"4-14", plain(caught_timeout)},
      {"4-15", plain(with_date)},
      {"4-16", plain(with_number)},
      {"4-17", plain(one_after_the_other)},
      {"4-18", plain(both_at_once)},
      {"4-19", plain(both_the_other_way_round)},
  };
  return handlers;
}

}  // namespace conformance
