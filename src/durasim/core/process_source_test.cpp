#include "durasim/core/process_source.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace process_source_test {

using durasim::ProcessSource;

int counted = 0;

/// Does as the request says.
void serve(std::string_view request, const ProcessSource::Tell& tell) {
  tell(std::string(request) + " " + std::to_string(++counted));
  if (request == "exit") std::_Exit(3);
  if (request == "signal") ::kill(::getpid(), SIGTERM);
  if (request == "kill") ::kill(::getpid(), SIGKILL);
  if (request == "silence") ::pause();
  if (request == "throw") throw 1;
  tell(", done");
}

TEST(ProcessSource, MakesAProcessOfTheImageForEachRequest) {
  counted = 5;
  const ProcessSource source(&serve, 60);
  counted = 10;
  ASSERT_TRUE(source.is_own());
  for (int i = 0; i < 2; ++i) {
    const auto answer = source.ask("count");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->said, "count 6, done");
    EXPECT_EQ(answer->status, 0);
    EXPECT_FALSE(answer->silent);
  }
}

TEST(ProcessSource, SaysHowAProcessEndedAndWhatItHadSaidByThen) {
  counted = 0;
  const ProcessSource source(&serve, 60);
  const auto ended = source.ask("exit");
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->said, "exit 1");
  EXPECT_EQ(WEXITSTATUS(ended->status), 3);
  const auto killed = source.ask("signal");
  ASSERT_TRUE(killed.has_value());
  EXPECT_TRUE(WIFSIGNALED(killed->status));
  EXPECT_EQ(WTERMSIG(killed->status), SIGTERM);
  const auto short_of_memory = source.ask("kill");
  ASSERT_TRUE(short_of_memory.has_value());
  EXPECT_TRUE(WIFSIGNALED(short_of_memory->status));
  EXPECT_EQ(WTERMSIG(short_of_memory->status), SIGKILL);
  EXPECT_FALSE(short_of_memory->silent);
  const auto threw = source.ask("throw");
  ASSERT_TRUE(threw.has_value());
  EXPECT_EQ(threw->said, "throw 1");
  EXPECT_EQ(threw->status, 0);
}

TEST(ProcessSource, EndsAProcessThatHasNothingMoreToSay) {
  counted = 0;
  const auto answer = ProcessSource::ask_child(&serve, "silence", 1);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->said, "silence 1");
  EXPECT_TRUE(answer->silent);
}

TEST(ProcessSource, IsNotThatOfAProcessForkedFromItsOwn) {
  const ProcessSource source(&serve, 60);
  const auto in_child = ProcessSource::ask_child(
      [&](std::string_view, const ProcessSource::Tell& tell) {
        tell(source.is_own() ? "own" : "another's");
      },
      "", 60);
  ASSERT_TRUE(in_child.has_value());
  EXPECT_EQ(in_child->said, "another's");
}

}  // namespace process_source_test
