# Sourced by the scripts: $root is the project's folder, and three steps that a fresh machine needs.
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)

need_node() {
  if ! command -v node >/dev/null; then
    echo "sluice needs Node.js 20.19 or newer, and there is no 'node' in PATH" >&2
    exit 1
  fi
  if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
    echo "sluice needs Node.js 20.19 or newer; this one is $(node --version)" >&2
    exit 1
  fi
}

# Installs the npm packages where they are absent or older than the lock file.
need_packages() {
  local have=$root/node_modules/.package-lock.json
  if [[ ! -e $have || $root/package-lock.json -nt $have ]]; then
    (cd -- "$root" && npm ci --no-audit --no-fund) >&2
    touch -- "$have"
  fi
}

# need_programs NAME[:PACKAGE]... installs what is missing (Debian, as root) or says what to install.
need_programs() {
  local missing=() packages=() one
  for one in "$@"; do
    if ! command -v "${one%%:*}" >/dev/null && [[ ! -x /usr/sbin/${one%%:*} ]]; then
      missing+=("${one%%:*}")
      packages+=("${one##*:}")
    fi
  done
  if ((${#missing[@]} == 0)); then
    return 0
  fi
  if ((EUID == 0)) && command -v apt-get >/dev/null; then
    echo "installing: ${packages[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    if apt-get update -qq >&2 && apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2; then
      return 0
    fi
    echo "could not install: ${packages[*]}; what needs them will fail" >&2
  else
    echo "missing: ${missing[*]} (Debian packages: ${packages[*]}); what needs them will fail" >&2
  fi
}
