# Input: layers.txt, layers-exceptions.txt, then the list of files on standard input. See .ci/check-layers.

function complain(file, line, text) {
  printf "%s:%d: %s\n", file, line, text
  bad = 1
}

# The row with the longest path that is the file or a folder above it.
function layer_of(file,    path) {
  if (file ~ /_test\.cpp$/) return "test"
  for (path = file; path != ""; ) {
    if (path in layer) return layer[path]
    if (path !~ /\//) return ""
    sub(/\/[^\/]*$/, "", path)
  }
  return ""
}

function excepted(file, word,    i) {
  for (i = 1; i <= exceptions; i++)
    if (exception_file[i] == file && index(word, exception_word[i])) { exception_used[i] = 1; return 1 }
  return 0
}

function check_include(file, number, text, own,    header, target, to) {
  header = text
  sub(/^[ \t]*#[ \t]*include[ \t]*[<"]/, "", header)
  sub(/[>"].*$/, "", header)
  if (own != "test" && own != "edge" && header ~ /^(gtest|gmock|rapidcheck)[.\/]/)
    complain(file, number, "only adapters and tests may name " header)
  if (text ~ /"\.\.?\//) complain(file, number, "includes are written as a path from src/ or include/: " header)
  if (header !~ /^(durable|durasim|adapters|cli|tools)\//) return
  target = ("include/" header) in exists ? "include/" header : "src/" header
  if (!(target in exists)) { complain(file, number, "no such header: " header); return }
  to = layer_of(target)
  if (own != to && own != "test" && own != "edge" && own != "umbrella" && to != "" && !((own, to) in may_use))
    complain(file, number, "layer " own " may not use layer " to " (" header ")")
}

function check_banned(file, number, code,    i, word) {
  for (i = 1; i <= bans; i++)
    if (match(code, ban[i])) {
      word = substr(code, RSTART, RLENGTH)
      if (!excepted(file, word)) complain(file, number, "not below the edges: " word)
    }
  if (match(code, /for *\(.*[^:]: *[A-Za-z_.>-]+\)/)) {
    word = substr(code, RSTART, RLENGTH - 1)
    sub(/^.*[^A-Za-z_]/, "", word)
    if ((stem(file), word) in unordered && !excepted(file, word))
      complain(file, number, "iteration over the unordered container " word)
  }
}

function stem(file) {
  sub(/^.*\//, "", file)
  sub(/\..*$/, "", file)
  return file
}

# Code without comments and without the text of strings.
function stripped(text) {
  gsub(/"([^"\\]|\\.)*"/, "\"\"", text)
  sub(/\/\/.*$/, "", text)
  return text
}

# Remembers the unordered containers that a file declares, for itself and its header or source.
function collect_unordered(file,    text, code) {
  while ((getline text < file) > 0) {
    code = stripped(text)
    if (code !~ /unordered_(map|set)<.*> *[a-z_]+ *[;={]/) continue
    sub(/ *[;={].*$/, "", code)
    sub(/^.*[> ]/, "", code)
    unordered[stem(file), code] = 1
  }
  close(file)
}

function check_file(file,    own, edge, number, text) {
  own = layer_of(file)
  if (own == "") { complain(file, 1, "no row in .ci/layers.txt"); return }
  edge = own == "test" || own == "edge" || own == "lambda" || own == "emulator"
  number = 0
  while ((getline text < file) > 0) {
    number++
    if (text ~ /DISABLED_|GTEST_SKIP/ && !excepted(file, text)) complain(file, number, "a disabled test")
    if (text ~ /^[ \t]*#[ \t]*include/) { check_include(file, number, text, own); continue }
    if (edge) continue
    check_banned(file, number, stripped(text))
  }
  close(file)
}

BEGIN {
  ban[++bans] = "std::random_device"
  ban[++bans] = "std::(shuffle|sample|default_random_engine)"
  ban[++bans] = "std::[a-z_]+_distribution"
  ban[++bans] = "(^|[^A-Za-z0-9_.>:])s?rand *\\("
  ban[++bans] = "std::s?rand *\\("
  ban[++bans] = "(^|[^A-Za-z0-9_])time *\\( *(NULL|nullptr|0|&)"
  ban[++bans] = "(system|steady|high_resolution)_clock::now"
  ban[++bans] = "clock_gettime|gettimeofday|getrandom|arc4random|[dl]rand48"
  ban[++bans] = "this_thread::sleep"
}

/^#/ || NF == 0 { next }

FILENAME ~ /layers\.txt$/ && $1 == "layer" {
  known[$2] = 1
  for (i = 4; i <= NF; i++) may_use[$2, $i] = 1  # $3 is the word "uses"
  next
}
FILENAME ~ /layers\.txt$/ { layer[$1] = $2; next }
FILENAME ~ /exceptions\.txt$/ {
  if (NF < 3) complain(FILENAME, FNR, "a row is: file word reason")
  exception_file[++exceptions] = $1
  exception_word[exceptions] = $2
  next
}
{ exists[$0] = 1; files[++count] = $0 }

END {
  for (path in layer) if (!(layer[path] in known)) complain(".ci/layers.txt", 1, "no such layer: " layer[path])
  for (i = 1; i <= count; i++) collect_unordered(files[i])
  for (i = 1; i <= count; i++) check_file(files[i])
  for (i = 1; i <= exceptions; i++)
    if (!exception_used[i])
      complain(".ci/layers-exceptions.txt", i, "no longer needed: " exception_file[i] " " exception_word[i])
  exit bad
}
