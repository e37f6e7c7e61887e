#pragma once

#include <durasim/schedule.hpp>

#include "durasim/core/packed.hpp"

/// Schedules between processes of one program.
namespace durasim {

inline void pack(PackedWriter& out, const Schedule::Choice& choice) {
  out.add(std::uint64_t{choice.position} << 32U | choice.alternative);
}

inline Schedule::Choice unpack_choice(PackedReader& in) {
  const std::uint64_t both = in.number();
  return {static_cast<std::uint32_t>(both >> 32U), static_cast<std::uint32_t>(both)};
}

inline void pack(PackedWriter& out, const Schedule& schedule) {
  out.add(schedule.choices.size());
  for (const Schedule::Choice& choice : schedule.choices) pack(out, choice);
}

inline Schedule unpack_schedule(PackedReader& in) {
  Schedule schedule;
  schedule.choices.resize(in.number());
  for (Schedule::Choice& choice : schedule.choices) choice = unpack_choice(in);
  return schedule;
}

}  // namespace durasim
