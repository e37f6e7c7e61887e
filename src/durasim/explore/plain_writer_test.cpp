#include <unistd.h>

#include <array>
#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "durasim/explore/plain_writer.hpp"

/// Text without allocation, as a dying process writes it.
namespace plain_writer_test {

using durasim::PlainText;
using durasim::PlainWriter;

/// What `write` writes.
template <class Write>
std::string written(Write write) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  {
    PlainWriter out(ends[1]);
    write(out);
    EXPECT_TRUE(out.flush());
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = ::read(ends[0], buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(count));
  ::close(ends[0]);
  return text;
}

std::string json(const std::string& text) {
  return written([&](PlainWriter& out) { out.json(text); });
}

TEST(PlainWriter, WritesNumbers) {
  EXPECT_EQ(written([](PlainWriter& out) {
              out.number(0).text(" ").number(std::numeric_limits<std::uint64_t>::max());
              out.text(" ").hex(0x00c0ffee);
            }),
            "0 18446744073709551615 00c0ffee");
}

TEST(PlainWriter, WritesTextsThatAreLongerThanItsBuffer) {
  const std::string text(10'000, 'x');
  EXPECT_EQ(written([&](PlainWriter& out) { out.text("<").text(text).text(">"); }),
            "<" + text + ">");
}

TEST(PlainWriter, WritesJsonThatReadsAsItWas) {
  for (const std::string text :
       {"", "plain", "\"quoted\" \\ and\nbroken\t\x01", "Grüße €  \U0001F600"})
    EXPECT_EQ(nlohmann::json::parse(json(text)), nlohmann::json(text));
}

TEST(PlainWriter, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(json("a\xff"), "\"a\\ufffd\"");
  EXPECT_EQ(json("\xc3"), "\"\\ufffd\"") << "cut off";
  for (const std::string text :
       {"\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80"})
    EXPECT_TRUE(nlohmann::json::accept(json(text))) << "overlong, a surrogate, or beyond Unicode";
}

TEST(PlainWriter, SaysWhereNothingCanBeWritten) {
  PlainWriter out(-1);
  out.text("lost");
  EXPECT_FALSE(out.flush());
}

TEST(PlainText, IsCutWhereItIsFull) {
  PlainText text;
  for (int i = 0; i < 1'000; ++i) text.text("0123456789");
  EXPECT_EQ(text.view().size(), 4095U);
  EXPECT_EQ(text.c_str()[4095], '\0');
}

}  // namespace plain_writer_test
