#pragma once

#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <durable/context.hpp>
#include <durable/serdes.hpp>

namespace durable::detail {

template <class T>
inline constexpr bool kIsView = std::is_same_v<T, std::string_view> || requires { typename T::element_type; T::extent; };

/// Says whose result could not be converted.
[[noreturn]] void unreadable_result(const Name& name, const SerDesError& error);

template <class Body>
struct StepBody {
  static constexpr bool kTakesContext = std::is_invocable_v<Body&, StepContext&>;
  static_assert(kTakesContext || std::is_invocable_v<Body&>,
                "durable: a step's body is callable as body() or as body(durable::StepContext&)");

  static auto returned() {
    if constexpr (kTakesContext) {
      return std::type_identity<std::invoke_result_t<Body&, StepContext&>>{};
    } else {
      return std::type_identity<std::invoke_result_t<Body&>>{};
    }
  }
  using Returned = typename decltype(returned())::type;
  using Result = std::remove_cv_t<Returned>;

  static_assert(!std::is_pointer_v<Result> && !std::is_reference_v<Returned> && !kIsView<Result>,
                "durable: a step's body must return a value, not a pointer, reference or view, because "
                "the result is recorded and outlives the process that made it");

  static decltype(auto) call(Body& body, StepContext& step) {
    if constexpr (kTakesContext) {
      return body(step);
    } else {
      return body();
    }
  }
};

}  // namespace durable::detail

namespace durable {

template <class Body>
auto Context::step(const Name& name, Body&& body, const StepConfig& config) ->
    typename detail::StepBody<Body>::Result {
  using Result = typename detail::StepBody<Body>::Result;
  const Text recorded = run_step(
      name, config, typeid(std::remove_cvref_t<Body>), [&](StepContext& step) -> Text {
        if constexpr (std::is_void_v<Result>) {
          detail::StepBody<Body>::call(body, step);
          return Text("null");
        } else {
          const Result value = detail::StepBody<Body>::call(body, step);
          try {
            return Text(serialize<Result>(value));
          } catch (const SerDesError& error) {
            throw detail::UnserializableResult{error.what()};
          }
        }
      });
  if constexpr (!std::is_void_v<Result>) {
    try {
      return deserialize<Result>(recorded.view());
    } catch (const SerDesError& error) {
      detail::unreadable_result(name, error);
    }
  }
}

}  // namespace durable
