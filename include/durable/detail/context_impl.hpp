#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <durable/context.hpp>
#include <durable/serdes.hpp>

namespace durable::detail {

/// Says whose result could not be converted: that of a "step", say.
[[noreturn]] void unreadable_result(const Name& name, const SerDesError& error,
                                    const char* what = "step");

/// Whether what a body returns can be recorded.
template <class Returned>
struct Recordable {
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
  static Result unrecordable();  // never defined
};

/// What a body returns, how to call it, and whether the result can be recorded at all. The answers are
/// asserted one by one in Context::step, so that a mistake is one sentence of the compiler's.
template <class Body>
struct StepCallable {
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
};

/// What a step's body returns, how to call it, and whether the result can be recorded at all. The
/// answers are asserted one by one in Context::step, so that a mistake is one sentence of the
/// compiler's.
template <class Body>
struct StepBody : StepCallable<Body>, Recordable<typename StepCallable<Body>::Returned> {
  using Recorded = Recordable<typename StepCallable<Body>::Returned>;
  static constexpr bool kIsRecordable =
      StepCallable<Body>::kIsCallable && Recorded::kIsValue && Recorded::kHasJson;

  static decltype(auto) call(Body& body, StepContext& step) {
    if constexpr (StepCallable<Body>::kTakesContext) {
      return body(step);
    } else {
      return body();
    }
  }
};

template <class Body>
struct ContextCallable {
  static constexpr bool kIsCallable = std::is_invocable_v<Body&, Context&>;

  static auto returned() {
    if constexpr (kIsCallable) {
      return std::type_identity<std::invoke_result_t<Body&, Context&>>{};
    } else {
      return std::type_identity<void>{};
    }
  }
  using Returned = typename decltype(returned())::type;
};

/// The same for the body of a child context.
template <class Body>
struct ContextBody : ContextCallable<Body>, Recordable<typename ContextCallable<Body>::Returned> {
  using Recorded = Recordable<typename ContextCallable<Body>::Returned>;
  static constexpr bool kIsRecordable =
      ContextCallable<Body>::kIsCallable && Recorded::kIsValue && Recorded::kHasJson;
};

template <class Body>
struct RetriedCallable {
  static constexpr bool kTakesAttempt = std::is_invocable_v<Body&, Context&, std::uint32_t>;
  static constexpr bool kIsCallable = kTakesAttempt || std::is_invocable_v<Body&, Context&>;

  static auto returned() {
    if constexpr (kTakesAttempt) {
      return std::type_identity<std::invoke_result_t<Body&, Context&, std::uint32_t>>{};
    } else if constexpr (kIsCallable) {
      return std::type_identity<std::invoke_result_t<Body&, Context&>>{};
    } else {
      return std::type_identity<void>{};
    }
  }
  using Returned = typename decltype(returned())::type;
};

/// The same for what is retried.
template <class Body>
struct RetriedBody : RetriedCallable<Body>, Recordable<typename RetriedCallable<Body>::Returned> {
  using Recorded = Recordable<typename RetriedCallable<Body>::Returned>;
  static constexpr bool kIsRecordable =
      RetriedCallable<Body>::kIsCallable && Recorded::kIsValue && Recorded::kHasJson;

  static decltype(auto) call(Body& body, Context& context, std::uint32_t attempt) {
    if constexpr (RetriedCallable<Body>::kTakesAttempt) {
      return body(context, attempt);
    } else {
      return body(context);
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

template <class Result, class Body>
Result Context::in_child(const Name& name, OperationSubType sub_type,
                         const ChildContextConfig& config, const OperationOptions& options,
                         const std::type_info& body_type, Body&& body) {
  const Serdes* const serdes = serdes_of(config);
  const Text recorded =
      run_child(name, sub_type, config.is_virtual, options, body_type, [&](Context& child) -> Text {
        if constexpr (std::is_void_v<Result>) {
          body(child);
          return Text("null");
        } else {
          const Result value = body(child);
          if (serdes != nullptr)
            return child.write_result(name, *serdes, detail::to_json_value(value));
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
      detail::unreadable_result(name, error, "child context");
    }
  }
}

template <class Body>
auto Context::run_in_child_context(const Name& name, Body&& body, const ChildContextConfig& config)
    -> typename detail::ContextBody<Body>::Result {
  using Child = detail::ContextBody<Body>;
  static_assert(Child::kIsCallable,
                "durable: the body of a child context is callable as body(durable::Context&)");
  static_assert(
      Child::kIsValue,
      "durable: the body of a child context must return a value, not a pointer, reference or "
      "view, because the result is recorded and outlives the process that made it");
  static_assert(
      Child::kHasJson,
      "durable: this type has no JSON conversion: add NLOHMANN_DEFINE_TYPE_INTRUSIVE to it, "
      "or give it to_json and from_json");
  if constexpr (!Child::kIsRecordable) {
    return Child::unrecordable();
  } else {
    return in_child<typename Child::Result>(name, OperationSubType::run_in_child_context, config,
                                            {}, typeid(std::remove_cvref_t<Body>), body);
  }
}

template <class Body>
auto Context::with_retry(const Name& name, Body&& body, const WithRetryConfig& config) ->
    typename detail::RetriedBody<Body>::Result {
  using Retried = detail::RetriedBody<Body>;
  using Result = typename Retried::Result;
  static_assert(Retried::kIsCallable,
                "durable: what with_retry retries is callable as body(durable::Context&) or as "
                "body(durable::Context&, std::uint32_t attempt)");
  static_assert(
      Retried::kIsValue,
      "durable: what with_retry retries must return a value, not a pointer, reference or view, "
      "because the result is recorded and outlives the process that made it");
  static_assert(
      Retried::kHasJson,
      "durable: this type has no JSON conversion: add NLOHMANN_DEFINE_TYPE_INTRUSIVE to it, "
      "or give it to_json and from_json");
  if constexpr (!Retried::kIsRecordable) {
    return Retried::unrecordable();
  } else {
    const auto attempts = [&](Context& context) -> Result {
      if constexpr (std::is_void_v<Result>) {
        context.retry(name, config.retry,
                      [&](std::uint32_t attempt) { Retried::call(body, context, attempt); });
      } else {
        std::optional<Result> value;
        context.retry(name, config.retry, [&](std::uint32_t attempt) {
          value.emplace(Retried::call(body, context, attempt));
        });
        return *std::move(value);
      }
    };
    if (!config.in_child_context) return attempts(*this);
    return in_child<Result>(name, OperationSubType::with_retry, {}, {.retry = &config.retry},
                            typeid(std::remove_cvref_t<Body>), attempts);
  }
}

}  // namespace durable
