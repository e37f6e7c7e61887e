#include <dirent.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <future>
#include <locale>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/gtest.hpp>
#include <durasim/guard.hpp>

#include "durasim/guard/other_library/stamp.hpp"

namespace guard_test {

using namespace std::chrono_literals;
using durable::Context;
using durable::StepContext;
using durasim::Finding;
using durasim::Oracle;
using durasim::Simulation;
using std::chrono::steady_clock;
using std::chrono::system_clock;
using testing::AllOf;
using testing::Contains;
using testing::EndsWith;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// What a handler does between two operations, so that it is replayed once.
std::vector<Finding> findings_of(std::int64_t (*code)()) {
  Simulation sim;
  sim.function("handler", [code](Context& ctx) {
    const std::int64_t value = code();
    ctx.wait("a while", 60s);
    return value;
  });
  sim.run("handler");
  return sim.findings().all();
}

std::int64_t machine_seconds() {
  timespec now{};
  ::syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  return now.tv_sec;
}

/// Not by a tail call, which would leave no frame.
std::int64_t stamp() {
  const auto now = system_clock::now();
  return now.time_since_epoch().count() / 1000;
}
constexpr unsigned kLineOfStamp = __LINE__ - 3;

TEST(Guard, IsActiveWhereItIsLinked) { EXPECT_TRUE(durasim::guard_is_active()); }

TEST(Guard, AClockReadOutsideAStepIsFoundWithItsLineAndWhatToDo) {
  const std::vector<Finding> findings = findings_of(&stamp);
  ASSERT_THAT(findings, Not(IsEmpty()));
  const Finding& finding = findings.front();
  EXPECT_EQ(finding.oracle, Oracle::hygiene);
  EXPECT_THAT(finding.what,
              AllOf(StartsWith("std::chrono::system_clock::now() is called by the handler outside "
                               "a step, at guard_test.cpp:"),
                    HasSubstr("stamp, called at guard_test.cpp:")));
  EXPECT_THAT(finding.file, EndsWith("guard_test.cpp"));
  EXPECT_EQ(finding.line, kLineOfStamp);
  EXPECT_THAT(finding.remedy, HasSubstr("inside a step"));
}

TEST(Guard, WhatFollowsFromAClockReadIsFoundTooAtOneInstant) {
  Simulation sim;
  sim.function("handler", [](Context& ctx) {
    const std::int64_t second = stamp() / 1'000'000;
    ctx.step("nothing", [] {});
    return second;
  });
  sim.run("handler");
  EXPECT_THAT(sim.findings().all(), Contains(Field(&Finding::oracle, Oracle::replay_agreement)));
  EXPECT_EQ(sim.findings().all().size(), 2U);
}

struct Source {
  const char* name;
  const char* callee;
  const char* remedy;
  std::int64_t (*code)();
};

void PrintTo(const Source& source, std::ostream* out) { *out << source.name; }

class SourceOfDifference : public testing::TestWithParam<Source> {};

TEST_P(SourceOfDifference, IsFoundInAHandler) {
  const std::vector<Finding> findings = findings_of(GetParam().code);
  ASSERT_THAT(findings, Not(IsEmpty()));
  const std::string& what = findings.front().what;
  EXPECT_THAT(what.substr(0, what.find(" is called by the handler outside a step, ")),
              HasSubstr(GetParam().callee));
  EXPECT_THAT(findings.front().what, HasSubstr("at guard_test.cpp:"));
  EXPECT_THAT(findings.front().remedy, HasSubstr(GetParam().remedy));
}

TEST_P(SourceOfDifference, IsNoFindingInABodyOrWhereItIsAllowed) {
  Simulation sim;
  sim.function("handler", [code = GetParam().code](Context& ctx) {
    ctx.step("body", code);
    const durasim::AllowNondeterminism logging;
    code();
    ctx.wait("a while", 60s);
    code();
  });
  EXPECT_TRUE(sim.run("handler").succeeded());
  EXPECT_THAT(sim.findings().all(), IsEmpty());
}

std::int64_t joined_thread() {
  std::int64_t result = 0;
  std::thread([&result] { result = 1; }).join();
  return result;
}

std::int64_t open_and_close(int file) {
  if (file >= 0) ::close(file);
  return file >= 0 ? 1 : 0;
}

/// To a socket without a listener: the answer is of no interest.
std::int64_t connects_to_nobody() {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "/nobody/listens"};
  const int result = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::close(socket);
  return result;
}

