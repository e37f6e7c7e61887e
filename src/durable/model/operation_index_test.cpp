#include "durable/model/operation_index.hpp"

#include <gtest/gtest.h>

namespace durable::operation_index_test {

Operation at(std::uint32_t number) {
  Operation operation;
  operation.path = OperationPath().child(number);
  return operation;
}

TEST(OperationIndex, FindsEachOfFewAndOfMany) {
  OperationIndex index;
  std::vector<Operation> operations;
  for (std::uint32_t number = 1; number <= 500; ++number) {
    EXPECT_EQ(index.find(operations, at(number).path), std::nullopt);
    operations.push_back(at(number));
    EXPECT_EQ(index.find(operations, at(number).path), number - 1);
    EXPECT_EQ(index.find(operations, at((number + 1) / 2).path), (number + 1) / 2 - 1);
  }
  for (std::uint32_t number = 1; number <= 500; ++number) {
    EXPECT_EQ(index.find(operations, at(number).path), number - 1);
  }
}

}  // namespace durable::operation_index_test
