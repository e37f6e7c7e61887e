#include <durasim/faults.hpp>

#include <algorithm>
#include <cctype>
#include <set>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/chooser.hpp>

namespace durasim {
namespace faults_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Fault> all() {
  std::vector<Fault> faults;
  for (std::size_t i = 0; i < kFaultCount; ++i) faults.push_back(static_cast<Fault>(i));
  return faults;
}

TEST(Fault, IsFoundAgainByItsIdentifier) {
  for (const Fault fault : all()) EXPECT_EQ(fault_from_string(to_string(fault)), fault);
  EXPECT_EQ(to_string(Fault::none), "none");
  EXPECT_EQ(to_string(Fault::crash_after_body), "crash_after_body");
  EXPECT_EQ(to_string(Fault::full_jitter), "full_jitter");
}

TEST(Fault, HasNoOtherIdentifiers) {
  EXPECT_THROW(fault_from_string("meteorite"), std::invalid_argument);
  EXPECT_THROW(fault_from_string(""), std::invalid_argument);
}

TEST(Fault, IsDescribedInWordsOfItsOwn) {
  std::set<std::string_view> phrases;
  for (const Fault fault : all()) {
    const std::string_view phrase = describe(fault);
    EXPECT_TRUE(phrases.insert(phrase).second) << phrase;
    EXPECT_TRUE(std::islower(static_cast<unsigned char>(phrase.front()))) << phrase;
    EXPECT_EQ(phrase.find('_'), std::string_view::npos) << phrase;
  }
}

TEST(Fault, KeepsThePhrasesThatReportsQuote) {
  EXPECT_EQ(describe(Fault::crash_after_body),
            "crash after the body, before its result is recorded");
  EXPECT_EQ(describe(Fault::crash_after_body_start_delivered),
            "crash after the body, before its result is recorded (its START was delivered)");
  EXPECT_EQ(describe(Fault::crash_before_body), "crash before the body");
  EXPECT_EQ(describe(Fault::crash_before_body_start_delivered),
            "crash before the body (its START was delivered)");
  EXPECT_EQ(describe(Fault::request_lost), "request lost, then sent again");
  EXPECT_EQ(describe(Fault::request_lost_for_good), "request and its repetitions lost");
  EXPECT_EQ(describe(Fault::answer_lost), "request applied, answer lost, then sent again");
}

TEST(FaultModel, OffersNothingByDefault) {
  EXPECT_TRUE(FaultModel().empty());
  EXPECT_EQ(FaultModel(), FaultModel::none());
  EXPECT_THAT(FaultModel::none().faults(), IsEmpty());
  EXPECT_FALSE(FaultModel::none().offers(Fault::none));
}

TEST(FaultModel, OfCrashesHoldsTheDeathsOfTheProcess) {
  EXPECT_THAT(FaultModel::crashes().faults(),
              ElementsAre(Fault::crash_before_sending, Fault::crash_after_applying,
                          Fault::crash_before_body, Fault::crash_before_body_start_delivered,
                          Fault::crash_at_effect, Fault::crash_after_body,
                          Fault::crash_after_body_start_delivered, Fault::crash_before_response));
}

TEST(FaultModel, OfEachTierHoldsThoseBeforeIt) {
  const std::vector<FaultModel> models = {FaultModel::crashes(), FaultModel::standard(),
                                          FaultModel::hostile(), FaultModel::thorough(),
                                          FaultModel::all()};
  for (std::size_t i = 1; i < models.size(); ++i) {
    EXPECT_GT(models[i].faults().size(), models[i - 1].faults().size());
    for (const Fault fault : models[i - 1].faults())
      EXPECT_TRUE(models[i].offers(fault)) << to_string(fault);
  }
}

TEST(FaultModel, OfAllHoldsEveryFault) {
  auto expected = all();
  std::erase_if(expected, [](Fault fault) {
    return fault == Fault::none || FaultModel::calendar().offers(fault) ||
           fault == Fault::full_jitter;
  });
  EXPECT_EQ(FaultModel::all().faults(), expected);
  EXPECT_FALSE(FaultModel::all().offers(Fault::none));
  EXPECT_FALSE(FaultModel::all().offers(Fault::full_jitter));
}

TEST(FaultModel, OfTheCalendarHoldsTimesToBeginAtAndNothingElse) {
  EXPECT_EQ(FaultModel::calendar().faults().size(), 6U);
  for (const Fault fault : FaultModel::calendar().faults())
    EXPECT_EQ(site_of(fault), SiteKind::start) << to_string(fault);
}

TEST(FaultModel, OfAStandardServiceLacksOverlappingInvocations) {
  const auto standard = FaultModel::standard();
  EXPECT_EQ(standard.with({Fault::overtaken_before_body, Fault::overtaken_after_body,
                           Fault::concurrent_delivery_older_first,
                           Fault::concurrent_delivery_newer_first}),
            FaultModel::hostile());
  EXPECT_EQ(standard.faults().size() + 4, FaultModel::hostile().faults().size());
  EXPECT_TRUE(standard.offers(Fault::crash_at_effect));
  EXPECT_FALSE(standard.offers(Fault::overtaken_after_body));
}

TEST(FaultModel, IsChangedByCopy) {
  const auto none = FaultModel::none();
  const auto two = none.with({Fault::response_lost, Fault::cold_start});
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(two.empty());
  EXPECT_THAT(two.faults(), ElementsAre(Fault::cold_start, Fault::response_lost));
  EXPECT_THAT(two.without({Fault::response_lost, Fault::throttled}).faults(),
              ElementsAre(Fault::cold_start));
}

TEST(FaultModel, HasNoPlaceForWhatIsNoFault) {
  EXPECT_TRUE(FaultModel::none().with({Fault::none, Fault::full_jitter}).empty());
}

TEST(FaultCatalogue, HoldsEveryFaultInOrder) {
  EXPECT_EQ(fault_catalogue().size() + 1, kFaultCount);
  for (const FaultInfo& info : fault_catalogue()) {
    EXPECT_EQ(&fault_info(info.fault), &info);
    EXPECT_EQ(to_string(info.fault), info.id);
    EXPECT_FALSE(info.points.empty()) << info.id;
    EXPECT_THAT(std::string(info.test), testing::EndsWith(std::string(info.id)));
    if (!info.same_as.empty()) {
      const FaultInfo& canonical = fault_info(fault_from_string(info.same_as));
      EXPECT_LE(canonical.tier, info.tier) << info.id;
    }
  }
  EXPECT_THROW(fault_info(Fault::none), std::invalid_argument);
}

TEST(FaultSet, FindsEachOfItsFaultsByItsPlace) {
  FaultSet set;
  EXPECT_TRUE(set.empty());
  for (const Fault fault : {Fault::full_jitter, Fault::request_lost, Fault::callback_never})
    set.insert(fault);
  EXPECT_EQ(set.size(), 3U);
  EXPECT_EQ(set.nth(0), Fault::request_lost);
  EXPECT_EQ(set.nth(1), Fault::callback_never);
  EXPECT_EQ(set.nth(2), Fault::full_jitter);
  set.erase(Fault::request_lost);
  EXPECT_EQ(set.nth(1), Fault::full_jitter);
  EXPECT_FALSE(set.contains(Fault::request_lost));
}

TEST(SiteKind, IsFoundAgainByItsIdentifier) {
  for (std::size_t i = 0; i < kSiteKindCount; ++i) {
    const auto kind = static_cast<SiteKind>(i);
    EXPECT_EQ(site_kind_from_string(to_string(kind)), kind);
  }
  EXPECT_EQ(to_string(SiteKind::after_body), "after_body");
  EXPECT_EQ(to_string(SiteKind::jitter), "jitter");
  EXPECT_THROW(site_kind_from_string("before_lunch"), std::invalid_argument);
}

}  // namespace faults_test
}  // namespace durasim