std::int64_t looks_up() {
  addrinfo* found = nullptr;
  addrinfo numeric{};
  numeric.ai_flags = AI_NUMERICHOST;
  const int result = ::getaddrinfo("127.0.0.1", nullptr, &numeric, &found);
  if (result == 0) ::freeaddrinfo(found);
  return result;
}

std::int64_t users_locale() {
  try {
    return std::locale("").name().empty() ? 0 : 1;
  } catch (const std::runtime_error&) {
    return -1;  // it is not installed
  }
}

extern "C" int __open_2(const char* path, int flags);

const Source kSources[] = {
    {"steady_clock", "std::chrono::steady_clock::now()", "step",
     [] { return std::int64_t{steady_clock::now().time_since_epoch().count()}; }},
    {"time", "time()", "started_at", [] { return std::int64_t{std::time(nullptr)}; }},
    {"clock", "clock()", "step", [] { return std::int64_t{std::clock()}; }},
    {"random_device", "std::random_device()", "StepContext::random()",
     [] { return std::int64_t{std::random_device()()}; }},
    {"named_random_device", "std::random_device()", "StepContext::random()",
     [] { return std::int64_t{std::random_device("rdrand")()}; }},
    {"rand", "rand()", "StepContext::random()", [] { return std::int64_t{std::rand()}; }},
    {"getentropy", "getentropy()", "StepContext::random()",
     [] {
       std::int64_t drawn = 0;
       return ::getentropy(&drawn, sizeof drawn) == 0 ? drawn : -1;
     }},
    {"getenv", "getenv()", "give it to the handler",
     [] { return std::int64_t{std::getenv("PATH") != nullptr}; }},
    {"sleep_for", "sleep", "ctx.wait",
     [] {
       std::this_thread::sleep_for(1ms);
       return std::int64_t{1};
     }},
    {"thread", "std::thread", "join them there", &joined_thread},
    {"ifstream", "std::basic_", "another machine",
     [] { return std::int64_t{std::ifstream("/proc/self/stat").good()}; }},
    {"exists", "std::filesystem::", "another machine",
     [] { return std::int64_t{std::filesystem::exists("/proc/self/stat")}; }},
    {"getpid", "getpid()", "another machine", [] { return std::int64_t{::getpid()}; }},
    {"connect", "connect()", "ask other systems", &connects_to_nobody},
    {"getaddrinfo", "getaddrinfo()", "ask other systems", &looks_up},
    {"opendir", "opendir()", "another machine",
     [] {
       DIR* const folder = ::opendir("/");
       return std::int64_t{folder != nullptr && ::closedir(folder) == 0};
     }},
    {"lstat", "lstat()", "another machine",
     [] {
       struct stat found{};
       return std::int64_t{::lstat("/", &found)};
     }},
    {"fopen", "fopen()", "another machine",
     [] {
       std::FILE* const file = std::fopen("/proc/self/stat", "r");
       return std::int64_t{file != nullptr && std::fclose(file) == 0};
     }},
    {"openat", "openat()", "another machine",
     [] { return open_and_close(::openat(AT_FDCWD, "/proc/self/stat", O_RDONLY)); }},
    {"fortified_open", "open()", "another machine",
     [] { return open_and_close(__open_2("/proc/self/stat", O_RDONLY)); }},
    {"access", "access()", "another machine",
     [] { return std::int64_t{::access("/proc/self/stat", R_OK)}; }},
    {"gethostname", "gethostname()", "another machine",
     [] {
       std::array<char, 256> name{};
       return std::int64_t{::gethostname(name.data(), name.size())};
     }},
    {"uname", "uname()", "another machine",
     [] {
       utsname machine{};
       return std::int64_t{::uname(&machine)};
     }},
    {"gettimeofday", "gettimeofday()", "step",
     [] {
       timeval now{};
       return std::int64_t{::gettimeofday(&now, nullptr)};
     }},
    {"timespec_get", "timespec_get()", "step",
     [] {
       timespec now{};
       return std::int64_t{std::timespec_get(&now, TIME_UTC)};
     }},
    {"getrandom", "getrandom()", "StepContext::random()",
     [] {
       std::int64_t drawn = 0;
       return std::int64_t{::getrandom(&drawn, sizeof drawn, 0)};
     }},
#if __GLIBC_PREREQ(2, 36)
    {"arc4random", "arc4random()", "StepContext::random()",
     [] { return std::int64_t{::arc4random()}; }},
    {"arc4random_buf", "arc4random_buf()", "StepContext::random()",
     [] {
       std::int64_t drawn = 0;
       ::arc4random_buf(&drawn, sizeof drawn);
       return drawn;
     }},
    {"arc4random_uniform", "arc4random_uniform()", "StepContext::random()",
     [] { return std::int64_t{::arc4random_uniform(6)}; }},
#endif
    {"drand48", "drand48()", "StepContext::random()",
     [] { return static_cast<std::int64_t>(::drand48() * 1000); }},
    {"lrand48", "lrand48()", "StepContext::random()", [] { return ::lrand48() / 2; }},
    {"mrand48", "mrand48()", "StepContext::random()", [] { return ::mrand48() / 2; }},
    {"usleep", "usleep()", "ctx.wait", [] { return std::int64_t{::usleep(1)}; }},
    {"poll", "poll()", "ctx.wait", [] { return std::int64_t{::poll(nullptr, 0, 1)}; }},
    {"select", "select()", "ctx.wait",
     [] {
       timeval time{0, 1};
       return std::int64_t{::select(0, nullptr, nullptr, nullptr, &time)};
     }},
    {"putenv", "putenv()", "give it to the handler",
     [] {
       static char entry[] = "GUARD_PUT=1";
       return std::int64_t{::putenv(entry)};
     }},
    {"async", "std::", "join them there",
     [] { return std::async(std::launch::async, [] { return std::int64_t{1}; }).get(); }},
    {"locale", "std::locale", "give it to the handler", &users_locale},
    {"library_clock", "std::chrono::system_clock::now()", "step", &other_library::stamp},
};

