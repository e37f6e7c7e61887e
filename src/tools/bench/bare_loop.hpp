#pragma once

#include <string>

/// The floor that our costs are compared with: checkpoint and replay on fibers with JSON payloads and
/// one crash point per protocol step, and nothing else. No service, no history, no oracles, no checks.
/// It may only get faster: a slower floor would flatter us.
namespace bare_loop {

/// A step, a wait of 60 s, a step.
std::string payment();
/// The same, and the first body runs twice because its result was lost in a crash.
std::string payment_crashed_once();
/// `count` steps in a row, each of which returns a number.
int steps(int count);
/// `count` times a step and a wait of a day: the handler is run again `count` times.
int daily_waits(int count);

}  // namespace bare_loop
