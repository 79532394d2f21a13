#!/bin/sh
# What a container starts: `serve` and Curlew's other commands, or a program where one is named (sh, node, a path).
# It lies in a checkout as it lies in the image, and finds the server from where it lies.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
main=$root/packages/server/dist/cli/main.js
data=${CURLEW_DATA_DIR:-./data}

case ${1-serve} in
  sh | bash | node | /*) exec "$@" ;;
esac

# Root has no use for being root. Who it becomes is RUN_AS; empty: nobody else. It stays what it is where that user
# could not read the programs or write the data; its PostgreSQL runs as another user in any case.
run_as=${RUN_AS-curlew}
if [ "$(id -u)" = 0 ] && [ -n "$run_as" ] && id -- "$run_as" >/dev/null 2>&1; then
  [ -n "${DATABASE_URL-}" ] || mkdir -p -- "$data"
  user=$(id -u -- "$run_as") group=$(id -g -- "$run_as")
  as_user() { setpriv --reuid="$user" --regid="$group" --clear-groups -- "$@"; }
  if ! as_user test -r "$main"; then
    echo "Stays root: $run_as may not read $root." >&2
  elif [ -z "${DATABASE_URL-}" ] && ! as_user test -x "$(dirname -- "$data")/."; then
    echo "Stays root: $run_as may not enter $(dirname -- "$data")." >&2
  else
    if [ -z "${DATABASE_URL-}" ] && [ "$(stat -c %u -- "$data")" != "$user" ]; then
      chown -R -- "$user:$group" "$data"
    fi
    exec setpriv --reuid="$user" --regid="$group" --clear-groups -- "$0" "$@"
  fi
fi

if [ "${1-serve}" = serve ] && [ -z "${DATABASE_URL-}" ] && [ -d "$data" ] && [ ! -w "$data" ]; then
  echo "User $(id -u) of group $(id -g) may not write to $data, where the database is to be. Give that directory to \
user $(id -u) (chown, or fsGroup), use a volume that the container makes itself, or set DATABASE_URL." >&2
  exit 1
fi

exec node --max-semi-space-size=32 --heap-growing-percent=80 --no-allocation-site-pretenuring "$main" "$@"
