#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include <durasim/choosers.hpp>
#include <durasim/environment.hpp>
#include <durasim/fuzzer.hpp>
#include <durasim/search.hpp>

#include "durasim/explore/corpus.hpp"
#include "durasim/explore/last_words.hpp"
#include "durasim/explore/replay.hpp"
#include "durasim/explore/reproduce.hpp"
#include "durasim/explore/ring.hpp"

// What libFuzzer has a sanitizer call, to keep the input.
namespace fuzzer {
class Fuzzer {
 public:
  __attribute__((weak)) static void StaticDeathCallback();
};
}  // namespace fuzzer

/// What DURASIM_FUZZ makes of a target: the functions that a fuzzer calls, and a program without one.
namespace durasim::detail {
namespace {

namespace fs = std::filesystem;

// As the program durasim: docs/reference/cli.md#exit-codes
constexpr int kHolds = 0;
constexpr int kFinding = 1;
constexpr int kUsage = 2;
constexpr int kIncomplete = 3;

/// What libFuzzer counts beside the coverage of code: durable states. Code is soon covered; states
/// tell where else a run has come to. Of no effect under other fuzzers, and without one.
constexpr std::size_t kStateCounters = 1U << 14U;
__attribute__((section("__libfuzzer_extra_counters"))) std::array<std::uint8_t, kStateCounters>
    state_counters;

int exit_code_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::refuted:
      return kFinding;
    case Verdict::vacuous:
      return kIncomplete;
    default:
      return kHolds;
  }
}

/// $DURASIM_REPLAY asks for one schedule, and for nothing else: does not return then.
void replay_if_asked(const FuzzTarget& target) {
  const std::string& name = target.options().name;
  if (const ScheduleFile* const file = replay_for(name)) {
    const Verification result =
        replay_file(target.scenario(), target.options().simulation, *file, replayed_path());
    std::exit(result.verdict == Verdict::incomplete ? kIncomplete : exit_code_of(result.verdict));
  }
  if (!replayed_path().empty()) std::exit(kIncomplete);  // at exit it is said why
}

/// What the environment asks for, as libFuzzer's options. They stand before those of the command line,
/// of which libFuzzer takes the last. Leaks are looked for at the end only: after each input, that takes
/// six times as long as the input itself.
std::vector<std::string> fuzzer_options(const Settings& settings) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();
  std::vector<std::string> options = {"-detect_leaks=0"};
  if (settings.seed) options.push_back(fmt::format("-seed={}", *settings.seed % kMost + 1));
  if (settings.runs) options.push_back(fmt::format("-runs={}", std::min(*settings.runs, kMost)));
  if (settings.duration) {
    const double seconds = std::ceil(static_cast<double>(settings.duration->count()) / 1000);
    options.push_back(fmt::format("-max_total_time={:.0f}", seconds));
  }
  return options;
}

void insert_options(std::vector<std::string> options, int* argc, char*** argv) {
  static std::vector<std::string> texts;
  static std::vector<char*> arguments;
  texts = std::move(options);
  const std::span<char*> given(*argv, static_cast<std::size_t>(*argc));
  arguments.assign(given.begin(), given.begin() + 1);
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.insert(arguments.end(), given.begin() + 1, given.end());
  *argc = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  *argv = arguments.data();
}

/// Runs `act`, or says what cannot be used and ends the process.
template <class Act>
auto or_say_why(Act act) {
  try {
    return act();
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "durasim: %s\n", error.what());
    close_ring();
    std::_Exit(kUsage);
  }
}

std::size_t copy_out(const std::vector<std::uint8_t>& bytes, std::span<std::uint8_t> out) {
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return bytes.size();
}

/// An input of the program without a fuzzer.
class Inputs {
 public:
  explicit Inputs(FuzzTarget& target) : target_(target) {}

