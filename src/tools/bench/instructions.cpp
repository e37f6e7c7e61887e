#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>

#include "measure.hpp"

/// The name by which callgrind knows what to count: it starts anew when this is entered, and writes
/// down what it has counted when this is left.
extern "C" [[gnu::noinline]] void bench_counted_section(void (*run)()) {
  run();
  asm volatile("");  // the call above is not the last instruction: it does not become a jump
}

namespace bench {
namespace {

/// A folder of its own, gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("bench: cannot write to " + name);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// The exit status, or -1 if there is no such program. `child` is the process that it ran in.
int run_program(std::vector<std::string> arguments, pid_t& child) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  if (posix_spawnp(&child, pointers[0], nullptr, nullptr, pointers.data(), environ) != 0) return -1;
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

/// Of a file that callgrind has written to its end.
std::optional<double> total_in(const std::string& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("totals: ")) return std::stod(line.substr(8));
  }
  return std::nullopt;
}

double total_of(const std::string& path) {
  if (const auto total = total_in(path)) return *total;
  throw std::runtime_error("bench: callgrind wrote no total to " + path);
}

/// Of an exploration with so many jobs, from the program's beginning to its end and in all processes.
double count_with_jobs(const char* program, const char* jobs) {
  const Folder folder;
  pid_t process = 0;
  const int status =
      run_program({"valgrind", "--tool=callgrind", "--trace-children=yes",
                   "--callgrind-out-file=" + folder.file("count.%p"),
                   "--log-file=" + folder.file("log.%p"), program, "--verify-with-jobs", jobs},
                  process);
  if (status != 0) throw std::runtime_error("bench: verify under callgrind failed");
  double total = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    // Those without a total are of processes that were only there to be forked, and killed at the end.
    if (entry.path().filename().string().starts_with("count."))
      total += total_in(entry.path()).value_or(0);
  }
  if (total == 0) throw std::runtime_error("bench: callgrind wrote no total of any process");
  return total;
}

}  // namespace

void count_instructions_of_jobs(const char* program, Costs& costs) {
  costs["two_jobs_cost"] = count_with_jobs(program, "2") / count_with_jobs(program, "1");
}

Costs count_instructions(const std::vector<Workload>& chosen, const char* program) {
  const Folder folder;
  std::vector<std::string> arguments = {"valgrind",
                                        "--tool=callgrind",
                                        "--zero-before=bench_counted_section",
                                        "--dump-after=bench_counted_section",
                                        "--callgrind-out-file=" + folder.file("count.%p"),
                                        "--log-file=" + folder.file("log"),
                                        program,
                                        "--under-callgrind"};
  for (const Workload& workload : chosen) arguments.emplace_back(workload.name);
  pid_t process = 0;
  const int status = run_program(std::move(arguments), process);
  if (status == -1) {
    throw std::runtime_error("bench: --instructions needs valgrind, which .ci/deps --ci installs");
  }
  if (status != 0) {
    throw std::runtime_error("bench: the run under callgrind failed:\n" +
                             contents(folder.file("log")));
  }
  Costs costs;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    // Processes that a workload has forked write files of their own.
    costs[chosen[i].name] =
        total_of(folder.file("count." + std::to_string(process) + "." + std::to_string(i + 1)));
  }
  return costs;
}

void run_for_callgrind(const std::vector<Workload>& chosen) {
  for (const Workload& workload : chosen) {
    workload.run();  // so that the second run finds stacks, paths and caches as all later ones do
    bench_counted_section(workload.run);
  }
}

}  // namespace bench
