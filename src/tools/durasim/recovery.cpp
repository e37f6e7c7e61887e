#include "tools/durasim/recovery.hpp"

#include <fmt/format.h>

#include <durasim/recover.hpp>

#include "tools/durasim/files.hpp"
#include "tools/durasim/json.hpp"

namespace durasim::program {
Result recover_folder(const std::filesystem::path& folder, bool json) {
  expect_folder(folder);
  Result result;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Recovered& recovered : recover(folder)) {
    list.push_back({{"file", recovered.file.string()},
                    {"scenario", recovered.scenario},
                    {"ended", recovered.ended},
                    {"process", recovered.process}});
    result.text += fmt::format("{}  {}, process {}\n  file     {}\n", recovered.ended,
                               recovered.scenario, recovered.process, recovered.file.string());
    if (recovered.ended != kKilled) {
      result.status = Status::finding;
    } else if (result.status == Status::holds) {
      result.status = Status::incomplete;
    }
  }
  if (result.text.empty()) {
    result.text =
        fmt::format("{}: no process has died there in the middle of a run\n", folder.string());
  }
  if (json) result.text = json_text(list, 2) + "\n";
  return result;
}

}  // namespace durasim::program