INSTANTIATE_TEST_SUITE_P(Guard, SourceOfDifference, testing::ValuesIn(kSources),
                         [](const auto& about) { return std::string(about.param.name); });

TEST(Guard, FollowsACallThroughAnotherLibrary) {
  const std::vector<Finding> findings = findings_of([] {
    std::int64_t sum = other_library::stamp();
    sum += other_library::number();
    return sum + static_cast<std::int64_t>(other_library::setting("PATH").size());
  });
  ASSERT_GE(findings.size(), 3U);
  EXPECT_THAT(findings[0].what, AllOf(HasSubstr("at stamp.cpp:"), HasSubstr("at guard_test.cpp:")));
  EXPECT_THAT(findings[1].what, StartsWith("std::random_device"));
  EXPECT_THAT(findings[2].what, StartsWith("getenv()"));
}

/// Listens for as long as it lives, at an address that is no file.
class Listener {
 public:
  Listener() : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    const sockaddr_un address = where();
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(socket_, 16) != 0)
      throw std::runtime_error("cannot listen");
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  static sockaddr_un where() {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    std::snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "durasim-guard-%ld",
                  ::syscall(SYS_getpid));
    return address;
  }

 private:
  int socket_;
};

/// 0, or why not.
std::int64_t connects() {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const sockaddr_un address = Listener::where();
  const int error =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0
                                                                                          : errno;
  ::close(socket);
  return error;
}

