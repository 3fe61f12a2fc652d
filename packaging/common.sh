# Shared by packaging/quickstart and packaging/test; sourced, never run. Defines:
#   root             the checkout; also the working directory
#   step TEXT        announces a step and tells how long the one before it took
#   last_step        tells how long the last one took
#   step_times       tells how long each took
#   install_for KIND...   installs the packages of packaging/debian-packages.txt that are missing
#   configure PRESET  a folder that is there keeps how it was configured
#   build PRESET [TARGET...]   configures and compiles; everything if no target is named
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"

# Compiled objects are kept inside the checkout and found again when the checkout is moved; but units are not, in which
# CMake writes whole paths.
export CCACHE_DIR="${CCACHE_DIR:-$root/build/ccache}"
export CCACHE_SLOPPINESS=pch_defines,time_macros
export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE="${CCACHE_MAXSIZE:-3G}"
export NINJA_STATUS="[%f/%t, %es] "
jobs="${JOBS:-$(nproc)}"

step_name=""
step_began=0
times=()
last_step() {
  if [ -n "$step_name" ]; then
    times+=("$(printf '%5d s  %s' $((SECONDS - step_began)) "$step_name")")
    printf -- '--- %s: %d s\n' "$step_name" $((SECONDS - step_began))
  fi
  step_name=""
}
step_times() {
  printf '\n=== times\n'
  printf '%s\n' "${times[@]}"
  printf '%5d s  all steps\n' "$SECONDS"
}
step() {
  last_step
  step_name="$1"
  step_began=$SECONDS
  printf '\n=== %s\n' "$1"
}

packages_for() {
  local kinds
  kinds="$(IFS='|'; echo "$*")"
  awk -v kinds="^($kinds)$" '!/^#/ && $2 ~ kinds { print $1 }' packaging/debian-packages.txt
}

# Also what another installed package provides is there: some builds of nodejs bring npm along.
missing_of() {
  local name provided
  provided=" $(dpkg-query -W -f='${db:Status-Abbrev} ${Provides}\n' | sed -n 's/^ii //p' | tr -s ',\n' '  ') "
  for name in "$@"; do
    if [[ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$name" 2>/dev/null)" != ii* && "$provided" != *" $name "* ]]; then
      echo "$name"
    fi
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "Installing packages needs root: run this as root once, or install them yourself: $*" >&2
    return 1
  fi
}

# Installing a PostgreSQL server would also create and start a cluster of its own; the tests start theirs themselves.
no_default_cluster=/etc/postgresql-common/createcluster.d/qianzhi-no-default-cluster.conf
forbid_default_cluster() {
  as_root mkdir -p "$(dirname "$no_default_cluster")"
  echo 'create_main_cluster = false' | as_root tee "$no_default_cluster" >/dev/null
}
allow_default_cluster() {
  as_root rm -f "$no_default_cluster"
  as_root rmdir --ignore-fail-on-non-empty "$(dirname "$no_default_cluster")"
}

install_for() {
  step "packages for: $*"
  if ! command -v dpkg-query >/dev/null; then
    echo "Not a Debian system. Going on; packaging/debian-packages.txt says what is needed."
    return 0
  fi
  local missing=() failed=0
  mapfile -t missing < <(missing_of $(packages_for "$@"))
  if [ ${#missing[@]} -eq 0 ]; then
    echo "all installed"
    return 0
  fi
  echo "installing: ${missing[*]}"
  as_root apt-get update -q
  forbid_default_cluster
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${missing[@]}" </dev/null || failed=1
  allow_default_cluster
  return $failed
}

# Where all is new, a library is one unit, which takes half the time. Not with clang: alone, a file shows what it forgot
# to include.
configure() {
  local arguments=(--preset "$1")
  if [ "$1" != clang ] && [ ! -e "build/$1/CMakeCache.txt" ]; then arguments+=(-DQIANZHI_UNITY=ON); fi
  step "$1: configure"
  cmake "${arguments[@]}" >"build/$1-configure.log" 2>&1 || { cat "build/$1-configure.log"; return 1; }
}

build() {
  local preset="$1"
  shift
  configure "$preset"
  step "$preset: compile ${*:-everything}"
  ninja -C "build/$preset" -j "$jobs" "$@"
}

# Names of the programs, or test programs, that this build can make and that match the pattern.
targets_of() {
  ninja -C "build/$1" -t targets all | sed -nE "s#^bin/($2): .*#bin/\1#p" | sort -u
}

mkdir -p build
