#include <durasim/environment.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace durasim {
namespace {

namespace fs = std::filesystem;

template <std::unsigned_integral T>
std::optional<T> whole_number(std::string_view text, T least,
                              T most = std::numeric_limits<T>::max()) {
  T number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < least || number > most) return std::nullopt;
  return number;
}

/// True if there is a value, which `setting` then has.
template <class T>
bool set(std::optional<T>& setting, const std::optional<T>& value) {
  setting = value;
  return value.has_value();
}

std::optional<std::chrono::milliseconds> seconds(std::string_view text) {
  double seconds = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
  constexpr double kMost = 1e9;
  if (error != std::errc() || stop != end || !(seconds >= 0.001 && seconds <= kMost))
    return std::nullopt;
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

std::optional<Shard> shard(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto count = whole_number<std::uint32_t>(text.substr(slash + 1), 1);
  if (!count) return std::nullopt;
  const auto number = whole_number<std::uint32_t>(text.substr(0, slash), 1, *count);
  if (!number) return std::nullopt;
  return Shard{*number, *count};
}

/// A test may change the working directory: what is relative is so to that of the moment.
fs::path absolute(std::string_view path) { return fs::absolute(path).lexically_normal(); }

constexpr std::uint32_t kMostJobs = 1024;
constexpr std::string_view kFolder = "the path of a folder";

constexpr std::array kVariables = {
    EnvironmentVariable{
        "DURASIM_SEED", "a whole number, or a commit id of 7 to 64 hexadecimal digits",
        "What random search and its runs are drawn from. Of a commit id, the first 16 digits count",
        "the seed in the options, else 1", "`search`, RapidCheck properties",
        [](std::string_view text, Settings& settings) {
          return set(settings.seed, seed_from_text(text));
        }},
    EnvironmentVariable{"DURASIM_RUNS", "a whole number from 1 on",
                        "After how many runs a search ends. Cases of a property. Raises `max_runs` "
                        "of `verify`, and "
                        "does not lower it",
                        "as the options say", "`search`, RapidCheck properties, `verify`",
                        [](std::string_view text, Settings& settings) {
                          return set(settings.runs, whole_number<std::uint64_t>(text, 1));
                        }},
    EnvironmentVariable{"DURASIM_SECONDS", "a number of seconds from 0.001 to 1000000000",
                        "After which time each search ends and each `verify` is cut",
                        "as the options say", "`search`, `verify`",
                        [](std::string_view text, Settings& settings) {
                          return set(settings.duration, seconds(text));
                        }},
    EnvironmentVariable{"DURASIM_MAX_FAULTS", "a whole number", "How many faults one run may have",
                        "as the options say", "`verify`, `search`, `arbitrary_schedule`",
                        [](std::string_view text, Settings& settings) {
                          return set(settings.max_faults, whole_number<std::uint32_t>(text, 0));
                        }},
    EnvironmentVariable{
        "DURASIM_JOBS", "a whole number from 1 to 1024",
        "How many processes share the work; verdict and findings do not depend on it",
        "as the options say", "`verify`, `search`",
        [](std::string_view text, Settings& settings) {
          return set(settings.jobs, whole_number<std::uint32_t>(text, 1, kMostJobs));
        }},
    EnvironmentVariable{"DURASIM_OUT", kFolder, "Where schedules of failures are written",
                        "`durasim-out` in the working directory",
                        "`verify`, `search`, `check`, `shrink`",
                        [](std::string_view text, Settings& settings) {
                          settings.out = absolute(text);
                          return true;
                        }},
    EnvironmentVariable{"DURASIM_REPLAY", "the path of a schedule file",
                        "The schedule that the call with its scenario runs, and no other",
                        "each explores", "`verify`, `search`, `check`",
                        [](std::string_view text, Settings& settings) {
                          settings.replay = absolute(text);
                          return true;
                        }},
    EnvironmentVariable{"DURASIM_VERDICT", "the path of a file",
                        "Where the replay of `DURASIM_REPLAY` appends its verdict", "nowhere",
                        "`verify`, `search`, `check`",
                        [](std::string_view text, Settings& settings) {
                          settings.verdict = absolute(text);
                          return true;
                        }},
    EnvironmentVariable{
        "DURASIM_SHARD", "i/n with i from 1 to n, such as 2/4",
        "Which part of the runs this process makes, where n of them share a campaign",
        "all of them", "`verify`, `search`",
        [](std::string_view text, Settings& settings) { return set(settings.shard, shard(text)); }},
    EnvironmentVariable{"DURASIM_CORPUS", "the path of a folder that is there",
                        "Whose subfolder of a scenario's name is replayed before that is explored",
                        "`durasim-corpus` beside the source file of the test",
                        "`verify`, `search`, `check`",
                        [](std::string_view text, Settings& settings) {
                          settings.corpus = absolute(text);
                          return true;
                        }},
};

void read(const EnvironmentVariable& variable, Settings& settings) {
  const char* const value = std::getenv(std::string(variable.name).c_str());
  if (value == nullptr || *value == '\0') return;
  if (variable.read(value, settings)) return;
  throw EnvironmentError(fmt::format("the environment variable {} is \"{}\"; accepted is {}",
                                     variable.name, value, variable.accepts));
}

Settings with_defaults(Settings settings) {
  if (settings.out.empty()) settings.out = absolute("durasim-out");
  return settings;
}

}  // namespace

std::span<const EnvironmentVariable> environment_variables() { return kVariables; }

Settings settings_from_environment() {
  Settings settings;
  for (const EnvironmentVariable& variable : kVariables) read(variable, settings);
  return with_defaults(std::move(settings));
}

Settings setting_from_environment(std::string_view name) {
  Settings settings;
  const auto variable = std::ranges::find(kVariables, name, &EnvironmentVariable::name);
  if (variable == kVariables.end()) {
    throw std::invalid_argument(fmt::format("durasim reads no variable \"{}\"", name));
  }
  read(*variable, settings);
  return with_defaults(std::move(settings));
}

std::optional<std::uint64_t> seed_from_text(std::string_view text) {
  if (const auto number = whole_number<std::uint64_t>(text, 0)) return number;
  constexpr std::size_t kShortest = 7;
  constexpr std::size_t kLongest = 64;
  constexpr std::size_t kCounting = 16;
  if (text.size() < kShortest || text.size() > kLongest ||
      text.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view counting = text.substr(0, kCounting);
  std::uint64_t seed = 0;
  std::from_chars(counting.data(), counting.data() + counting.size(), seed, 16);
  return seed;
}

}  // namespace durasim
