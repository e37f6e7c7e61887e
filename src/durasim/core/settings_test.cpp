#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/environment.hpp>

#include "durasim/core/testing.hpp"

/// Environment variables: what each accepts, what it is told where it does not, and the page.
namespace durasim::settings_test {

using namespace std::chrono_literals;
using durasim::core_testing::Variable;
using testing::HasSubstr;

Settings with(const char* name, const char* value) {
  const Variable variable(name, value);
  return settings_from_environment();
}

std::string refusal(const char* name, const char* value) {
  try {
    with(name, value);
  } catch (const EnvironmentError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Settings, AreAbsentWhereAVariableIsEmpty) {
  EXPECT_EQ(with("DURASIM_SEED", "").seed, std::nullopt);
  EXPECT_EQ(with("DURASIM_SHARD", "").shard, std::nullopt);
  EXPECT_EQ(with("DURASIM_OUT", "").out, std::filesystem::current_path() / "durasim-out");
}

TEST(Settings, TakeASeedAsANumberOrAsACommitId) {
  EXPECT_EQ(with("DURASIM_SEED", "18446744073709551615").seed, 18446744073709551615U);
  EXPECT_EQ(with("DURASIM_SEED", "0").seed, 0U);
  EXPECT_EQ(with("DURASIM_SEED", "0e0e1fd").seed, 0x0e0e1fdU);
  EXPECT_EQ(with("DURASIM_SEED", "AC73A3E2cf1e0b5d9999999999999999aaaaaaaa").seed,
            0xac73a3e2cf1e0b5dU);
  EXPECT_EQ(with("DURASIM_SEED", "1111111111222222222233333333334444444444").seed,
            0x1111111111222222U)
      << "too large for a number: a commit id that happens to have no letter";
}

TEST(Settings, TakeNumbersFoldersAndAShard) {
  EXPECT_EQ(with("DURASIM_RUNS", "10000").runs, 10'000U);
  EXPECT_EQ(with("DURASIM_SECONDS", "90").duration, 90s);
  EXPECT_EQ(with("DURASIM_SECONDS", "0.25").duration, 250ms);
  EXPECT_EQ(with("DURASIM_MAX_FAULTS", "0").max_faults, 0U);
  EXPECT_EQ(with("DURASIM_JOBS", "2").jobs, 2U);
  EXPECT_EQ(with("DURASIM_SHARD", "2/4").shard, (Shard{2, 4}));
  EXPECT_EQ(with("DURASIM_REPLAY", "/some/../file.json").replay, "/file.json");
  EXPECT_EQ(with("DURASIM_CORPUS", "corpus").corpus, std::filesystem::current_path() / "corpus");
}

TEST(Settings, NameTheVariableItsValueAndWhatIsAccepted) {
  EXPECT_EQ(refusal("DURASIM_RUNS", "many"),
            "the environment variable DURASIM_RUNS is \"many\"; accepted is a whole number from 1 "
            "on");
  const std::vector<std::pair<const char*, std::vector<const char*>>> refused = {
      {"DURASIM_SEED", {"main", "-1", "12 ", "abcdef", "0x12"}},
      {"DURASIM_RUNS", {"0", "-5", "1e6", "18446744073709551616"}},
      {"DURASIM_SECONDS", {"0", "-1", "60s", "nan", "inf", "1000000001"}},
      {"DURASIM_MAX_FAULTS", {"-1", "two", "4294967296"}},
      {"DURASIM_JOBS", {"0", "1025", "all"}},
      {"DURASIM_SHARD", {"0/4", "5/4", "1/0", "1", "/", "1/2/3", "a/b"}},
  };
  for (const auto& [name, values] : refused) {
    for (const char* value : values) {
      EXPECT_THAT(refusal(name, value),
                  HasSubstr(fmt::format("{} is \"{}\"; accepted is ", name, value)));
    }
  }
}

TEST(Shard, TakesEachItemOnce) {
  for (std::uint64_t item = 0; item < 20; ++item) {
    int taken = 0;
    for (std::uint32_t number = 1; number <= 3; ++number) taken += Shard{number, 3}.takes(item);
    EXPECT_EQ(taken, 1) << item;
  }
  EXPECT_TRUE(Shard{}.takes(7));
}

TEST(EnvironmentPage, ShowsTheTableOfVariables) {
  std::ifstream file(std::string(DURASIM_SOURCE_DIR) + "/docs/reference/environment.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  std::string table =
      "| variable | accepted | meaning | when it is not set | used by |\n|---|---|---|---|---|\n";
  for (const EnvironmentVariable& variable : environment_variables()) {
    table += fmt::format("| `{}` | {} | {} | {} | {} |\n", variable.name, variable.accepts,
                         variable.meaning, variable.when_unset, variable.used_by);
  }
  EXPECT_THAT(page, HasSubstr("\n" + table + "\n")) << "copy the table from here:\n" << table;
}

}  // namespace durasim::settings_test
