# Sourced by the scripts that install what tests and samples need. Sets nothing but the function install_package.
#
# install_package NAME MANAGER="PACKAGES" ...   installs with the first of brew, apt-get, dnf, apk, pacman and zypper that is there. Of
# several PACKAGES the first that can be installed is taken: distributions call the same program by different names.
install_package() {
  name=$1
  shift
  manager=""
  for candidate in brew apt-get dnf apk pacman zypper; do
    if command -v "$candidate" >/dev/null 2>&1; then
      manager=$candidate
      break
    fi
  done
  if [ -z "$manager" ]; then
    echo "$name is missing, and no brew, apt-get, dnf, apk, pacman or zypper was found: install $name by hand." >&2
    return 1
  fi

  packages=$name
  for choice in "$@"; do
    case $choice in "$manager="*) packages=${choice#*=} ;; esac
  done

  as_root=""
  # Homebrew refuses to run as root; all others need it.
  if [ "$manager" != brew ] && [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      echo "$name is missing, and installing it takes root rights: run this script as root, or install sudo." >&2
      return 1
    fi
    as_root="sudo"
  fi

  echo "installing $name" >&2
  for package in $packages; do
    if _install_one; then
      return 0
    fi
  done
  return 1
}

_install_one() {
  case $manager in
    brew) brew install --quiet "$package" ;;
    apt-get)
      # The list of packages may be current, and the network slow: update it only if the installation fails without.
      $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package" || {
        $as_root apt-get update
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package"
      } ;;
    dnf) $as_root dnf install -y "$package" ;;
    apk) $as_root apk add --no-cache "$package" ;;
    pacman) $as_root pacman -S --noconfirm --needed "$package" ;;
    zypper) $as_root zypper --non-interactive install "$package" ;;
  esac
}