TEST(Guard, AnotherMachineAnswersAHandlerExceptWhereItIsReplayed) {
  const Listener listener;
  static std::vector<std::int64_t> answers;
  answers.clear();
  const std::vector<Finding> findings = findings_of([] {
    answers.push_back(connects());
    return answers.back();
  });
  EXPECT_THAT(answers, Contains(0));
  EXPECT_THAT(answers, Contains(ECONNREFUSED));
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_THAT(findings[0].what, StartsWith("connect() is called by the handler"));
  EXPECT_EQ(findings[1].oracle, Oracle::replay_agreement);
}

TEST(Guard, AnotherMachineAnswersABody) {
  const Listener listener;
  Simulation sim;
  sim.function("handler", [](Context& ctx) {
    const auto answer = ctx.step("connect", &connects);
    ctx.wait("a while", 60s);
    return answer;
  });
  EXPECT_THAT(sim.run("handler"), durasim::SucceededWith(0));
  EXPECT_THAT(sim.findings().all(), IsEmpty());
}

TEST(Guard, TheNameOfTheMachineShows) {
  const std::vector<Finding> findings = findings_of([] {
    utsname machine{};
    ::uname(&machine);
    return static_cast<std::int64_t>(std::string(machine.nodename).size());
  });
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[1].oracle, Oracle::replay_agreement);
}

TEST(Guard, ABodyThatPollsNothingSleeps) {
  Simulation sim;
  sim.function("handler", [](Context& ctx) {
    ctx.step("polls", [] { ::poll(nullptr, 0, 5000); });
    ctx.step("selects", [] {
      timeval time{7, 0};
      ::select(0, nullptr, nullptr, nullptr, &time);
    });
  });
  EXPECT_EQ(sim.run("handler").elapsed(), 12s);
}

TEST(Guard, BodiesSeeTheTimeOfTheSimulation) {
  Simulation sim;
  std::vector<system_clock::time_point> seen;
  std::vector<steady_clock::time_point> steady;
  const auto look = [&] {
    seen.push_back(system_clock::now());
    steady.push_back(steady_clock::now());
  };
  sim.function("handler", [&](Context& ctx) {
    ctx.step("first", look);
    ctx.wait("a day", 24h);
    ctx.step("second", look);
  });
  EXPECT_TRUE(sim.run("handler").succeeded());
  ASSERT_EQ(seen.size(), 2U);
  const auto start = durasim::SimulationOptions().start.time_since_epoch();
  EXPECT_EQ(std::chrono::floor<std::chrono::seconds>(seen[0].time_since_epoch()), start);
  EXPECT_EQ(seen[1] - seen[0], 24h);
  EXPECT_EQ(steady[1] - steady[0], 24h);
  EXPECT_THAT(sim.findings().all(), IsEmpty());
}

TEST(Guard, BodiesDrawFromTheSeed) {
  const auto drawn = [](std::uint64_t seed) {
    Simulation sim({.seed = seed});
    std::vector<std::uint32_t> numbers;
    sim.function("handler", [&](Context& ctx) {
      for (int i = 0; i < 2; ++i)
        ctx.step("draw", [&] { numbers.push_back(std::random_device()()); });
    });
    sim.run("handler");
    return numbers;
  };
  const auto numbers = drawn(1);
  ASSERT_EQ(numbers.size(), 2U);
  EXPECT_NE(numbers[0], numbers[1]);
  EXPECT_EQ(drawn(1), numbers);
  EXPECT_NE(drawn(2), numbers);
}

TEST(Guard, ABodyThatSleepsTakesVirtualTime) {
  Simulation sim;
  steady_clock::duration slept{};
  sim.function("handler", [&](Context& ctx) {
    ctx.step("slow", [&] {
      const auto before = steady_clock::now();
      std::this_thread::sleep_for(30s);
      std::this_thread::sleep_until(steady_clock::now() + 10s);
      slept = steady_clock::now() - before;
    });
  });
  EXPECT_EQ(sim.run("handler").elapsed(), 40s);
  EXPECT_EQ(std::chrono::round<std::chrono::seconds>(slept), 40s);
}

