// durasim: what there is to do with schedules outside of the programs that made them.
// Usage and meaning: docs/reference/cli.md
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/durasim/corpus.hpp"
#include "tools/durasim/corpus_bytes.hpp"
#include "tools/durasim/faults.hpp"
#include "tools/durasim/files.hpp"
#include "tools/durasim/json.hpp"
#include "tools/durasim/merge.hpp"
#include "tools/durasim/recovery.hpp"
#include "tools/durasim/replay.hpp"
#include "tools/durasim/show.hpp"
#include "tools/durasim/triage.hpp"

namespace {

using durasim::program::Command;
using durasim::program::Result;
using durasim::program::Status;
namespace fs = std::filesystem;
namespace program = durasim::program;

/// What the arguments ask for.
struct Request {
  fs::path path;
  std::vector<fs::path> from;
  program::ShowOptions show;
  program::CorpusOptions corpus;
  program::FromBytesOptions from_bytes{.scenario = {}, .faults = "standard"};
  program::TriageOptions triage;
  Command command;  ///< behind "--"
  bool takes_command = false;
  bool json = false;
  std::function<Result()> act;
};

void add_json(CLI::App& app, Request& request) {
  app.add_flag("--json", request.json, "JSON in place of text");
}

CLI::App* add_command(CLI::App& app, Request& request, const char* name, const char* what,
                      std::function<Result()> act) {
  CLI::App* const command = app.add_subcommand(name, what);
  add_json(*command, request);
  command->callback([&request, act = std::move(act)] { request.act = act; });
  return command;
}

void add_show(CLI::App& app, Request& request) {
  CLI::App* const show =
      add_command(app, request, "show",
                  "Tells the run that a schedule file holds, without the test", [&request] {
                    request.show.json = request.json;
                    return program::show(program::load_schedule(request.path), request.show);
                  });
  show->add_option("FILE", request.path, "A schedule: *.durasim.json")->required();
  show->add_flag("--all", request.show.all, "Every message too, and what came after the finding");
}

void add_replay(CLI::App& app, Request& request) {
  CLI::App* const replay = add_command(
      app, request, "replay",
      "Runs the schedule of a file again: durasim replay FILE -- PROGRAM [ARGS]",
      [&request] { return program::replay(request.path, request.command, request.json); });
  replay->add_option("FILE", request.path, "A schedule: *.durasim.json")->required();
  replay->footer("PROGRAM is the test program that made the file; nothing in the file is run.");
}

void add_recover(CLI::App& app, Request& request) {
  CLI::App* const recover = add_command(
      app, request, "recover", "Turns what processes that died were running into schedule files",
      [&request] { return program::recover_folder(request.path, request.json); });
  recover->add_option("DIR", request.path, "The $DURASIM_OUT of those processes")->required();
}

void add_triage(CLI::App& app, Request& request) {
  CLI::App* const triage = add_command(app, request, "triage",
                                       "Sorts schedules by failure: durasim triage DIR [-- PROGRAM "
                                       "[ARGS]]",
                                       [&request] {
                                         request.triage.folder = request.path;
                                         request.triage.command = request.command;
                                         request.triage.json = request.json;
                                         return program::triage(request.triage);
                                       });
  triage->add_option("DIR", request.path, "Where the schedules are, in subfolders too")->required();
  triage->add_option("--ledger", request.triage.ledger,
                     "What is remembered; DIR/durasim-triage.json if none is named");
  triage->add_flag("--save", request.triage.save, "Writes what is found into the ledger");
  triage
      ->add_option("--expected", request.triage.expected,
                   "SIGNATURE=REF: known, and dealt with there, until its replay holds; SIGNATURE= "
                   "takes that back. Saves")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  triage->footer(
      "PROGRAM replays the smallest schedule of each failure, to see whether it still fails.");
}

CLI::App* add_corpus_command(CLI::App& corpus, Request& request, const char* name, const char* what,
                             std::function<Result()> act) {
  CLI::App* const command =
      add_command(corpus, request, name, what, [&request, act = std::move(act)] {
        request.corpus.json = request.json;
        request.from_bytes.corpus = request.corpus;
        return act();
      });
  command->add_flag("--dry-run", request.corpus.dry_run, "Says what it would do, and does nothing");
  return command;
}

/// Schedules as inputs of a fuzzer, and back.
void add_bytes(CLI::App& corpus, Request& request) {
  CLI::App* const to = add_corpus_command(
      corpus, request, "to-bytes", "Writes schedules as inputs of a fuzzer", [&request] {
        return program::schedules_to_bytes(request.path, request.from, request.corpus);
      });
  to->add_option("INTO", request.path, "The fuzzer's corpus")->required();
  to->add_option("FROM", request.from, "Schedules, or folders of them")->required();
  CLI::App* const from = add_corpus_command(
      corpus, request, "from-bytes", "Writes inputs of a fuzzer as schedules", [&request] {
        return program::bytes_to_schedules(request.path, request.from, request.from_bytes);
      });
  from->add_option("INTO", request.path, "The corpus, such as test/durasim-corpus")->required();
  from->add_option("FROM", request.from, "Inputs, or folders of them")->required();
  from->add_option("--scenario", request.from_bytes.scenario, "Name of the fuzz target")
      ->required();
  from->add_option("--faults", request.from_bytes.faults,
                   "Model of the fuzz target: none, crashes, standard (if none is named), hostile, "
                   "thorough or all");
}

void add_corpus(CLI::App& app, Request& request) {
  CLI::App* const corpus =
      app.add_subcommand("corpus", "Folders of schedules that tests replay before all else");
  corpus->require_subcommand(1);
  add_json(*corpus, request);
  CLI::App* const merge = add_corpus_command(
      *corpus, request, "merge", "Copies schedules into a corpus, each run once",
      [&request] { return program::merge_corpus(request.path, request.from, request.corpus); });
  merge->add_option("INTO", request.path, "The corpus, such as test/durasim-corpus")->required();
  merge->add_option("FROM", request.from, "Schedules, or folders of them")->required();
  CLI::App* const minimise = add_corpus_command(
      *corpus, request, "minimise", "Keeps the smallest schedule of each failure",
      [&request] { return program::minimise_corpus(request.path, request.corpus); });
  minimise->add_option("DIR", request.path, "The corpus, such as test/durasim-corpus")->required();
  add_bytes(*corpus, request);
}

void add_merge(CLI::App& app, Request& request) {
  CLI::App* const merge =
      add_command(app, request, "merge", "Joins the results of shards to one verdict each",
                  [&request] { return program::merge_results(request.from, request.json); });
  merge->add_option("FROM", request.from, "*.durasim-shard.json, or folders of them")->required();
}

void add_commands(CLI::App& app, Request& request) {
  add_command(app, request, "faults", "Lists what the simulator may do to a run",
              [&request] { return program::list_faults(request.json); });
  add_show(app, request);
  add_replay(app, request);
  add_recover(app, request);
  add_triage(app, request);
  add_corpus(app, request);
  add_merge(app, request);
  app.require_subcommand(1);
  add_json(app, request);
  app.set_version_flag("--version", "durasim " DURASIM_VERSION);
  app.footer("Exit codes: 0 holds, 1 finding, 2 usage, 3 incomplete, 4 internal error.");
}

/// Splits off what follows the first "--": the arguments of another program are none of ours.
std::vector<std::string> own_arguments(std::span<char*> arguments, Request& request) {
  std::vector<std::string> own;
  for (const std::string_view argument : arguments) {
    if (request.takes_command) {
      request.command.emplace_back(argument);
    } else if (argument == "--") {
      request.takes_command = true;
    } else {
      request.json =
          request.json || argument == "--json";  // of an error among the arguments as well
      own.emplace_back(argument);
    }
  }
  return {own.rbegin(), own.rend()};  // as CLI11 takes them
}

std::string what_is_wrong(const CLI::App& app, const CLI::ParseError& error) {
  if (app.get_subcommands().empty() && app.remaining_size() > 0 &&
      error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError)) {
    return "there is no command " + app.remaining().front() +
           "; `durasim --help` lists those that there are";
  }
  std::string command = "durasim";
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    command += " " + at->get_name();
  }
  return std::string(error.what()) + "; `" + command + " --help` tells what there is";
}

