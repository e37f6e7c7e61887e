#include <utility>

#include <durasim/framework.hpp>

#include "durable/sdk/recorded_failure.hpp"
#include "durasim/sim/invocation.hpp"

/// Functions that are not durable. What runs of them is one body without a record, which is exposed to
/// what befalls bodies; whether it runs again is decided as for any invocation that failed.
namespace durasim {
namespace {

constexpr const char* kTooLarge =
    "Response payload size exceeded maximum allowed payload size (6291556 bytes).";

/// For as long as it lives, `body` is what runs.
class Running {
 public:
  Running(const durable::BodyCall*& slot, const durable::BodyCall& body) : slot_(slot) {
    slot_ = &body;
  }
  ~Running() { slot_ = nullptr; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  const durable::BodyCall*& slot_;
};

durable::BodyOutcome call(const detail::ErasedFunction& function, const durable::Text& input,
                          const durable::Engine& engine) {
  try {
    durable::Text result = function(input);
    if (result.view().size() <= durable::kResponseLimitBytes) return {std::move(result), nullptr};
    return {{},
            std::make_shared<durable::ErrorObject>(
                durable::ErrorObject{"Function.ResponseSizeTooLarge", kTooLarge})};
  } catch (...) {
    if (engine.unwinding() || is_test_abort(std::current_exception())) throw;
    return {
        {},
        std::make_shared<durable::ErrorObject>(durable::current_exception_error("the function"))};
  }
}

}  // namespace

void World::publish_plain(std::string name, detail::ErasedFunctionFactory factory) {
  const auto sandbox = [this, name, factory = std::move(factory)]() -> detail::ErasedHandler {
    return [this, name, function = factory()](durable::Context&, const durable::Text& input) {
      return current_->run_plain(name, input, function);
    };
  };
  functions_[std::move(name)] = {.factory = sandbox, .plain = true};
}

bool World::is_plain(std::uint32_t execution) const {
  return functions_.at(service_.execution(execution).function).plain;
}

durable::Text Invocation::run_plain(std::string_view name, const durable::Text& input,
                                    const detail::ErasedFunction& function) {
  durable::BodyCall body;  // of the execution itself, which has no attempts but the first
  body.name = name;
  durable::BodyOutcome outcome;
  const auto run = [&] {
    body_started(body);
    {
      const Running running(plain_, body);
      outcome = call(function, input, engine_);
      if (engine_.unwinding()) engine_.park_body();  // it has swallowed its own crash: no further
    }
    body_ended(body, outcome.value, outcome.error);
  };
  if (run_body(body, run, outcome) != durable::Fate::ok) engine_.die();
  if (outcome.error) throw durable::RecordedFailure{*outcome.error};
  return outcome.value;
}

}  // namespace durasim
