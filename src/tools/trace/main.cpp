// Writes the canonical traces of twelve varied runs, one file each. Usage: trace_canon FOLDER
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>

#include "runs.hpp"

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  for (const trace_runs::Run& run : trace_runs::all()) {
    const durasim::TracedRun traced = trace_runs::trace(run);
    std::ofstream file(folder / (run.name + ".trace"), std::ios::binary);
    if (!(file << traced.trace).flush()) {
      std::fprintf(stderr, "cannot write to %s\n", folder.c_str());
      return 2;
    }
    std::printf("%s  %s\n", traced.trace_hash.c_str(), run.name.c_str());
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