Status run(std::span<char*> arguments, Request& request) {
  CLI::App app("Schedules of the simulator: told, replayed, recovered, sorted and kept.",
               "durasim");
  add_commands(app, request);
  try {
    app.parse(own_arguments(arguments, request));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) throw program::UsageError(what_is_wrong(app, error));
    app.exit(error);  // help, or the version
    return Status::holds;
  }
  const bool takes = app.got_subcommand("replay") || app.got_subcommand("triage");
  if (request.takes_command && !takes)
    throw program::UsageError("only replay and triage take a program after \"--\"");
  const Result result = request.act();
  std::fwrite(result.text.data(), 1, result.text.size(), stdout);
  return result.status;
}

/// Without the exit handlers of the library where they would ask for the scenario of $DURASIM_REPLAY.
[[noreturn]] void end(Status status) {
  const bool written = std::fflush(stdout) == 0;
  const int code = static_cast<int>(written ? status : Status::internal);
  if (std::getenv("DURASIM_REPLAY") != nullptr) ::_exit(code);
  std::exit(code);
}

/// For people on standard error; for programs that have asked for JSON on standard output as well.
[[noreturn]] void fail(Status status, const std::string& what, bool json) {
  const nlohmann::ordered_json error = {{"status", status == Status::usage ? "usage" : "internal"},
                                        {"what", what}};
  if (json) std::printf("%s\n", program::json_text({{"error", error}}).c_str());
  std::fprintf(stderr, "durasim: %s%s\n",
               status == Status::usage ? "" : "internal error: ", what.c_str());
  end(status);
}

}  // namespace

int main(int argc, char** argv) {
  Request request;
  try {
    end(run(std::span(argv, static_cast<std::size_t>(argc)).subspan(1), request));
  } catch (const program::UsageError& error) {
    fail(Status::usage, error.what(), request.json);
  } catch (const std::exception& error) {
    fail(Status::internal, error.what(), request.json);
  }
}
