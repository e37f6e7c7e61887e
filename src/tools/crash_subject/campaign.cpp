#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

/// Campaigns with many failures, each in a place of its own. $SUBJECT_LOG is told of each failure in
/// the run that meets it, and of the end. $SUBJECT_ONLY: the scenario that is replayed.
namespace crash_subject {

void log_line(const std::string& line) {
  const char* const path = std::getenv("SUBJECT_LOG");
  if (path == nullptr) return;
  static const int log = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (::write(log, line.data(), line.size()) < 0) ::_exit(9);
}

void log_begun(const std::string& failure) { log_line("begun " + failure + "\n"); }
void log_end() { log_line("end of campaign\n"); }

bool is_replayed() { return std::getenv("DURASIM_REPLAY") != nullptr; }
bool is_wanted(const std::string& scenario) {
  const char* const only = std::getenv("SUBJECT_ONLY");
  return only == nullptr || scenario == only;
}

/// Has taken effect twice, which is once too often. Told when that is so: a crash may come before it.
void fail(durasim::Simulation& sim, const std::string& name) {
  sim.effects().record(name);
  log_begun(name);
}

/// A third of the runs fail, whatever the schedule.
TEST(Campaign, OfChecks) {
  constexpr int kRuns = 120;
  for (int run = 0; run < kRuns; ++run) {
    const auto scenario =
        durasim::scenario_for(run, [](durasim::Simulation& sim, const int& number) {
          const std::string name = "charge-" + std::to_string(number);
          sim.function("shop", [&sim, name, number](durable::Context& ctx) {
            ctx.step(name, [&] {
              sim.effects().record(name);
              if (number % 3 == 1) fail(sim, name);
            });
          });
          sim.effects().at_most(1, name);
          sim.run("shop");
        });
    try {
      durasim::check(scenario, durasim::Schedule{}, {.name = "campaign"});
    } catch (const durasim::CheckFailed&) {
      if (is_replayed()) throw;
    }
  }
  log_end();
}

struct Charge {
  int starts = 0;
  bool applied = false;  ///< a crash may come before that
};

/// A shop of `steps` steps: the number-th one fails when its body begins for the `deadly(number)`-th
/// time, if nothing has failed before in the run. 0: it is sound.
template <class Deadly>
durasim::Scenario shop(const std::string& prefix, int steps, Deadly deadly) {
  return [=](durasim::Simulation& sim) {
    auto& charges = sim.make<std::map<int, Charge>>();
    auto& failed = sim.make<bool>(false);
    sim.function("shop", [=, &sim, &charges, &failed](durable::Context& ctx) {
      for (int i = 0; i < steps; ++i) {
        const std::string name = prefix + std::to_string(i);
        ctx.step(name, [&] {
          Charge& charge = charges[i];
          if (++charge.starts == 1) {
            sim.effects().record(name);
            charge.applied = true;
          }
          if (charge.starts != deadly(i) || !charge.applied || failed) return;
          failed = true;
          fail(sim, name);
        });
      }
    });
    for (int i = 0; i < steps; ++i) sim.effects().at_most(1, prefix + std::to_string(i));
    sim.run("shop");
  };
}

/// Two thirds of the scenarios fail, some of them with two faults only.
TEST(Campaign, OfVerifies) {
  constexpr int kScenarios = 36;
  for (int number = 0; number < kScenarios; ++number) {
    const std::string name = "campaign-" + std::to_string(number);
    if (!is_wanted(name)) continue;
    durasim::verify(
        shop("charge-" + std::to_string(number) + "-", 3,
             [=](int step) { return step == 1 && number % 3 != 0 ? number % 3 + 1 : 0; }),
        {.max_faults = 2, .max_runs = 400, .name = name});
  }
  log_end();
}

/// Some failures are met at once, others late.
TEST(Campaign, OfASearch) {
  durasim::search(shop("charge-", 12, [](int step) { return step % 3 + 2; }),
                  {.runs = 3000, .max_faults = 4, .keep_going = true, .name = "campaign"});
  log_end();
}

}  // namespace crash_subject
