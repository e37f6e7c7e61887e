// Writes the canonical traces of twelve varied runs, and what eight searches run, one file each.
// Usage: trace_canon FOLDER
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "durasim/core/hash.hpp"
#include "runs.hpp"
#include "searches.hpp"

namespace {

constexpr std::uint64_t kSearchedRuns = 400;

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  if (!(file << text).flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  for (const trace_runs::Run& run : trace_runs::all()) {
    const durasim::TracedRun traced = trace_runs::trace(run);
    write(folder / (run.name + ".trace"), traced.trace);
    std::printf("%s  %s\n", traced.trace_hash.c_str(), run.name.c_str());
  }
  for (const trace_runs::SearchText& search : trace_runs::searches(kSearchedRuns)) {
    write(folder / (search.name + ".runs"), search.text);
    std::printf("%016llx  %s\n", static_cast<unsigned long long>(durasim::hash64(search.text)),
                search.name.c_str());
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
