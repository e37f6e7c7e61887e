#pragma once

#include <string>
#include <string_view>

#include <durasim/divergence.hpp>
#include <durasim/trace.hpp>

/// What is said of a divergence.
namespace durasim::oracle {

Divergence::Call call_of(const TraceEvent& issued);

/// step "charge" (operation 2); operation 2, where it is not known which one that is
std::string named(const Divergence::Call& call);

/// How a sentence about it begins: where the replay was made.
std::string_view on_replay(const Divergence& divergence);

/// One sentence.
std::string sentence(const Divergence& divergence);

/// What kind of divergence it is, in one sentence; Divergence::to_text() has the particulars.
std::string headline(const Divergence& divergence);

/// One sentence on what to do about it.
/// Shape:   `made_later`: the call that came is recorded in the same context, further on.
std::string advise(const Divergence& divergence, bool made_later);

}  // namespace durasim::oracle
