#include "orders.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace fs = std::filesystem;

namespace {

/// What is wrong with one field, as "lines[1].quantity: expected an unsigned integer, found \"two\"".
class Fields {
 public:
  explicit Fields(const nlohmann::json& json) : json_(json) {}

  void text(const std::string& path, const nlohmann::json& parent, const char* name) {
    expect(path, parent, name, "a text", [](const auto& value) { return value.is_string(); });
  }
  void integer(const std::string& path, const nlohmann::json& parent, const char* name) {
    expect(path, parent, name, "an integer that is not negative",
           [](const auto& value) { return value.is_number_unsigned(); });
  }

  std::string check() {
    for (const char* name : {"id", "currency", "card"}) text("", json_, name);
    expect("", json_, "refund", "true or false",
           [](const auto& value) { return value.is_boolean(); });
    if (expect("", json_, "customer", "an object",
               [](const auto& value) { return value.is_object(); })) {
      for (const char* name : {"name", "email"}) text("customer.", json_["customer"], name);
    }
    if (expect("", json_, "lines", "a list", [](const auto& value) { return value.is_array(); })) {
      for (std::size_t i = 0; i < json_["lines"].size(); ++i) {
        const std::string path = "lines[" + std::to_string(i) + "].";
        for (const char* name : {"sku", "title"}) text(path, json_["lines"][i], name);
        for (const char* name : {"quantity", "unit_price"}) integer(path, json_["lines"][i], name);
      }
    }
    return error_;
  }

 private:
  template <class Check>
  bool expect(const std::string& path, const nlohmann::json& parent, const char* name,
              const char* what, Check check) {
    const auto found = parent.is_object() ? parent.find(name) : parent.end();
    if (found != parent.end() && check(*found)) return true;
    if (error_.empty()) {
      error_ = path + name + ": expected " + what + ", found " +
               (found == parent.end() ? "nothing" : found->dump());
    }
    return false;
  }

  const nlohmann::json& json_;
  std::string error_;
};

OrderFile read_order(const fs::path& path) {
  OrderFile file{path.filename().string(), {}, {}};
  std::ifstream stream(path);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) {
    file.error = "not a JSON object";
  } else if (file.error = Fields(json).check(); file.error.empty()) {
    file.order = json.get<payment::Order>();
  }
  return file;
}

}  // namespace

std::vector<OrderFile> read_orders(const fs::path& folder) {
  if (!fs::is_directory(folder))
    throw std::runtime_error(folder.string() + " is not a folder; give the folder of the orders");
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") paths.push_back(entry.path());
  }
  if (paths.empty())
    throw std::runtime_error(folder.string() +
                             " holds no .json file; give the folder of the orders");
  std::sort(paths.begin(), paths.end());
  std::vector<OrderFile> files;
  std::transform(paths.begin(), paths.end(), std::back_inserter(files), read_order);
  return files;
}
