#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

#include "handlers/sound/all.hpp"

/// A handler without a bug raises no alarm, whatever is done to it.
namespace sound_handlers {

class SoundHandlers : public testing::TestWithParam<sound::Entry> {};

TEST_P(SoundHandlers, NeverRaiseAnAlarmUnderAnyTwoFaults) {
  const durasim::Verification result = durasim::verify(
      GetParam().scenario,
      {.max_faults = 2, .faults = GetParam().faults, .name = "sound-twice/" + GetParam().name});
  EXPECT_EQ(result.verdict, durasim::Verdict::holds) << result.report();
  EXPECT_GT(result.runs, 100U);
}

INSTANTIATE_TEST_SUITE_P(Every, SoundHandlers, testing::ValuesIn(sound::all()),
                         [](const auto& entry) { return entry.param.name; });

}  // namespace sound_handlers