  void run(const fs::path& path) {
    if (!fs::is_directory(path)) return run_file(path);
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) run_file(file);
  }

  int conclude() const {
    std::printf("%s: %zu input%s, %zu of them fail%s\n", target_.options().name.c_str(), count_,
                count_ == 1 ? "" : "s", failed_, failed_ == 1 ? "s" : "");
    return failed_ == 0 ? kHolds : kFinding;
  }

 private:
  void run_file(const fs::path& path) {
    const std::vector<std::uint8_t> bytes = read(path);
    const bool stored = is_schedule_file(bytes) || path.string().ends_with(".durasim.json");
    const auto failed = stored ? replay(path) : target_.run(bytes);
    ++count_;
    if (!failed) return;
    ++failed_;
    std::printf("%s:\n%s\n", path.c_str(), failed->report().c_str());
  }

  std::optional<Verification> replay(const fs::path& path) const {
    const FuzzOptions& options = target_.options();
    const std::string scenario = ScheduleFile::load(path).scenario;
    if (scenario != options.name) {
      throw ScheduleError(fmt::format("{} is for the scenario {}, and this program runs {}",
                                      path.string(), scenario, options.name));
    }
    return replay_stored(target_.scenario(), options.simulation, options.name, path);
  }

  static std::vector<std::uint8_t> read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::vector<std::uint8_t> bytes(std::istreambuf_iterator<char>(file), {});
    if (!file.is_open() || file.bad())
      throw std::runtime_error(fmt::format("cannot read {}", path.string()));
    return bytes;
  }

  FuzzTarget& target_;
  std::size_t count_ = 0;
  std::size_t failed_ = 0;
};

int search_shortly(const FuzzTarget& target) {
  const FuzzOptions& options = target.options();
  const Verification result = search(target.scenario(), {.runs = options.runs,
                                                         .max_faults = options.max_faults,
                                                         .faults = options.faults,
                                                         .max_preemptions = options.max_preemptions,
                                                         .max_environment = options.max_environment,
                                                         .max_data = options.max_data,
                                                         .shrink = options.shrink,
                                                         .name = options.name,
                                                         .simulation = options.simulation});
  std::printf("%s\n", result.report().c_str());
  return exit_code_of(result.verdict);
}

int help() {
  std::printf(
      "usage: PROGRAM [INPUT]...\n"
      "Runs inputs of a fuzzer, schedule files and folders of both; a short search without any.\n"
      "Link it with clang++ -fsanitize=fuzzer to have it fuzzed, with libFuzzer's options: "
      "docs/how-to/fuzz-with-libfuzzer.md\n");
  return kHolds;
}

int run_all(FuzzTarget& target, std::span<char*> arguments) {
  leave_arguments_out_of_commands();
  replay_if_asked(target);
  if (arguments.empty()) return search_shortly(target);
  for (const std::string_view argument : arguments) {
    if (argument == "--help" || argument == "-h") return help();
    if (argument.starts_with('-')) {
      throw std::invalid_argument(fmt::format(
          "there is no option {}: this program is not linked with libFuzzer (-fsanitize=fuzzer)",
          argument));
    }
  }
  if (const auto failed = target.prepare()) {
    std::printf("%s\n", failed->report().c_str());
    return exit_code_of(failed->verdict);
  }
  Inputs inputs(target);
  for (const char* const argument : arguments) inputs.run(argument);
  return inputs.conclude();
}

}  // namespace

int fuzz_initialize(FuzzTargetMaker target, int* argc, char*** argv) {
  return or_say_why([&] {
    leave_arguments_out_of_commands();
    replay_if_asked(target());
    insert_options(fuzzer_options(settings_from_environment()), argc, argv);
    return 0;
  });
}

int fuzz_one_input(FuzzTargetMaker target, const std::uint8_t* data, std::size_t size) {
  static bool prepared = false;
  if (!prepared) call_after_sanitizer(fuzzer::Fuzzer::StaticDeathCallback);
  const auto failed = or_say_why([&] {
    auto unfit = prepared ? std::nullopt : target().prepare();
    prepared = true;
    return unfit ? std::move(unfit) : target().run({data, size});
  });
  for (const std::uint64_t state : target().states()) state_counters[state % kStateCounters] = 1;
  if (!failed) return 0;
  std::fflush(stdout);
  std::fprintf(stderr, "\n%s\n", failed->report().c_str());
  close_ring();
  std::abort();
}

std::size_t fuzz_mutate(FuzzTargetMaker target, std::uint8_t* data, std::size_t size,
                        std::size_t most, unsigned seed) {
  return copy_out(target().mutate({data, size}, most, seed), {data, most});
}

std::size_t fuzz_cross(FuzzTargetMaker target, std::span<const std::uint8_t> input,
                       std::span<const std::uint8_t> other, std::span<std::uint8_t> out,
                       unsigned seed) {
  return copy_out(target().cross(input, other, out.size(), seed), out);
}

int fuzz_main(FuzzTargetMaker target, int argc, char** argv) {
  return or_say_why([&] {
    return run_all(target(), std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  });
}

}  // namespace durasim::detail
