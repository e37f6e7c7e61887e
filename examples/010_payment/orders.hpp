#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "handlers/sound/payment.hpp"

/// Reads the orders of a folder, and says of each file that cannot be used what is wrong with it.
struct OrderFile {
  std::string name;
  payment::Order order;
  std::string error;  ///< empty if the order can be used
};

/// In order of their names.
/// Errors:  std::runtime_error if the folder does not exist or holds no .json file.
std::vector<OrderFile> read_orders(const std::filesystem::path& folder);
