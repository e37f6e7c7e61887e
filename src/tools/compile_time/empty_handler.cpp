// What a handler pays for the SDK before it does anything; .ci/compile-time measures it.
#include <durable/durable.hpp>

int empty_handler(durable::Context&);
int empty_handler(durable::Context&) { return 0; }
