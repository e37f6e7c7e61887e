#include "durasim/core/threads.hpp"

#include <future>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "durasim/core/process_source.hpp"

namespace threads_test {

using durasim::ProcessSource;

std::string among_threads_in_child() {
  const auto answer = ProcessSource::ask_child(
      [](std::string_view, const ProcessSource::Tell& tell) {
        const auto in_its_child = ProcessSource::ask_child(
            [](std::string_view, const ProcessSource::Tell& say) {
              say(durasim::is_among_threads() ? "yes" : "no");
            },
            "", 60);
        tell(in_its_child ? in_its_child->said : "no process");
      },
      "", 60);
  return answer ? answer->said : "no process";
}

TEST(ProcessSourceBesideThreads, KnowsThemInAllProcessesThatComeFromIt) {
  EXPECT_FALSE(durasim::is_among_threads());
  EXPECT_EQ(among_threads_in_child(), "no");
  std::promise<void> end;
  std::thread other([ended = end.get_future()] { ended.wait(); });
  EXPECT_TRUE(durasim::is_among_threads());
  EXPECT_EQ(among_threads_in_child(), "yes");
  end.set_value();
  other.join();
}

}  // namespace threads_test
