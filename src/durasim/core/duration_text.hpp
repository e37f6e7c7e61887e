#pragma once

#include <string>

#include <durasim/clock.hpp>

namespace durasim {

/// A span of virtual time for people: "0s", "1.5s", "60s", "2h 05m 00s", "30d 00h 00m 00s".
std::string duration_text(Duration duration);

}  // namespace durasim
