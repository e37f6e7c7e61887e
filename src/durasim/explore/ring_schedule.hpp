#pragma once

#include "durasim/explore/plain_writer.hpp"
#include "durasim/explore/ring_file.hpp"

/// What a write-ahead file says, as a schedule file and as a report.
/// Shape:   all of it async-signal-safe.
namespace durasim {

/// How a process ended in the middle of a run.
struct Ending {
  std::string_view id;      ///< as in schedule files: "SIGSEGV"
  std::string_view what;    ///< for people
  std::string_view remedy;  ///< may be empty
};

/// "Suite.Case-SIGSEGV-1a2b3c4d.durasim.json": another run of the same scenario has another one.
void name_schedule(const RingFile& ring, std::string_view ended, PlainText& name);

/// Writes the run that is under way to `path`, whole or not at all. False if that cannot be.
bool write_schedule(const RingFile& ring, std::string_view ended, const char* path);

/// The report of a run that the process did not survive. `file`: its name in the output folder;
/// empty if it could not be written.
void write_report(const RingFile& ring, const Ending& ending, std::string_view file,
                  PlainWriter& out);

}  // namespace durasim
