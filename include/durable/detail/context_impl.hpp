#pragma once

#include <type_traits>
#include <typeinfo>
#include <utility>

#include <durable/context.hpp>
#include <durable/serdes.hpp>

namespace durable::detail {

/// Says whose result could not be converted.
[[noreturn]] void unreadable_result(const Name& name, const SerDesError& error);

/// What a body returns, how to call it, and whether the result can be recorded at all. The answers are
/// asserted one by one in Context::step, so that a mistake is one sentence of the compiler's.
template <class Body>
struct StepBody {
  static constexpr bool kTakesContext = std::is_invocable_v<Body&, StepContext&>;
  static constexpr bool kIsCallable = kTakesContext || std::is_invocable_v<Body&>;

  static auto returned() {
    if constexpr (kTakesContext) {
      return std::type_identity<std::invoke_result_t<Body&, StepContext&>>{};
    } else if constexpr (kIsCallable) {
      return std::type_identity<std::invoke_result_t<Body&>>{};
    } else {
      return std::type_identity<void>{};
    }
  }
  using Returned = typename decltype(returned())::type;
  using Result = std::remove_cv_t<Returned>;

  static constexpr bool kIsValue =
      !std::is_pointer_v<Result> && !std::is_reference_v<Returned> && !kHoldsView<Result>;
  static constexpr bool kHasJson = [] {
    if constexpr (std::is_void_v<Result> || !kIsValue) {
      return true;
    } else {
      return Serializable<Result>;
    }
  }();
  static constexpr bool kIsRecordable = kIsCallable && kIsValue && kHasJson;
  static Result unrecordable();  // never defined

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
  using Step = detail::StepBody<Body>;
  using Result = typename Step::Result;
  static_assert(Step::kIsCallable,
                "durable: a step's body is callable as body() or as body(durable::StepContext&)");
  static_assert(
      Step::kIsValue,
      "durable: a step's body must return a value, not a pointer, reference or view, because "
      "the result is recorded and outlives the process that made it");
  static_assert(
      Step::kHasJson,
      "durable: this type has no JSON conversion: add NLOHMANN_DEFINE_TYPE_INTRUSIVE to it, "
      "or give it to_json and from_json");
  if constexpr (!Step::kIsRecordable) {
    return Step::unrecordable();
  } else {
    const Serdes* const serdes = serdes_of(config);
    const Text recorded =
        run_step(name, config, typeid(std::remove_cvref_t<Body>), [&](StepContext& step) -> Text {
          if constexpr (std::is_void_v<Result>) {
            Step::call(body, step);
            return Text("null");
          } else {
            const Result value = Step::call(body, step);
            if (serdes != nullptr) return step.write_result(*serdes, detail::to_json_value(value));
            try {
              return Text(serialize<Result>(value));
            } catch (const SerDesError& error) {
              throw detail::UnserializableResult{error.what()};
            }
          }
        });
    if constexpr (!std::is_void_v<Result>) {
      try {
        if (serdes != nullptr)
          return detail::converted<Result>(read_step(name, *serdes, recorded), {});
        return deserialize<Result>(recorded.view());
      } catch (const SerDesError& error) {
        detail::unreadable_result(name, error);
      }
    }
  }
}

}  // namespace durable
