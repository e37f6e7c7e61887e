// Measures durasim against a bare loop: docs/reference/benchmarks.md.
// Usage: bench [--filter NAME] [--json] [--quick] [--instructions [--gate]]
//   --filter NAME   only the figures whose key contains NAME; explore: those of explorations
//   --json          one JSON object instead of a table
//   --quick         one short repetition, to try the program: the figures mean little
//   --instructions  counts instructions with valgrind instead of measuring time
//   --gate          fails if a ratio is above its limit
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "measure.hpp"

namespace bench {
namespace {

enum Exit : int { success = 0, above_limit = 1, wrong_usage = 2, void_run = 3 };

struct Options {
  std::string_view filter;
  bool json = false;
  bool quick = false;
  bool instructions = false;
  bool gate = false;
};

Options parse(const std::vector<std::string_view>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--json") {
      options.json = true;
    } else if (argument == "--quick") {
      options.quick = true;
    } else if (argument == "--instructions") {
      options.instructions = true;
    } else if (argument == "--gate") {
      options.gate = true;
    } else if (argument == "--filter" && i + 1 < arguments.size()) {
      options.filter = arguments[++i];
    } else {
      throw std::invalid_argument(
          fmt::format("bench: unknown argument {}\n"
                      "usage: bench [--filter NAME] [--json] [--quick] [--instructions] [--gate]",
                      argument));
    }
  }
  return options;
}

std::vector<Workload> needed_for(const std::vector<Figure>& figures) {
  std::vector<Workload> needed;
  for (const Workload& workload : workloads()) {
    const bool used = std::any_of(figures.begin(), figures.end(), [&](const Figure& figure) {
      return std::count(figure.workloads.begin(), figure.workloads.end(), workload.name) != 0;
    });
    if (used) needed.push_back(workload);
  }
  return needed;
}

std::vector<Workload> named(const std::vector<std::string_view>& names) {
  std::vector<Workload> found;
  for (const Workload& workload : workloads()) {
    if (std::count(names.begin(), names.end(), workload.name) != 0) found.push_back(workload);
  }
  return found;
}

class Report {
 public:
  Report(std::vector<Figure> figures, const Costs& costs, const Options& options)
      : figures_(std::move(figures)),
        costs_(costs),
        instructions_(options.instructions),
        unit_(instructions_ ? "instructions" : "us") {}

  bool is_void() const { return !instructions_ && costs_.at("bare_payment") > kBareLoopLimitUs; }

  std::vector<std::string> above_limits() const {
    std::vector<std::string> above;
    for (const Figure& figure : figures_) {
      if (figure.limit && figure.value(costs_) > *figure.limit)
        above.push_back(fmt::format("{} is {:.2f}, its limit is {:g}", figure.key(unit_),
                                    figure.value(costs_), *figure.limit));
    }
    return above;
  }

  void print_json() const {
    nlohmann::ordered_json json;
    for (const Figure& figure : figures_) {
      const double thousands = std::round(figure.value(costs_) * 1'000) / 1'000;
      json[figure.key(unit_)] = thousands;
    }
    json["void"] = is_void();
    fmt::print("{}\n", json.dump());
  }

  void print_table() const {
    for (const Figure& figure : figures_) {
      fmt::print("{:<32} {:>12.{}f}{}\n", figure.key(unit_), figure.value(costs_),
                 figure.has_unit && instructions_ ? 0 : 2,
                 figure.limit ? fmt::format("  limit {:g}", *figure.limit) : "");
    }
  }

 private:
  std::vector<Figure> figures_;
  const Costs& costs_;
  bool instructions_;
  std::string_view unit_;
};

int run(const Options& options, const char* program) {
  std::vector<Figure> chosen = figures(options.filter);
  if (chosen.size() == 1 && !chooses(options.filter, chosen.front())) {
    std::string keys;
    for (const Figure& figure : figures("")) keys += " " + figure.key("us");
    throw std::invalid_argument(
        fmt::format("bench: no figure is called \"{}\"; there are:{}", options.filter, keys));
  }
  if (options.instructions) std::erase_if(chosen, [](const Figure& f) { return f.timed; });
  const std::vector<Workload> needed = needed_for(chosen);
  const Effort effort = options.quick ? Effort{1, 0.0001} : Effort{};
  Costs costs =
      options.instructions ? count_instructions(needed, program) : measure_time(needed, effort);
  const auto explores = [](const Figure& figure) { return figure.explores; };
  if (std::any_of(chosen.begin(), chosen.end(), explores)) {
    options.instructions ? count_instructions_of_jobs(program, costs)
                         : measure_exploration(effort, costs);
  }
  const Report report(chosen, costs, options);
  options.json ? report.print_json() : report.print_table();
  if (report.is_void()) {
    fmt::print(
        stderr,
        "bench: void: the bare loop took {:.2f} us, more than {:g}: this machine is too slow, "
        "or too busy\n",
        costs.at("bare_payment"), kBareLoopLimitUs);
    return void_run;
  }
  const std::vector<std::string> above =
      options.gate ? report.above_limits() : std::vector<std::string>{};
  for (const std::string& line : above) fmt::print(stderr, "bench: {}\n", line);
  return above.empty() ? success : above_limit;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) try {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments.front() == "--under-callgrind") {
    bench::run_for_callgrind(bench::named(arguments));
    return bench::success;
  }
  if (!arguments.empty() && arguments.front() == "--verify-with-jobs") {
    bench::verify_payment(2, arguments.at(1) == "2" ? 2 : 1);
    return bench::success;
  }
  return bench::run(bench::parse(arguments),
                    std::filesystem::read_symlink("/proc/self/exe").c_str());
} catch (const std::invalid_argument& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return bench::wrong_usage;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return bench::above_limit;
}
