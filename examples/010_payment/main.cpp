// The payment workflow, run for every order of a folder under every schedule of at most two faults, and
// the same workflow with a planted bug; then what can happen to both, for a design review. Usage: 010_payment FOLDER
#include <chrono>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <durasim/durasim.hpp>

#include "handlers/bugs/double_charge.hpp"
#include "handlers/sound/payment.hpp"
#include "orders.hpp"

namespace {

constexpr std::uint32_t kMaxFaults = 2;
constexpr std::size_t kLineWidth = 96;

struct Totals {
  std::size_t orders = 0;
  std::size_t unreadable = 0;
  std::uint64_t schedules = 0;
  std::uint64_t executions = 0;
  bool as_expected = true;

  void add(const durasim::Verification& result) {
    schedules += result.runs;
    executions += result.executions;
  }
};

durasim::Verification explore(const std::string& name, const durasim::Scenario& scenario) {
  return durasim::verify(
      scenario, {.max_faults = kMaxFaults, .faults = durasim::FaultModel::hostile(), .name = name});
}

void print_faults() {
  std::printf("Every schedule of at most %u faults out of these:\n", kMaxFaults);
  std::map<durasim::FaultClass, std::vector<std::string>> lines;  // of names, by class
  for (const auto fault : durasim::FaultModel::hostile().faults()) {
    std::vector<std::string>& of_class = lines[durasim::class_of(fault)];
    const std::string name(durasim::to_string(fault));
    if (of_class.empty() || of_class.back().size() + name.size() > kLineWidth) {
      of_class.push_back(name);
    } else {
      of_class.back() += ", " + name;
    }
  }
  for (const auto& [fault_class, of_class] : lines) {
    std::string title(durasim::to_string(fault_class));
    for (const std::string& line : of_class) {
      std::printf("  %-12s%s\n", std::exchange(title, "").c_str(), line.c_str());
    }
  }
  std::printf("\n%-40s %10s %11s %8s  %s\n", "order", "schedules", "executions", "states",
              "verdict");
}

void run_orders(const std::vector<OrderFile>& files, Totals& totals) {
  for (const OrderFile& file : files) {
    if (!file.error.empty()) {
      std::printf("%-40s cannot be read: %s\n", file.name.c_str(), file.error.c_str());
      ++totals.unreadable;
      continue;
    }
    const auto result =
        explore("payment/" + file.order.id, durasim::scenario_for(file.order, payment::scenario));
    std::printf("%-40s %10llu %11llu %8llu  %s\n", file.name.c_str(),
                static_cast<unsigned long long>(result.runs),
                static_cast<unsigned long long>(result.executions),
                static_cast<unsigned long long>(result.durable_states),
                std::string(durasim::to_string(result.verdict)).c_str());
    if (result.verdict != durasim::Verdict::holds) std::printf("%s\n", result.report().c_str());
    totals.as_expected = totals.as_expected && result.verdict == durasim::Verdict::holds;
    totals.add(result);
    ++totals.orders;
  }
}

void run_planted_bug(const std::vector<OrderFile>& files, Totals& totals) {
  for (const OrderFile& file : files) {
    if (!file.error.empty()) continue;
    std::printf(
        "\nThe same workflow with a planted bug, a fresh key for each run of the payment's "
        "body:\n\n");
    const auto result = explore("double-charge/" + file.order.id,
                                durasim::scenario_for(file.order, double_charge::scenario<>));
    std::printf("%s", result.report().c_str());
    totals.as_expected = totals.as_expected && result.verdict == durasim::Verdict::refuted;
    totals.add(result);
    return;
  }
}

/// What can happen to each, counted without any assertion.
void print_audits(const std::vector<OrderFile>& files) {
  for (const OrderFile& file : files) {
    if (!file.error.empty()) continue;
    std::printf(
        "\nFor a design review, without any assertion: how often what can happen in the workflow, "
        "and "
        "in the twin.\n\n");
    const durasim::VerifyOptions options{.max_faults = kMaxFaults,
                                         .faults = durasim::FaultModel::hostile()};
    for (const bool is_twin : {false, true}) {
      durasim::VerifyOptions named = options;
      named.name = (is_twin ? "double-charge/" : "payment/") + file.order.id;
      const auto scenario = durasim::scenario_for(
          file.order, is_twin ? &double_charge::scenario<> : &payment::scenario);
      const durasim::Audit audit = durasim::audit(scenario, named);
      std::printf("%s\n", (is_twin ? audit.text() : audit.table()).c_str());
    }
    return;
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER, where FOLDER holds one order per .json file\n",
                 argv[0]);
    return 2;
  }
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<OrderFile> files = read_orders(argv[1]);
  Totals totals;
  print_faults();
  run_orders(files, totals);
  run_planted_bug(files, totals);
  print_audits(files);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf(
      "\n%zu orders, %zu unreadable, %llu schedules, %llu executions in %.1f s: %.0f executions "
      "per second\n",
      totals.orders, totals.unreadable, static_cast<unsigned long long>(totals.schedules),
      static_cast<unsigned long long>(totals.executions), seconds,
      static_cast<double>(totals.executions) / seconds);
  return totals.as_expected ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
