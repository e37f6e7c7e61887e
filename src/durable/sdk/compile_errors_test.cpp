#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

/// Mistakes that the compiler reports in one sentence of ours. It stands above each of them in
/// does_not_compile/.
namespace durable::compile_errors_test {

/// What the compiler of these tests says about a file.
std::string compiler_output(const std::filesystem::path& source) {
  const std::string command = "LC_ALL=C '" DURASIM_CXX_COMPILER
                              "' -std=c++20 -fsyntax-only -Wall -I '" DURASIM_SOURCE_DIR
                              "/include' -x c++ '" +
                              source.string() + "' 2>&1";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"),
                                                             ::pclose);
  std::string output;
  char buffer[4096];
  while (pipe && std::fgets(buffer, sizeof buffer, pipe.get()) != nullptr) output += buffer;
  return output;
}

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::vector<std::filesystem::path> files() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(
           DURASIM_SOURCE_DIR "/src/durable/sdk/does_not_compile")) {
    found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

class CompileErrors : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(CompileErrors, AreOneSentenceEach) {
  std::map<std::string, int> sentences;
  int mistakes = 0;
  std::ifstream source(GetParam());
  for (std::string line; std::getline(source, line);) {
    const std::string mark = "  // error: ";
    if (!line.starts_with(mark)) continue;
    ++sentences[line.substr(mark.size())];
    ++mistakes;
  }
  ASSERT_GT(mistakes, 0);
  const std::string output = compiler_output(GetParam());
  for (const auto& [sentence, times] : sentences)
    EXPECT_EQ(count(output, sentence), times) << sentence;
  EXPECT_EQ(count(output, "error: "), mistakes) << output;
}

INSTANTIATE_TEST_SUITE_P(Of, CompileErrors, testing::ValuesIn(files()),
                         [](const auto& test) { return test.param.stem().stem().string(); });

TEST(HandlerWithoutMistakes, Compiles) {
  const std::filesystem::path source = testing::TempDir() + "durable_handler_without_mistakes.cpp";
  std::ofstream(source) << R"(
    #include <durable/durable.hpp>
    struct Payment { int cents = 0; NLOHMANN_DEFINE_TYPE_INTRUSIVE(Payment, cents) };
    int handler(durable::Context& ctx) {
      ctx.wait("settle", std::chrono::seconds(1));
      ctx.step("send", [](durable::StepContext& step) { step.logger().info("sending"); });
      return ctx.step("charge", [] { return Payment{1}; }).cents;
    })";
  EXPECT_EQ(compiler_output(source), "");
  std::filesystem::remove(source);
}

}  // namespace durable::compile_errors_test
