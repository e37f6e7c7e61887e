#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

/// Many runs, a third of which fail, each in a place of its own; $SUBJECT_LOG is told as each begins.
namespace crash_subject {

void log_line(const std::string& line) {
  static const int log =
      ::open(std::getenv("SUBJECT_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (::write(log, line.data(), line.size()) < 0) ::_exit(9);
}

void charges_twice_at_times(durasim::Simulation& sim, int run) {
  const std::string name = "charge-" + std::to_string(run);
  sim.function("shop", [&sim, name, run](durable::Context& ctx) {
    ctx.step(name, [&] {
      for (int i = 0; i < (run % 3 == 1 ? 2 : 1); ++i) sim.effects().record(name);
    });
  });
  sim.effects().at_most(1, name);
  sim.run("shop");
}

TEST(Campaign, OfManyRuns) {
  constexpr int kRuns = 120;
  for (int run = 0; run < kRuns; ++run) {
    const auto scenario =
        durasim::scenario_for(run, [](durasim::Simulation& sim, const int& number) {
          if (std::getenv("SUBJECT_LOG") != nullptr)
            log_line("begun " + std::to_string(number) + "\n");
          charges_twice_at_times(sim, number);
        });
    try {
      durasim::check(scenario, durasim::Schedule{}, {.name = "campaign"});
    } catch (const durasim::CheckFailed& failed) {
      if (std::getenv("DURASIM_REPLAY") != nullptr) throw;
      log_line("found " + std::to_string(run) + " " +
               failed.verification().findings.front().signature() + "\n");
    }
  }
}

}  // namespace crash_subject
