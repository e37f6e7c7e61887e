#include <gtest/gtest.h>

#include <durasim/gtest.hpp>

#include "handlers/sound/all.hpp"

/// A tool that cries wolf is switched off: with the guard, every hostile fault and every odd date, no
/// oracle fires on a sound handler.
namespace sound_handlers_test {

using durasim::Fault;
using durasim::FaultModel;

class SoundHandler : public testing::TestWithParam<sound::Entry> {};

/// All that can befall a handler in one run, and when that run can begin.
FaultModel everything() {
  FaultModel faults = FaultModel::hostile();
  for (const Fault moment : FaultModel::calendar().faults()) faults = faults.with({moment});
  return faults;
}

TEST_P(SoundHandler, HasNoFindingWithEverythingSwitchedOn) {
  const auto verification = durasim::verify(
      GetParam().scenario, {.max_faults = 1, .faults = everything(), .name = GetParam().name});
  EXPECT_THAT(verification, durasim::Holds());
}

TEST_P(SoundHandler, HasNoFindingInColdProcessesEither) {
  const auto verification = durasim::verify(
      GetParam().scenario, {.max_faults = 0,
                            .faults = everything(),
                            .name = GetParam().name,
                            .simulation = {.cold_replays = durasim::ColdReplays::always}});
  EXPECT_THAT(verification, durasim::Holds());
}

INSTANTIATE_TEST_SUITE_P(Guard, SoundHandler, testing::ValuesIn(sound::all()),
                         [](const auto& about) { return about.param.name; });

}  // namespace sound_handlers_test
