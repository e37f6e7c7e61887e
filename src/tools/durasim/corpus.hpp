#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "tools/durasim/result.hpp"

/// Folders of schedules that are kept, and replayed before anything else is run.
/// Source: docs/how-to/reproduce-a-failure.md#keep-a-failure-as-a-test
namespace durasim::program {

struct CorpusOptions {
  bool dry_run = false;  ///< say what would be done
  bool json = false;
};

/// Copies the schedules of `from` into the subfolders of `into` that have the names of their scenarios;
/// each run once, however many files there are of it. Nothing is copied if one cannot be read, or is of a process that
/// was killed: that run need not be a failure.
/// Errors:  UsageError.
Result merge_corpus(const std::filesystem::path& into,
                    const std::vector<std::filesystem::path>& from, const CorpusOptions& options);

/// Removes all but the smallest schedule of each failure below `folder`, and all but one of each run.
/// Errors:  UsageError.
Result minimise_corpus(const std::filesystem::path& folder, const CorpusOptions& options);

// What the commands on corpora share.

/// `name` in `folder`, or with a number if that is taken.
std::filesystem::path free_name(const std::filesystem::path& folder,
                                const std::filesystem::path& name,
                                const std::set<std::filesystem::path>& taken);
/// What was done: "added" or "removed", and how many files were left as they are.
Result corpus_answer(const char* verb, const std::vector<std::filesystem::path>& changed,
                     std::size_t others, const CorpusOptions& options);

}  // namespace durasim::program
