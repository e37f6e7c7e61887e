# Prints the page with every marked fence filled from its source; complains to standard error. See .ci/check-docs.

function complain(text) {
  print FILENAME ":" FNR ": " text > "/dev/stderr"
  bad = 1
}

# Prints the region without its common indentation and without the markers of other regions.
function print_region(path, region,    line, inside, found, count, lines, indent, least, i) {
  inside = region == ""
  found = inside
  least = 1000
  while ((getline line < path) > 0) {
    if (line ~ /^[ \t]*(\/\/|#) \[\/?[A-Za-z0-9_-]+\][ \t]*$/) {
      if (region != "" && index(line, "[" region "]")) inside = found = 1
      if (region != "" && index(line, "[/" region "]")) inside = 0
      continue
    }
    if (!inside) continue
    lines[++count] = line
    match(line, /^ */)
    if (line != "" && RLENGTH < least) least = RLENGTH
  }
  close(path)
  if (!found || !count) complain("nothing to copy from " path (region == "" ? "" : "#" region))
  for (i = 1; i <= count; i++) print substr(lines[i], least + 1)
}

function check_links(line,    target, folder) {
  gsub(/`[^`]*`/, "", line)
  while (match(line, /\]\([^)]*\)/)) {
    target = substr(line, RSTART + 2, RLENGTH - 3)
    line = substr(line, RSTART + RLENGTH)
    sub(/#.*$/, "", target)
    sub(/ +"[^"]*"$/, "", target)
    if (target == "" || target ~ /^[a-z]+:/) continue
    folder = FILENAME
    if (!sub(/\/[^\/]*$/, "", folder)) folder = "."
    if (target ~ /["$`\\]/ || system("test -e \"" folder "/" target "\"")) complain("dead link: " target)
  }
}

/^```/ {
  print
  fence = !fence
  if (fence && source != "") {
    split(source, part, "#")
    print_region(part[1], part[2])
    skip = 1
  }
  if (!fence) skip = 0
  source = ""
  next
}
fence { if (!skip) print; next }
{
  if (source != "") complain("a `from` mark that no fence follows")
  source = ""
  if ($0 ~ /^<!-- from: .* -->$/) source = $3
  print
  check_links($0)
}
END {
  if (fence) complain("a fence that is not closed")
  exit bad
}
