#include "durasim/guard/frame_words.hpp"

#include <gtest/gtest.h>

namespace frame_words_test {

using durasim::guard::Frame;
using durasim::guard::is_users;
using durasim::guard::short_name;

TEST(FrameWords, FunctionsGoWithoutTheirArguments) {
  EXPECT_EQ(short_name("shop::stamp(Order const&)"), "shop::stamp");
  EXPECT_EQ(
      short_name("void std::this_thread::sleep_for<long, std::ratio<1l, 1000l> >(int const&)"),
      "std::this_thread::sleep_for");
  EXPECT_EQ(short_name("std::chrono::_V2::system_clock::now()"), "std::chrono::system_clock::now");
  EXPECT_EQ(short_name("(anonymous namespace)::stamp()"), "stamp");
  EXPECT_EQ(short_name("shop::(anonymous namespace)::stamp()"), "shop::stamp");
  EXPECT_EQ(short_name("shop::ship[abi:cxx11](int)"), "shop::ship");
  EXPECT_EQ(short_name("shop::ship[abi:cxx11]"), "shop::ship");
  EXPECT_EQ(short_name("Clock::now() const"), "Clock::now");
  EXPECT_EQ(short_name("Handler::operator()(durable::Context&) const"), "Handler::operator()");
}

TEST(FrameWords, LambdasGoByWhatIsAroundThem) {
  EXPECT_EQ(short_name("ship(durable::Context&)::{lambda()#1}::operator()() const"),
            "a lambda in ship");
  EXPECT_EQ(short_name("shop::ship(durable::Context&)::<lambda(durable::StepContext&)>"),
            "a lambda in shop::ship");
  EXPECT_EQ(short_name("shop::each<shop::ship()::<lambda()> >(int)"), "shop::each");
  EXPECT_EQ(short_name("ship(durable::Context&)::$_0::operator()(durable::Context&) const"),
            "a lambda in ship");
  EXPECT_EQ(short_name("shop::Shop_Ships_Test::TestBody()::$_0::operator()(durasim::Simulation&) "
                       "const::'lambda'(durable::Context&)::operator()(durable::Context&) const"),
            "a lambda in the test");
}

TEST(FrameWords, FramesOfTheSystemAreNotTheUsers) {
  EXPECT_TRUE(is_users({"ship(durable::Context&)", "/home/me/shop.cpp", 12, true}));
  EXPECT_FALSE(is_users({"std::vector<int>::at()", "/usr/include/c++/12/bits/vector.h", 7, true}));
  EXPECT_FALSE(is_users({"durable::Context::step()", "/usr/include/durable/context.hpp", 7, true}));
  EXPECT_TRUE(is_users({"ship(durable::Context&)", "", 0, true}));
  EXPECT_FALSE(is_users({"std::chrono::_V2::system_clock::now()", "", 0, false}));
  EXPECT_FALSE(is_users({"", "", 0, true}));
}

TEST(FrameWords, FoldersWithNamesOfOthersAreTheUsers) {
  for (const char* const file :
       {"/usr/src/app/shop.cpp", "/usr/local/src/shop.cpp",
        "/home/me/shop/src/durable/handlers.cpp", "/home/me/shop/src/durasim/shop_test.cpp",
        "/home/me/nlohmann/shop.cpp"}) {
    EXPECT_TRUE(is_users({"shop::stamp(Order const&)", file, 12, true})) << file;
    EXPECT_TRUE(
        is_users({"ship(durable::Context&)::{lambda()#1}::operator()() const", file, 12, true}))
        << file;
  }
}

TEST(FrameWords, DurasimIsNotTheUsersWhereverItIsBuilt) {
  for (const char* const file :
       {"/home/me/durasim/include/durable/context.hpp", "/opt/include/durasim/guard.hpp",
        "/usr/src/app/_deps/durasim-src/src/durasim/sim/world.cpp", "src/durable/sdk/engine.cpp"}) {
    EXPECT_FALSE(is_users({"durable::Context::step<ship()::{lambda()#1}>(int)", file, 7, true}));
    EXPECT_FALSE(
        is_users({"durasim::World::run()::{lambda()#1}::operator()() const", file, 7, true}))
        << file;
  }
  for (const char* const inlined : {"operator()", "call<ship()::<lambda()> >"})
    EXPECT_FALSE(is_users({inlined, "/opt/include/durasim/detail/impl.hpp", 67, true})) << inlined;
  for (const char* const file : {"/usr/lib/gcc/x86_64-linux-gnu/12/include/xmmintrin.h",
                                 "/usr/local/include/shop.hpp", "/usr/src/googletest/a.cc"})
    EXPECT_FALSE(is_users({"shop::stamp()", file, 7, true})) << file;
  EXPECT_FALSE(is_users({"nlohmann::detail::parser::parse()",
                         "/home/me/build/_deps/json/include/nlohmann/json.hpp", 7, true}));
}

TEST(FrameWords, UsersLinesInsideTheStandardLibraryHaveNoFunction) {
  EXPECT_EQ(durasim::guard::words({"std::_Function_handler<void (int)>::_M_invoke(int)",
                                   "/home/me/shop.cpp", 12, true}),
            "at shop.cpp:12");
}

TEST(FrameWords, InlinedFramesComeFirst) {
  const auto addresses = durasim::guard::parse_addr2line(
      "0x0000000000001139\nstamp()\n/home/me/shop.cpp:3\nship(int)\n/home/me/shop.cpp:9 "
      "(discriminator 2)\n0x0000000000002000\n??\n??:0\n");
  ASSERT_EQ(addresses.size(), 2U);
  ASSERT_EQ(addresses[0].size(), 2U);
  EXPECT_EQ(durasim::guard::words(addresses[0][0]), "at shop.cpp:3 in stamp");
  EXPECT_EQ(durasim::guard::words(addresses[0][1]), "at shop.cpp:9 in ship");
  ASSERT_EQ(addresses[1].size(), 1U);
  EXPECT_TRUE(addresses[1][0].function.empty());
  EXPECT_TRUE(addresses[1][0].file.empty());
}

}  // namespace frame_words_test
