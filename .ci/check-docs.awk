# Prints the page with every copied fence filled from its source; complains to standard error. See .ci/check-docs.

BEGIN {
  while ((getline line < targets) > 0) exists[line] = 1
  close(targets)
  executed = "^(file: .*|append: .*|edit: .*|run|run: fails|output)$"
}

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

function without_blanks(text) {
  gsub(/[ \t\n]+/, "", text)
  return text
}

function quoted(path, text,    line, all) {
  while ((getline line < path) > 0) all = all line
  close(path)
  return index(without_blanks(all), without_blanks(text))
}

# "docs/how-to/../reference/x.md" is "docs/reference/x.md".
function normal(path) {
  gsub(/\/\.\//, "/", path)
  sub(/^\.\//, "", path)
  while (sub(/[^\/]+\/\.\.\//, "", path)) ;
  sub(/\/$/, "", path)
  return path
}

function check_links(line,    target, folder, anchor) {
  gsub(/`[^`]*`/, "", line)
  folder = FILENAME
  if (!sub(/\/[^\/]*$/, "/", folder)) folder = ""
  while (match(line, /\]\([^)]*\)/)) {
    target = substr(line, RSTART + 2, RLENGTH - 3)
    line = substr(line, RSTART + RLENGTH)
    if (target ~ /^[a-z]+:/) continue
    anchor = ""
    if (match(target, /#.*$/)) {
      anchor = substr(target, RSTART)
      target = substr(target, 1, RSTART - 1)
    }
    target = target == "" ? FILENAME : normal(folder target)
    if (!(target in exists)) complain("dead link: " target)
    else if (anchor != "" && target ~ /\.md$/ && !((target anchor) in exists)) complain("no such heading: " target anchor)
  }
}

# Paths in backticks, from the top of the repository. Those with a wildcard or a placeholder are left alone.
function check_paths(line,    path) {
  while (match(line, /`[^`]*`/)) {
    path = substr(line, RSTART + 1, RLENGTH - 2)
    line = substr(line, RSTART + RLENGTH)
    if (path !~ /^(\.ci|docs|examples|fixtures|include|property-tests|src)\/[A-Za-z0-9_.\/-]*$/) continue
    if (path !~ /NNN|\/x[._]/ && !(normal(path) in exists)) complain("no such file: " path)
  }
}

function check_mark(language) {
  if (mark ~ /^(from|quotes): ./ || mark == "form") return
  if (mark ~ executed && FILENAME ~ /^docs\/tutorial\//) return
  if (mark != "") complain("unknown mark: " mark)
  else if (language != "sh" && FILENAME ~ /^(docs\/|README)/)
    complain("this fence has no source: a mark `from:`, `quotes:` or `form` is wanted before it")
}

/^```/ {
  print
  fence = !fence
  if (fence) {
    check_mark(substr($0, 4))
    split(mark, part, /: |#/)
    if (part[1] == "from") {
      print_region(part[2], part[3])
      skip = 1
    }
    quote = part[1] == "quotes" ? part[2] : ""
    text = ""
  } else {
    if (quote != "" && !quoted(quote, text)) complain("this does not stand in " quote)
    skip = 0
  }
  mark = ""
  next
}
fence {
  text = text $0 "\n"
  if (!skip) print
  next
}
{
  if (mark != "") complain("a mark that no fence follows: " mark)
  mark = ""
  if (/^<!-- .* -->$/) mark = substr($0, 6, length($0) - 9)
  print
  check_links($0)
  check_paths($0)
}
END {
  if (fence) complain("a fence that is not closed")
  exit bad
}
