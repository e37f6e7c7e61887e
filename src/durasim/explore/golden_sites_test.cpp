#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

#include "handlers/sound/all.hpp"

/// fixtures/golden/payment_sites.txt is everything that can befall the payment handler with one
/// fault.
namespace golden_sites_test {

constexpr const char* kGolden = DURASIM_SOURCE_DIR "/fixtures/golden/payment_sites.txt";

/// By execution, operation, course of an invocation, and occurrence.
struct ReadingOrder {
  static std::tuple<std::uint32_t, std::string, durasim::SiteKind, std::uint32_t> key(
      const durasim::Site& site) {
    return {site.execution, site.path.to_string(), site.kind, site.occurrence};
  }
  bool operator()(const durasim::Site& a, const durasim::Site& b) const { return key(a) < key(b); }
};
using Offers = std::map<durasim::Site, std::set<durasim::Fault>, ReadingOrder>;

Offers offers_within_one_fault() {
  Offers offers;
  const auto note = [&](const durasim::Simulation& sim, const durasim::Schedule&) {
    for (const durasim::Decision& decision : sim.decisions()) {
      auto& faults = offers[decision.site];
      for (std::uint32_t i = 1; i < decision.bound; ++i) faults.insert(decision.alternative(i));
    }
  };
  const auto result = durasim::verify(
      durasim::scenario_for(sound::small_order(), payment::scenario),
      {.max_faults = 1, .faults = durasim::FaultModel::hostile(), .after_run = note});
  EXPECT_EQ(result.verdict, durasim::Verdict::holds) << result;
  return offers;
}

std::string text_of(const Offers& offers) {
  std::string text =
      "# Every site and alternative that the payment handler is offered in runs of at most one "
      "fault,\n"
      "# under FaultModel::hostile(). DURASIM_UPDATE_GOLDEN=1 durasim_tests "
      "--gtest_filter='GoldenSites.*'\n";
  for (const auto& [site, faults] : offers) {
    text += durasim::identify(site) + ": ";
    const char* separator = "";
    for (const durasim::Fault fault : faults) {
      text += separator + std::string(durasim::to_string(fault));
      separator = ", ";
    }
    text += '\n';
  }
  return text;
}

TEST(GoldenSites, OfThePaymentHandlerAreThoseOnFile) {
  const std::string actual = text_of(offers_within_one_fault());
  if (const char* update = std::getenv("DURASIM_UPDATE_GOLDEN");
      update != nullptr && *update == '1') {
    std::ofstream(kGolden, std::ios::binary) << actual;
  }
  std::ifstream file(kGolden, std::ios::binary);
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(durasim::first_difference(golden, actual), "");
}

TEST(GoldenSites, OfferEveryFaultOfTheModelSomewhere) {
  std::set<durasim::Fault> offered;
  for (const auto& [site, faults] : offers_within_one_fault())
    offered.insert(faults.begin(), faults.end());
  for (const durasim::Fault fault : durasim::FaultModel::hostile().faults()) {
    EXPECT_TRUE(offered.contains(fault)) << durasim::to_string(fault);
  }
}

}  // namespace golden_sites_test
