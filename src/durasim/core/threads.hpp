#pragma once

/// What threads leave behind in processes that are forked beside them.
namespace durasim {

/// Whether this process has other threads, or one that it comes from had them when it was forked. A lock that
/// one of those held stays locked where they are not.
bool is_among_threads();

/// In a process that was forked just now: what is_among_threads() was before.
void forked_among_threads(bool among_threads);

}  // namespace durasim
