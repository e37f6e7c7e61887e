#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <durasim/explore.hpp>

/// Scenarios as targets of libFuzzer, and of other fuzzers that call LLVMFuzzerTestOneInput.
/// Source: docs/how-to/fuzz-with-libfuzzer.md
namespace durasim {

struct FuzzOptions {
  /// At most so many faults in one run: what an input asks for beyond the bounds is benign, so that
  /// each run shows whether it heals. $DURASIM_MAX_FAULTS wins.
  std::uint32_t max_faults = 3;
  FaultModel faults = FaultModel::standard();
  /// At most so many times in one run does something else go first.
  std::uint32_t max_preemptions = 1;
  /// At most so many answers from outside in one run are other than the test says.
  std::uint32_t max_environment = 1;
  /// At most so many random draws other than the nominal one in one run.
  std::uint32_t max_data = 1;
  /// Makes a failure smaller before it is reported.
  bool shrink = true;
  /// How many runs a program without a fuzzer makes that is given no inputs.
  std::uint64_t runs = 10'000;
  /// Identity of the scenario in files; by default what DURASIM_FUZZ is given.
  std::string name = {};
  SimulationOptions simulation = {};
};

/// A scenario that is run along one input after the other.
/// Shape:   an input is the bytes of a BytesChooser, or the text of a schedule file, whose answers
///          count then.
class FuzzTarget {
 public:
  /// Errors:  EnvironmentError.
  FuzzTarget(Scenario scenario, const std::string& name, FuzzOptions options = {});
  ~FuzzTarget();
  FuzzTarget(const FuzzTarget&) = delete;
  FuzzTarget& operator=(const FuzzTarget&) = delete;

  /// What has to be right before inputs are run: the kept schedules of $DURASIM_CORPUS hold, the
  /// scenario repeats itself, and there is something to judge.
  std::optional<Verification> prepare();
  /// Runs and judges. A failure is on disk before this returns; nothing if no rule was broken.
  /// Replay:  depends on the input alone.
  /// Errors:  std::runtime_error if the output folder cannot be written.
  std::optional<Verification> run(std::span<const std::uint8_t> input);
  /// The durable states that the last run came through.
  const std::vector<std::uint64_t>& states() const;

  /// An input that differs from another one in a few answers: a fault more or less, at another choice,
  /// or another one; never more than the bounds allow.
  /// Shape:   at most `most` bytes. The same for the same arguments and runs so far.
  std::vector<std::uint8_t> mutate(std::span<const std::uint8_t> input, std::size_t most,
                                   std::uint64_t seed) const;
  /// The faults of one input up to some choice, and of another one from there on.
  std::vector<std::uint8_t> cross(std::span<const std::uint8_t> input,
                                  std::span<const std::uint8_t> other, std::size_t most,
                                  std::uint64_t seed) const;

  const Scenario& scenario() const;
  const FuzzOptions& options() const;  ///< as the environment has them; `name` is never empty

 private:
  class Runs;
  std::unique_ptr<Runs> runs_;
};

namespace detail {
using FuzzTargetMaker = FuzzTarget& (*)();
int fuzz_initialize(FuzzTargetMaker target, int* argc, char*** argv);
int fuzz_one_input(FuzzTargetMaker target, const std::uint8_t* data, std::size_t size);
std::size_t fuzz_mutate(FuzzTargetMaker target, std::uint8_t* data, std::size_t size,
                        std::size_t most, unsigned seed);
std::size_t fuzz_cross(FuzzTargetMaker target, std::span<const std::uint8_t> input,
                       std::span<const std::uint8_t> other, std::span<std::uint8_t> out,
                       unsigned seed);
int fuzz_main(FuzzTargetMaker target, int argc, char** argv);
}  // namespace detail

}  // namespace durasim

/// Makes `scenario`, a function of Simulation& or a Scenario, the target of a fuzzer, once in a program;
/// FuzzOptions may follow. Linked without a fuzzer it is a program that runs the inputs it is given, or
/// without any a short search. A fuzzer that brings its main in an archive needs
/// `#define DURASIM_FUZZ_NO_MAIN` before.
#define DURASIM_FUZZ(scenario, ...)                                                              \
  static durasim::FuzzTarget& durasim_fuzz_target() {                                            \
    static durasim::FuzzTarget target(scenario, #scenario __VA_OPT__(, ) __VA_ARGS__);           \
    return target;                                                                               \
  }                                                                                              \
  extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);                                  \
  extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {                                 \
    return durasim::detail::fuzz_initialize(durasim_fuzz_target, argc, argv);                    \
  }                                                                                              \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);             \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {            \
    return durasim::detail::fuzz_one_input(durasim_fuzz_target, data, size);                     \
  }                                                                                              \
  extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,           \
                                                 std::size_t most, unsigned seed);               \
  extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,           \
                                                 std::size_t most, unsigned seed) {              \
    return durasim::detail::fuzz_mutate(durasim_fuzz_target, data, size, most, seed);            \
  }                                                                                              \
  extern "C" std::size_t LLVMFuzzerCustomCrossOver(                                              \
      const std::uint8_t* data, std::size_t size, const std::uint8_t* other, std::size_t others, \
      std::uint8_t* out, std::size_t most, unsigned seed);                                       \
  extern "C" std::size_t LLVMFuzzerCustomCrossOver(                                              \
      const std::uint8_t* data, std::size_t size, const std::uint8_t* other, std::size_t others, \
      std::uint8_t* out, std::size_t most, unsigned seed) {                                      \
    return durasim::detail::fuzz_cross(durasim_fuzz_target, {data, size}, {other, others},       \
                                       {out, most}, seed);                                       \
  }                                                                                              \
  DURASIM_FUZZ_MAIN                                                                              \
  static_assert(true)

// Weak: libFuzzer has one of its own, which is linked then.
#ifdef DURASIM_FUZZ_NO_MAIN
#define DURASIM_FUZZ_MAIN
#else
#define DURASIM_FUZZ_MAIN                                               \
  __attribute__((weak)) int main(int argc, char** argv);                \
  __attribute__((weak)) int main(int argc, char** argv) {               \
    return durasim::detail::fuzz_main(durasim_fuzz_target, argc, argv); \
  }
#endif
