# Sourced by start.sh and test.sh, in the repository's root: everything a fresh clone on a plain machine lacks.

say() { printf 'remora: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

require_node() {
  command -v node >/dev/null || fail 'Node.js is missing. Install 20.19 or later: https://nodejs.org/en/download'
  node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1);
  ' || fail "Node.js $(node --version) is too old. Install 20.19 or later: https://nodejs.org/en/download"
  command -v npm >/dev/null || fail 'npm is missing. It comes with Node.js: https://nodejs.org/en/download'
}

# require_packages PURPOSE PACKAGE...: installs Debian packages as root, says what to type otherwise.
require_packages() {
  local purpose=$1 missing=() package
  shift
  command -v dpkg-query >/dev/null || return 0
  for package; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    fail "$purpose needs packages that are not installed. Type:
  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
  fi
  say "installing ${missing[*]} ($purpose)"
  {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q && apt-get install -q -y --no-install-recommends "${missing[@]}"
  } >&2 || fail "apt-get could not install ${missing[*]}; its messages are above."
}

install_modules() {
  node scripts/modules-current.mjs && return 0
  # Two of the packages are addons that are compiled here.
  require_packages 'building the capture addon' libpcap-dev g++ make python3
  say 'installing npm packages (once)'
  npm ci --no-audit --no-fund >&2 || fail 'npm could not install the packages; its messages are above.'
  node scripts/modules-current.mjs ||
    fail 'The addons better-sqlite3 and pcap were not built. Run: npm rebuild better-sqlite3 pcap --foreground-scripts'
}

build_if_needed() {
  local stamp=dist/.built
  if [ -e $stamp ] && [ -z "$(find flow worker hub cli deploy ui package.json tsconfig.json tsconfig.build.json \
    node_modules/.package-lock.json -newer $stamp -type f -print -quit 2>/dev/null)" ]; then
    return 0
  fi
  say 'building'
  npm run --silent build >&2 || fail 'The build failed; its messages are above.'
  touch $stamp
}