TEST(Guard, ABodyThatSleepsBeyondTheInvocationTimeoutIsInterrupted) {
  Simulation sim;
  sim.function("handler",
               [](Context& ctx) {
                 ctx.step("slow", [](StepContext& step) {
                   if (step.attempt() == 1 && step.now() < durasim::SimulationOptions().start + 1s)
                     ::sleep(100);
                 });
               },
               {.invocation_timeout = 60s});
  const auto run = sim.run("handler");
  EXPECT_TRUE(run.succeeded());
  EXPECT_EQ(run.elapsed(), 60s);
}

TEST(Guard, ALoopThatWaitsForTheClockEnds) {
  Simulation sim;
  sim.function("handler", [](Context& ctx) {
    ctx.step("spins", [] {
      const auto until = system_clock::now() + 5s;
      while (system_clock::now() < until) {
      }
    });
  });
  EXPECT_TRUE(sim.run("handler").succeeded());
}

TEST(Guard, ABodyMayWaitForAnotherThreadWithATimeout) {
  Simulation sim;
  sim.function("handler", [](Context& ctx) {
    ctx.wait("a day", 24h);
    return ctx.step("waits", [] {
      std::mutex mutex;
      std::condition_variable changed;
      std::unique_lock lock(mutex);
      const auto before = steady_clock::now();
      const bool timed_out = changed.wait_for(lock, 20ms) == std::cv_status::timeout;
      return timed_out && steady_clock::now() - before >= 20ms;
    });
  });
  const auto run = sim.run("handler");
  EXPECT_THAT(run, durasim::SucceededWith(true));
  EXPECT_EQ(run.elapsed(), 24h + 20ms);
}

/// Only where a fault has the body run twice: which is found in the process that explores that fault.
void asks_after_a_repetition(Simulation& sim) {
  auto& runs = sim.make<int>(0);
  sim.function("handler", [&runs](Context& ctx) {
    ctx.step("body", [&runs] { ++runs; });
    return runs > 1 ? stamp() : 0;
  });
  sim.run("handler");
}

TEST(Guard, TellsTheSamePlacesInAnyNumberOfProcesses) {
  const auto found_by = [](std::uint32_t jobs) {
    const auto verification = durasim::verify(
        &asks_after_a_repetition,
        {.max_faults = 1,
         .jobs = jobs,
         .name = "jobs",
         .simulation = {.oracles = durasim::OracleSet::none().with(Oracle::hygiene)}});
    return verification.findings.empty() ? std::string() : verification.findings.front().what;
  };
  const std::string found = found_by(2);
  EXPECT_THAT(found, HasSubstr("stamp, called at guard_test.cpp:"));
  EXPECT_EQ(found, found_by(1));
}

TEST(Guard, AMutexHeldAcrossADurableCallIsFoundWhereTheTestWouldHang) {
  const auto verification = durasim::verify(
      [](Simulation& sim) {
        auto& mutex = sim.make<std::mutex>();
        sim.function("handler", [&](Context& ctx) {
          const std::lock_guard lock(mutex);
          ctx.step("charge", [] {});
        });
        sim.run("handler");
      },
      {.max_faults = 1, .faults = durasim::FaultModel::hostile(), .name = "held_mutex"});
  ASSERT_EQ(verification.verdict, durasim::Verdict::refuted) << verification;
  const Finding& finding = verification.findings.front();
  EXPECT_EQ(finding.oracle, Oracle::hygiene);
  EXPECT_THAT(finding.what, AllOf(HasSubstr("waits for ever"), HasSubstr("at guard_test.cpp:")));
  EXPECT_THAT(finding.remedy, HasSubstr("inside the body of a step"));
}

TEST(Guard, AMutexThatABodyLocksTwiceIsFoundAndNobodyElseIsBlamed) {
  Simulation sim;
  std::mutex mutex;
  sim.function("handler", [&](Context& ctx) {
    ctx.step("charge", [&] {
      const std::lock_guard once(mutex);
      const std::lock_guard twice(mutex);
    });
  });
  sim.run("handler");
  ASSERT_THAT(sim.findings().all(), Not(IsEmpty()));
  EXPECT_THAT(sim.findings().all().front().what,
              HasSubstr("waits for ever: the mutex is held already on this thread, as by"));
}

