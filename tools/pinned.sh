# Functions for scripts that install pinned packages: `source` this file, then call them.

# Ends the script with a message.
fail() {
  echo "setup: $*" >&2
  exit 1
}

# Fails unless a program is installed: need PROGRAM ADVICE
need() {
  command -v "$1" >/dev/null || fail "\`$1\` is missing; $2"
}

# Runs a command, unless it has already succeeded with the same content of a file: once STAMP FILE COMMAND...
once() {
  local stamp=$1 file=$2 sum
  shift 2
  sum=$(sha256sum <"$file")
  if [[ -f $stamp && $(<"$stamp") == "$sum" ]]; then return; fi
  echo "setup: $*"
  "$@"
  echo "$sum" >"$stamp"
}

# Installs exactly the packages of a file into a virtual environment: python_packages VENV REQUIREMENTS
python_packages() {
  local venv=$1 requirements=$2
  need python3 "install Python 3.11 or later with its venv module"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$(python3 --version) is too old; 3.11 is needed"
  [[ -x $venv/bin/python ]] || python3 -m venv "$venv" || fail "python3 -m venv failed; install its venv module"
  once "$venv/.installed" "$requirements" \
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
    -r "$requirements"
}
