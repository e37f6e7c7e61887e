#include "replay_gives_the_same_result.hpp"

#include "generators/cases.hpp"

namespace properties {

TEST(PropertyReplayGivesTheSameResult, NoOracleHasAnythingToSay) {
  generated::expect_to_hold(&every_oracle_is_silent);
}

TEST(PropertyReplayGivesTheSameResult, NoOracleHasAnythingToSayAboutRareFaults) {
  generated::expect_to_hold(&every_oracle_is_silent_about_rare_faults);
}

TEST(PropertyReplayGivesTheSameResult, AgainstEveryPrefixOfTheRecord) {
  generated::expect_to_hold(&replay_gives_the_same_result);
}

}  // namespace properties
