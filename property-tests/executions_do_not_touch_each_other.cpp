#include "executions_do_not_touch_each_other.hpp"

#include "generators/cases.hpp"

namespace properties {

TEST(PropertyExecutionsDoNotTouchEachOther, FaultsStayWhereTheyAre) {
  generated::expect_to_hold(
      [](const generated::Case& a, const generated::Case& b, const generated::Case& c) {
        faults_stay_where_they_are({a, b, c}, *rc::gen::inRange(1U, 4U));
      });
}

TEST(PropertyExecutionsDoNotTouchEachOther, EachIsAsItIsAlone) {
  generated::expect_to_hold([](const generated::Case& a, const generated::Case& b,
                               const generated::Case& c) { each_is_as_it_is_alone({a, b, c}); });
}

}  // namespace properties
