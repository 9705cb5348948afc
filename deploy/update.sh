#!/usr/bin/env bash
# Puts another version of the site into service without refusing a request: deploy/update.sh [REVISION]
#
# Both instances run, on one database. Each in turn is taken out of nginx, stopped, started in the new version (which migrates),
# asked whether it is well, and put back; so a migration must suit the old version too (docs/operations.md). A version that was
# there before is used as it lies, so this is also the way back. Ends with 1, with the old version in service, where something
# does not work. Run as root.
set -euo pipefail
shopt -s inherit_errexit # else what fails inside $(...) does not end it

# shellcheck disable=SC1091
[ ! -f /etc/clinic/update.env ] || . /etc/clinic/update.env
root=${CLINIC_ROOT:-/opt/clinic}
upstream=${CLINIC_UPSTREAM:-/etc/nginx/clinic/upstream.conf}
backups=${CLINIC_BACKUPS:-/var/backups/clinic}
IFS=' ' read -r -a instances <<<"${CLINIC_INSTANCES:-a:8001 b:8002}"
spare=${CLINIC_SPARE:-} # an instance that runs during an update only, on a machine too small for two
start_seconds=${CLINIC_START_SECONDS:-60} # until an instance is well in the new version
return_seconds=180 # until it is well in the one before: that one worked, and there is nothing else to go back to
drain_seconds=35 # until the last answer of an instance is out; longer than nginx waits for one
keep_releases=3

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }
fail() { say "$*" >&2; exit 1; }

# The folder of a version: the one of this name that is there, or a new one. Called as $(prepare NAME).
prepare() {
    local name=$1
    if [ ! -d "$root/releases/$name" ]; then
        git -C "$root/source" fetch --quiet --tags origin >&2 || fail "git could not fetch: nothing was changed"
        name=$(git -C "$root/source" rev-parse --verify --quiet --short=12 "$name^{commit}") || fail "no such version: $1"
    fi
    if [ ! -d "$root/releases/$name" ]; then
        make_release "$name" >&2
    fi
    printf '%s\n' "$root/releases/$name"
}

# Makes a version in a folder of its own with its own .venv. All of it or nothing: a folder under releases/ is used as it lies.
make_release() {
    unfinished=$root/releases/.$1
    trap 'rm -rf "$unfinished"' EXIT
    rm -rf "$unfinished"
    mkdir -p "$unfinished"
    git -C "$root/source" archive "$1" | tar -x -C "$unfinished" || fail "$1 could not be unpacked: nothing was changed"
    python3 -m venv "$unfinished/.venv" || fail "$1 got no .venv: nothing was changed"
    "$unfinished/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r "$unfinished/requirements.txt" || fail "pip could not install what $1 needs: nothing was changed"
    "$unfinished/.venv/bin/python" -m compileall -q "$unfinished" -x '/(\.venv|tests)/' ||
        fail "$1 holds Python that does not compile: nothing was changed"
    mv "$unfinished" "$root/releases/$1"
}

# Lets the new version bring a copy of the database to its schema, before anything is touched.
rehearse() {
    local copy
    clinic backup create "$backups" || fail "no backup could be made: nothing was changed"
    copy=$(find "$backups" -name 'clinic-*.tar.gz' | sort | tail -n 1)
    CLINIC_RELEASE=$1 clinic backup verify "$copy" || fail "${1##*/} cannot serve a copy of the database: nothing was changed"
}

# Has nginx send nothing to the instance on this port; without one, something to every instance.
route_around() {
    local draft each down
    draft=$(mktemp "$upstream.XXXXXX")
    {
        echo "# The instances of the site; written by deploy/update.sh."
        echo "upstream clinic {"
        for each in "${instances[@]}"; do
            down=''
            [ "${each#*:}" = "${1:-}" ] && down=' down'
            echo "    server 127.0.0.1:${each#*:} max_fails=0$down;"
        done
        echo "}"
    } >"$draft"
    chmod 644 "$draft"
    mv "$draft" "$upstream"
    systemctl reload nginx
}

# Until no answer of the instance is on its way any more.
drain() {
    local port=$1 patience=$((SECONDS + drain_seconds))
    sleep 2 # nginx changes its workers
    while [ -n "$(ss -Htn state established "dport = :$port")" ]; do
        [ "$SECONDS" -lt "$patience" ] || return 0
        sleep 0.2
    done
}

# Whether the instance on this port answers within so many seconds, and can take what people write. Late mail, an old backup or a
# full disk are as they were in the version before: no reason to stay with it.
is_well() {
    local port=$1 patience=$((SECONDS + $2)) answer
    until
        answer=$(curl --silent --max-time 10 "http://127.0.0.1:$port/readyz") || true
        [[ $answer == *'"database":"ok"'* && $answer == *'"migrations":"ok"'* ]]
    do
        if [ "$SECONDS" -ge "$patience" ]; then
            say "/readyz says: ${answer%%,\"details\"*}" >&2
            return 1
        fi
        sleep 0.3
    done
}

replace() {
    local name=${1%:*} port=${1#*:} folder=$2 before
    before=$(readlink "$root/$name" || true)
    say "$name: out of service"
    route_around "$port"
    drain "$port"
    systemctl stop "clinic@$name"
    ln -sfn "$folder" "$root/$name"
    say "$name: starts ${folder##*/}"
    if systemctl start "clinic@$name" && is_well "$port" "$start_seconds"; then
        route_around
        say "$name: in service"
        return
    fi
    say "$name: is not well in the new version; the other instance serves on" >&2
    systemctl stop "clinic@$name" || true
    [ -n "$before" ] && [ "$name" != "$spare" ] || exit 1
    ln -sfn "$before" "$root/$name"
    if systemctl start "clinic@$name" && is_well "$port" "$return_seconds"; then
        route_around
        fail "$name: in service again, in the version before"
    fi
    fail "$name: is not well in the version before either (was the database migrated?): journalctl -u clinic@$name"
}

retire_spare() {
    local each
    for each in "${instances[@]}"; do
        if [ "${each%:*}" = "$spare" ]; then
            route_around "${each#*:}"
            drain "${each#*:}"
            systemctl stop "clinic@$spare"
            say "$spare: stopped until the next update"
        fi
    done
}

# The newest few stay, and whatever an instance runs.
forget_old_releases() {
    local used folder
    used=$(readlink "$root"/* || true)
    find "$root/releases" -mindepth 1 -maxdepth 1 -type d -name '[!.]*' -printf '%T@ %p\n' | sort -rn | cut -d' ' -f2- |
        tail -n "+$((keep_releases + 1))" | while read -r folder; do
        grep -qxF "$folder" <<<"$used" || rm -rf "$folder"
    done
}

# Says which files that were installed by hand are not as in the version before: nobody else brings them to their places.
tell_what_to_install() {
    local before=$1 folder=$2 part changed
    changed=$(for part in clinic nginx systemd; do diff -rq "$before/deploy/$part" "$folder/deploy/$part" || true; done)
    if [ -n "$changed" ]; then
        say "to be installed by hand, as in steps 3 and 4 of docs/operations.md:"
        printf '%s\n' "$changed"
    fi
}

exec 9>"$root/.update"
flock --nonblock 9 || fail "another update is running"
before=$(readlink -f "$root/current")
folder=$(prepare "${1:-origin/main}")
say "version ${folder##*/}"
rehearse "$folder"
for instance in "${instances[@]}"; do
    replace "$instance" "$folder"
done
ln -sfn "$folder" "$root/current"
retire_spare
forget_old_releases
say "all instances run ${folder##*/}"
tell_what_to_install "$before" "$folder"
