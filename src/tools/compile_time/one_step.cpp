// A handler with one step; .ci/compile-time measures what instantiating it costs.
#include <durable/durable.hpp>

int one_step(durable::Context& ctx);
int one_step(durable::Context& ctx) {
  return ctx.step("answer", [] { return 42; });
}
