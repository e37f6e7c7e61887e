#pragma once

#include <typeinfo>

#include <nlohmann/json.hpp>

#include <durasim/simulation.hpp>

namespace durasim::detail {

/// An execution's input, parsed: a handler is given the same text at every invocation of every schedule.
struct ParsedInput {
  durable::Text text;
  const std::type_info* type = nullptr;
  nlohmann::json json;
};
/// nullptr where the text was not parsed for this type lately. Of this thread.
const ParsedInput* parsed_input(const durable::Text& text, const std::type_info& type);
void remember_input(ParsedInput parsed);

/// Makes a new object each time, as invocations do not share memory.
template <class Input>
Input decode_input(const durable::Text& text) {
  if constexpr (std::is_arithmetic_v<Input> || std::is_same_v<Input, std::string>) {
    return durable::deserialize<Input>(text.view());
  } else {
    if (const ParsedInput* known = parsed_input(text, typeid(Input))) {
      return durable::detail::from_json_value<Input>(known->json);
    }
    Input input = durable::deserialize<Input>(text.view());
    remember_input({text, &typeid(Input), nlohmann::json::parse(text.view())});
    return input;
  }
}

template <class Callable>
struct Signature : Signature<decltype(&Callable::operator())> {};
template <class Result, class... Arguments>
struct Signature<Result (*)(Arguments...)> {
  template <std::size_t I>
  using Argument = std::tuple_element_t<I, std::tuple<Arguments...>>;
  static constexpr std::size_t kArity = sizeof...(Arguments);
};
template <class Class, class Result, class... Arguments>
struct Signature<Result (Class::*)(Arguments...)> : Signature<Result (*)(Arguments...)> {};
template <class Class, class Result, class... Arguments>
struct Signature<Result (Class::*)(Arguments...) const> : Signature<Result (*)(Arguments...)> {};

template <class Callable>
concept HasOneSignature = requires { Signature<std::decay_t<Callable>>::kArity; };

/// The type of a handler's input; void where it takes none.
template <class Handler>
auto input_of() {
  using Described = Signature<std::decay_t<Handler>>;
  if constexpr (Described::kArity < 2) {
    return std::type_identity<void>{};
  } else {
    return std::type_identity<std::remove_cvref_t<typename Described::template Argument<1>>>{};
  }
}

template <class Input, class Handler>
durable::Text call(Handler& handler, durable::Context& context, const durable::Text& input) {
  const auto invoke = [&]() -> decltype(auto) {
    if constexpr (std::is_void_v<Input>) {
      return handler(context);
    } else {
      return handler(context, decode_input<Input>(input));
    }
  };
  if constexpr (std::is_void_v<decltype(invoke())>) {
    invoke();
    return durable::Text("null");
  } else {
    return durable::Text(durable::serialize(std::remove_cvref_t<decltype(invoke())>(invoke())));
  }
}

/// Runs a function that is not durable.
template <class Input, class Callable>
durable::Text call_plain(Callable& callable, const durable::Text& input) {
  const auto invoke = [&]() -> decltype(auto) {
    if constexpr (std::is_void_v<Input>) {
      return callable();
    } else {
      return callable(durable::deserialize<Input>(input.present() ? input.view() : "null"));
    }
  };
  if constexpr (std::is_void_v<decltype(invoke())>) {
    invoke();
    return durable::Text("null");
  } else {
    return durable::Text(durable::serialize(std::remove_cvref_t<decltype(invoke())>(invoke())));
  }
}

template <class Callable>
auto plain_input_of() {
  using Described = Signature<std::decay_t<Callable>>;
  if constexpr (Described::kArity == 0) {
    return std::type_identity<void>{};
  } else {
    return std::type_identity<std::remove_cvref_t<typename Described::template Argument<0>>>{};
  }
}

template <class Input, class Handler>
ErasedHandler erase(Handler handler) {
  return [handler = std::move(handler)](durable::Context& context,
                                        const durable::Text& input) mutable {
    return call<Input>(handler, context, input);
  };
}

/// `handler` with `config` for all of its operations.
ErasedHandler configured(ErasedHandler handler, const durable::HandlerConfig& config);

}  // namespace durasim::detail

namespace durasim {

template <class Handler>
void Simulation::function(std::string name, Handler handler, const FunctionOptions& options) {
  static_assert(detail::HasOneSignature<Handler>,
                "durasim: the input type of a generic handler cannot be deduced: write "
                "function<Input>(name, handler)");
  using Input = typename decltype(detail::input_of<Handler>())::type;
  function<Input>(std::move(name), std::move(handler), options);
}

template <class Input, class Handler>
void Simulation::function(std::string name, Handler handler, const FunctionOptions& options) {
  static_assert(std::is_copy_constructible_v<Handler>,
                "durasim: a cold start copies the handler, but this one cannot be copied: use "
                "function_factory");
  const auto factory = [handler = std::move(handler), config = options.handler] {
    return detail::configured(detail::erase<Input>(handler), config);
  };
  publish(std::move(name), factory, options);
}

template <class Callable>
void Simulation::plain_function(std::string name, Callable callable) {
  static_assert(
      detail::HasOneSignature<Callable>,
      "durasim: the input type of a generic function cannot be deduced: give its parameter "
      "a type");
  static_assert(std::is_copy_constructible_v<Callable>,
                "durasim: a cold start copies the function, but this one cannot be copied");
  using Input = typename decltype(detail::plain_input_of<Callable>())::type;
  publish_plain(std::move(name), [callable = std::move(callable)]() -> detail::ErasedFunction {
    return [callable](const durable::Text& input) mutable {
      return detail::call_plain<Input>(callable, input);
    };
  });
}

template <class Factory>
void Simulation::function_factory(std::string name, Factory factory,
                                  const FunctionOptions& options) {
  using Handler = std::invoke_result_t<Factory&>;
  using Input = typename decltype(detail::input_of<Handler>())::type;
  const auto make = [factory = std::move(factory), config = options.handler]() mutable {
    return detail::configured(
        [handler = std::make_shared<Handler>(factory())](durable::Context& context,
                                                         const durable::Text& input) {
          return detail::call<Input>(*handler, context, input);
        },
        config);
  };
  publish(std::move(name), make, options);
}

}  // namespace durasim
