#include <gtest/gtest.h>

#include "durasim/service/test_bed.hpp"

namespace durasim::state_test {

using namespace std::chrono_literals;
using namespace durasim::test_bed;
using durable::OperationAction;

ServiceConfig pages_of(std::uint32_t operations) {
  ServiceConfig config;
  config.state_page_size = operations;
  return config;
}

/// "1 2 3>3": the paths of a page, and where the next one begins.
std::string describe(const std::vector<durable::Operation>& operations, std::uint32_t next_marker) {
  std::string text;
  for (const durable::Operation& operation : operations)
    text += (text.empty() ? "" : " ") + operation.path.to_string();
  return next_marker == 0 ? text : text + ">";
}

/// All pages of the record from the one that `event` holds, separated by "|".
template <class First>
std::string all_pages(TestBed& bed, const First& first) {
  std::string text = describe(first.operations, first.next_marker);
  for (std::uint32_t marker = first.next_marker; marker != 0;) {
    const durable::Response page = bed.service.state({.token = bed.token,
                                                      .updates = {},
                                                      .kind = durable::Request::Kind::get_state,
                                                      .marker = marker});
    EXPECT_EQ(page.fate, durable::Fate::ok);
    EXPECT_EQ(page.token, std::nullopt);
    text += describe(page.operations, page.next_marker);
    marker = page.next_marker;
  }
  return text;
}

std::string refusal(const TestBed& bed, const durable::CheckpointToken& token,
                    std::uint32_t marker) {
  const durable::Response response = bed.service.state(
      {.token = token, .updates = {}, .kind = durable::Request::Kind::get_state, .marker = marker});
  if (response.fate != durable::Fate::error) return "";
  EXPECT_EQ(response.error->http_status, 400);
  EXPECT_EQ(response.error->code, "InvalidParameterValueException");
  return response.error->message;
}

/// A new invocation of an execution whose record has the steps 1 to 5.
durable::InvocationEvent five_steps(TestBed& bed) {
  bed.begin();
  bed.send({start(1), start(2), start(3), start(4), start(5)});
  bed.service.fail_invocation(bed.token, {"Runtime.ExitError", ""});
  return bed.begin();
}

TEST(ServiceState, IsOnePageByDefault) {
  TestBed bed;
  EXPECT_EQ(all_pages(bed, five_steps(bed)), "1 2 3 4 5");
}

TEST(ServiceState, ComesInPagesOfAnySize) {
  const auto in_pages_of = [](std::uint32_t size) {
    TestBed bed(pages_of(size));
    return all_pages(bed, five_steps(bed));
  };
  EXPECT_EQ(in_pages_of(1), "1>2>3>4>5");
  EXPECT_EQ(in_pages_of(2), "1 2>3 4>5");
  EXPECT_EQ(in_pages_of(4), "1 2 3 4>5");
  EXPECT_EQ(in_pages_of(5), "1 2 3 4 5");
}

TEST(ServiceState, LeavesOutWhatIsInsideCompleteContexts) {
  TestBed bed(pages_of(2));
  bed.begin();
  bed.send({start(1), context(2, OperationAction::start), inside(2, start(1)), inside(2, start(2)),
            context(2, OperationAction::succeed), start(3)});
  bed.service.fail_invocation(bed.token, {"Runtime.ExitError", ""});
  EXPECT_EQ(all_pages(bed, bed.begin()), "1 2>3");
}

TEST(ServiceState, HasNoPageWhereOnlyWhatIsLeftOutFollows) {
  TestBed bed(pages_of(1));
  bed.begin();
  bed.send({context(1, OperationAction::start), inside(1, start(1)),
            context(1, OperationAction::succeed)});
  bed.service.fail_invocation(bed.token, {"Runtime.ExitError", ""});
  EXPECT_EQ(all_pages(bed, bed.begin()), "1");
}

TEST(ServiceState, OfAnAnswerComesInPagesWithItsNewToken) {
  TestBed bed(pages_of(2));
  bed.begin();
  const durable::CheckpointToken first = bed.token;
  const durable::Response answer = bed.send({start(1), start(2), start(3), start(4), start(5)});
  EXPECT_EQ(refusal(bed, first, answer.next_marker),
            "Invalid checkpoint token: used sequence 0 of invocation 1, which is at 1");
  EXPECT_EQ(all_pages(bed, answer), "1 2>3 4>5");
  EXPECT_EQ(all_pages(bed, bed.send({succeed(4, "4")})), "4");
}

TEST(ServiceState, OfARepeatedAnswerHasTheSamePages) {
  TestBed bed(pages_of(2));
  bed.begin();
  const durable::Request request{bed.token, 5, 1, {start(1), start(2), start(3)}};
  bed.token = *bed.service.checkpoint(request).token;
  EXPECT_EQ(all_pages(bed, bed.service.checkpoint(request)), "1 2>3");
}

TEST(ServiceState, DoesNotUseItsTokenUp) {
  TestBed bed(pages_of(2));
  const durable::InvocationEvent event = five_steps(bed);
  EXPECT_EQ(all_pages(bed, event), all_pages(bed, event));
  EXPECT_EQ(bed.send({}).fate, durable::Fate::ok);
}

TEST(ServiceState, IsRefusedToOlderInvocationsAndAfterTheEnd) {
  TestBed bed(pages_of(2));
  const durable::CheckpointToken older = five_steps(bed).token;
  bed.service.supersede(1);
  bed.begin();
  EXPECT_EQ(refusal(bed, older, 2),
            "Invalid checkpoint token: invocation 2 is superseded by invocation 3");
  EXPECT_EQ(refusal(bed, {9, 1, 0}, 2), "Invalid checkpoint token: there is no such execution");
  bed.end_invocation(succeeded("1"));
  EXPECT_EQ(refusal(bed, bed.token, 2), "Invalid checkpoint token: the execution is complete");
}

TEST(ServiceState, RefusesMarkersThatItDidNotGive) {
  TestBed bed(pages_of(2));
  five_steps(bed);
  EXPECT_EQ(refusal(bed, bed.token, 5), "Invalid marker.");
  EXPECT_EQ(refusal(bed, bed.token, 0xffffffffU), "Invalid marker.");
  EXPECT_EQ(refusal(bed, bed.token, 0), "");
}

TEST(ServiceState, TellsOfAPageAsItIsWhenItIsFetched) {
  TestBed bed(pages_of(1));
  bed.begin();
  bed.send({start(1), wait(2, 5s)});
  bed.service.fail_invocation(bed.token, {"Runtime.ExitError", ""});
  const durable::InvocationEvent event = bed.begin();
  bed.advance();
  const durable::Response page = bed.service.state({.token = bed.token,
                                                    .updates = {},
                                                    .kind = durable::Request::Kind::get_state,
                                                    .marker = event.next_marker});
  EXPECT_EQ(page.operations.at(0).status, durable::OperationStatus::succeeded);
}

TEST(ServiceState, OfAnExecutionThatIsOverIsOnePage) {
  TestBed bed(pages_of(2));
  five_steps(bed);
  EXPECT_EQ(bed.service.terminal_event(1).operations.size(), 5U);
  EXPECT_EQ(bed.service.terminal_event(1).next_marker, 0U);
}

}  // namespace durasim::state_test
