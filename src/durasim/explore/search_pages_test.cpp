#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

#include "handlers/sound/all.hpp"

/// What the pages on random search show.
namespace search_pages_test {

const durasim::Scenario scenario = &never_waits::scenario;

// [nightly]
TEST(Fulfil, SearchFindsNothing) {
  EXPECT_THAT(durasim::search(scenario, {.runs = 2'000, .max_faults = 4}), durasim::NotRefuted());
}
// [/nightly]

}  // namespace search_pages_test
