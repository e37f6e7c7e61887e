// Runs requirements of durable execution SDKs against handlers written with this one.
// Usage and meaning: docs/reference/conformance.md
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "tools/conformance/files.hpp"
#include "tools/conformance/print.hpp"

namespace {

constexpr int kNotAllPassed = 1;
constexpr int kCannotRun = 2;

struct Options {
  std::vector<std::string> suites;
  std::string requirements = DURASIM_SOURCE_DIR "/fixtures/conformance";
  bool json = false;
};

int run(const Options& options) {
  std::vector<conformance::Outcome> outcomes;
  for (const auto& file : conformance::requirement_files(options.requirements, options.suites)) {
    outcomes.push_back(conformance::check_file(file));
    const conformance::Outcome& outcome = outcomes.back();
    const std::string line =
        options.json ? conformance::json_line(outcome) : conformance::table_row(outcome);
    std::fputs(line.c_str(), stdout);
  }
  if (!options.json) std::fputs(conformance::summary(outcomes).c_str(), stdout);
  return conformance::all_passed(outcomes) ? 0 : kNotAllPassed;
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("Runs conformance requirements of durable execution SDKs.");
  app.add_option("--suite", options.suites, "A suite to run, such as step; all when none is named")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--requirements", options.requirements,
                 "A folder with <suite>/<id>.yaml; the project's own when none is given");
  app.add_flag("--json", options.json, "One JSON object a line instead of a table");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kCannotRun;
  }
  return run(options);
} catch (const std::exception& error) {
  std::fprintf(stderr, "conformance: %s\n", error.what());
  return kCannotRun;
}
