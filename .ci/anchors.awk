# Prints path#anchor for each heading of the pages, as GitHub makes anchors.
FNR == 1 { fence = 0; split("", count) }
/^```/ { fence = !fence }
!fence && /^#+ / {
  sub(/^#+ +/, "")
  gsub(/`/, "")
  while (match($0, /\[[^]]*\]\([^)]*\)/)) {
    link = substr($0, RSTART, RLENGTH)
    text = substr(link, 2, index(link, "]") - 2)
    $0 = substr($0, 1, RSTART - 1) text substr($0, RSTART + RLENGTH)
  }
  anchor = tolower($0)
  gsub(/[^a-z0-9 _-]/, "", anchor)
  gsub(/ /, "-", anchor)
  print FILENAME "#" anchor (count[anchor] ? "-" count[anchor] : "")
  count[anchor]++
}
