#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durable/model.hpp>

#include "durable/model/sha256.hpp"

namespace durable::model_test {

TEST(Text, IsAbsentUntilGivenSomething) {
  EXPECT_FALSE(Text().present());
  EXPECT_EQ(Text().view(), "");
  EXPECT_TRUE(Text("").present());
}

TEST(Text, TellsAbsentFromEmpty) {
  EXPECT_NE(Text(), Text(""));
  EXPECT_EQ(Text(), Text());
  EXPECT_EQ(Text(""), Text(""));
}

TEST(Text, ComparesCharactersAndNotWhereTheyAreKept) {
  EXPECT_EQ(Text("null"), Text(std::string("nu") + "ll"));
  EXPECT_NE(Text("null"), Text("nul"));
}

TEST(Text, SharesItsCharactersWithItsCopies) {
  const Text text(std::string(1000, 'x'));
  const Text copy = text;  // NOLINT(performance-unnecessary-copy-initialization): what is tested
  EXPECT_EQ(copy.view().data(), text.view().data());
  EXPECT_EQ(copy.str(), std::string(1000, 'x'));
}

TEST(Text, KeepsZeroBytes) { EXPECT_EQ(Text(std::string("a\0b", 3)).view().size(), 3u); }

TEST(Sha256, AgreesWithTheExamplesOfTheStandard) {  // FIPS 180-4
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(OperationStatus, IsTerminalOnceNothingCanChangeItAnyMore) {
  for (const auto status :
       {OperationStatus::started, OperationStatus::pending, OperationStatus::ready}) {
    EXPECT_FALSE(is_terminal(status)) << to_string(status);
  }
  for (const auto status :
       {OperationStatus::succeeded, OperationStatus::failed, OperationStatus::cancelled,
        OperationStatus::timed_out, OperationStatus::stopped}) {
    EXPECT_TRUE(is_terminal(status)) << to_string(status);
  }
}

TEST(ExecutionStatus, IsTerminalUnlessRunning) {
  EXPECT_FALSE(is_terminal(ExecutionStatus::running));
  for (const auto status : {ExecutionStatus::succeeded, ExecutionStatus::failed,
                            ExecutionStatus::timed_out, ExecutionStatus::stopped}) {
    EXPECT_TRUE(is_terminal(status)) << to_string(status);
  }
}

template <class Enum, std::size_t Count>
std::string words(const std::array<Enum, Count>& values) {
  std::string all;
  for (const Enum value : values) all += std::string(to_string(value)) + " ";
  return all;
}

TEST(WireNames, AreThoseOfTheServiceModel) {
  using Type = OperationType;
  using Status = OperationStatus;
  using Action = OperationAction;
  EXPECT_EQ(words(std::array{Type::execution, Type::context, Type::step, Type::wait, Type::callback,
                             Type::chained_invoke}),
            "EXECUTION CONTEXT STEP WAIT CALLBACK CHAINED_INVOKE ");
  EXPECT_EQ(
      words(std::array{Status::started, Status::pending, Status::ready, Status::succeeded,
                       Status::failed, Status::cancelled, Status::timed_out, Status::stopped}),
      "STARTED PENDING READY SUCCEEDED FAILED CANCELLED TIMED_OUT STOPPED ");
  EXPECT_EQ(words(std::array{Action::start, Action::succeed, Action::fail, Action::retry,
                             Action::cancel}),
            "START SUCCEED FAIL RETRY CANCEL ");
  EXPECT_EQ(
      words(std::array{OperationSubType::none, OperationSubType::step, OperationSubType::wait}),
      " Step Wait ");
  EXPECT_EQ(words(std::array{ExecutionStatus::running, ExecutionStatus::succeeded,
                             ExecutionStatus::failed, ExecutionStatus::timed_out,
                             ExecutionStatus::stopped}),
            "RUNNING SUCCEEDED FAILED TIMED_OUT STOPPED ");
  using Outcome = InvocationOutcome::Status;
  EXPECT_EQ(words(std::array{Outcome::succeeded, Outcome::failed, Outcome::pending,
                             Outcome::function_error}),
            "SUCCEEDED FAILED PENDING FUNCTION_ERROR ");
}

TEST(CheckpointToken, DiffersInEveryPart) {
  const CheckpointToken token{1, 2, 3};
  EXPECT_EQ(token, (CheckpointToken{1, 2, 3}));
  EXPECT_NE(token, (CheckpointToken{0, 2, 3}));
  EXPECT_NE(token, (CheckpointToken{1, 0, 3}));
  EXPECT_NE(token, (CheckpointToken{1, 2, 0}));
}

}  // namespace durable::model_test