TEST(Guard, MutexesOfBodiesAndHandlersAreTaken) {
  Simulation sim;
  std::mutex mutex;
  int locked = 0;
  const auto take = [&] {
    const std::lock_guard lock(mutex);
    ++locked;
  };
  sim.function("handler", [&](Context& ctx) {
    take();
    ctx.step("body", [&] { std::thread(take).join(); });
  });
  EXPECT_TRUE(sim.run("handler").succeeded());
  EXPECT_EQ(locked, 3);  // the first one in a shadow replay too
  EXPECT_THAT(sim.findings().all(), IsEmpty());
}

TEST(Guard, LeavesBodiesToTheMachineIfToldSo) {
  Simulation sim({.guard_bodies = false});
  std::int64_t seen = 0;
  sim.function("handler",
               [&](Context& ctx) { ctx.step("look", [&] { seen = std::time(nullptr); }); });
  sim.run("handler");
  EXPECT_NEAR(static_cast<double>(seen), static_cast<double>(machine_seconds()), 10);
}

TEST(Guard, LeavesTestsToTheMachine) {
  const auto is_machines = [](std::int64_t seconds) {
    return std::abs(seconds - machine_seconds()) < 10;
  };
  EXPECT_TRUE(is_machines(std::time(nullptr)));
  Simulation sim;
  std::int64_t in_action = 0;
  sim.at(30s, [&] { in_action = std::time(nullptr); });
  sim.function("handler", [](Context& ctx) { ctx.wait("a while", 60s); });
  sim.run("handler");
  EXPECT_TRUE(is_machines(std::time(nullptr)));
  EXPECT_TRUE(is_machines(in_action));
  EXPECT_EQ(::getpid(), ::syscall(SYS_getpid));
}

TEST(Guard, HandlersThatAreUnwoundAreNotAsked) {
  struct Stopwatch {
    ~Stopwatch() { stamp(); }
  };
  Simulation sim;
  sim.function("handler", [](Context& ctx) {
    {
      const Stopwatch stopwatch;
      ctx.wait("a while", 60s);
      const durasim::AllowNondeterminism at_its_end;
      return ctx.step("done", [] { return 1; });
    }
  });
  sim.run("handler");
  // Reported once, where the second invocation ends its scope in earnest.
  EXPECT_EQ(sim.findings().all().size(), 1U);
}

TEST(Guard, ChildContextsAreHandlersToo) {
  Simulation sim;
  sim.function("handler", [](Context& ctx) {
    ctx.run_in_child_context("child", [](Context& child) {
      std::rand();
      child.step("nothing", [] {});
    });
  });
  sim.run("handler");
  ASSERT_EQ(sim.findings().all().size(), 1U);
  EXPECT_THAT(sim.findings().all().front().what, StartsWith("rand()"));
}

TEST(Guard, SaysNothingWithoutHygiene) {
  Simulation sim({.oracles = durasim::OracleSet::all().without(Oracle::hygiene)});
  sim.function("handler", [](Context& ctx) {
    std::rand();
    ctx.step("nothing", [] {});
  });
  sim.run("handler");
  EXPECT_THAT(sim.findings().all(), IsEmpty());
}

TEST(Guard, ExplorationsAreRepeatable) {
  const auto verification = durasim::verify([](Simulation& sim) {
    sim.function("handler", [&](Context& ctx) {
      const auto id = ctx.step("draw", [&] {
        sim.effects().record("drawn",
                             std::to_string(system_clock::now().time_since_epoch().count()));
        return std::random_device()();
      });
      ctx.wait("a while", 60s);
      ctx.step("use", [&] { sim.effects().record("used", std::to_string(id)); });
    });
    sim.run("handler");
  });
  EXPECT_THAT(verification, durasim::Holds());
}

}  // namespace guard_test
