#pragma once

#include <memory>
#include <source_location>
#include <string>
#include <type_traits>

#include <nlohmann/json_fwd.hpp>

#include <durable/model.hpp>
#include <durable/name.hpp>
#include <durable/serdes.hpp>
#include <durable/whole_seconds.hpp>

namespace durable {

class Context;

namespace detail {

/// Errors:  ValidationError for what the service would refuse.
void check_callback(const Name& name, WholeSeconds timeout, WholeSeconds heartbeat_timeout);

/// A callback, whatever the type of its result.
class CallbackHandle {
 public:
  CallbackHandle(const Context& context, OperationPath path, const Name& name, std::string id,
                 std::shared_ptr<const Serdes> serdes);

  const std::string& id() const { return id_; }
  const Serdes* serdes() const { return serdes_.get(); }
  /// Suspends the execution until the callback is over. Absent where it was completed with nothing.
  Text wait() const;
  /// What the serdes makes of that.
  nlohmann::json read(const Text& sent) const;
  [[noreturn]] void unreadable(const SerDesError& error) const;

 private:
  Name name() const { return Name(name_, where_); }

  const Context* context_;
  OperationPath path_;
  std::string name_;
  std::source_location where_;
  std::string id_;
  std::shared_ptr<const Serdes> serdes_;
};

}  // namespace detail

/// Something that the outside is to complete: a person's approval, say. Made by
/// Context::create_callback; valid while the handler runs. Copies are the same callback.
/// Source:  docs/reference/callback.md
template <class T>
class Callback {
 public:
  /// By which the outside names it. Made by the service, the same on every replay.
  const std::string& id() const { return handle_.id(); }

  /// Suspends the execution until the outside has completed the callback, and returns what it sent.
  /// Shape:   a std::string is the text as it was sent, any other T is read from it as JSON; nothing
  ///          sent is JSON null, and for a std::string the empty text.
  /// Replay:  returns at once when the callback is over; a failure is thrown again.
  /// Errors:  CallbackExternalError, CallbackTimeoutError; SerDesError for a text that is no T.
  T get() const;

 private:
  friend class Context;
  explicit Callback(detail::CallbackHandle handle) : handle_(std::move(handle)) {}
  detail::CallbackHandle handle_;
};

}  // namespace durable

#include <durable/detail/callback_impl.hpp>  // IWYU pragma: keep
