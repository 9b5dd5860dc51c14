#!/usr/bin/env bash
# Starts the processes of a deployment by hand on this machine, against services that are there. See docs/deploy.md.
set -euo pipefail

usage() {
    cat <<'END'
usage: deploy/local.sh [--folder DIR] start|stop|restart|status [ROLE ...]
       deploy/local.sh [--folder DIR] logs [--follow] [ROLE ...]

Roles are worker, beat and api; without one, all that there are. TREERING_DATABASE_URL names a PostgreSQL store and
TREERING_BROKER_URL Redis or RabbitMQ; every other TREERING_* variable counts too. Process ids and logs go to DIR
(./.treering-local). `start` upgrades the store first, and returns when the processes do their work. WORKER_CONCURRENCY
(2) is how many processes a worker has, API_PORT (8377) where the api listens, START_TIMEOUT_S (60) and STOP_TIMEOUT_S
(90) how long starting and stopping may take; what has not stopped by then is killed.
END
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=.treering-local

fail() {
    echo "local.sh: $1" >&2
    exit "${2:-1}"
}

# What the environment lacks, in words that say what to do.
check_environment() {
    [[ -n ${TREERING_DATABASE_URL:-} || -n ${TREERING_DATABASE_URL_FILE:-} ]] ||
        fail "TREERING_DATABASE_URL is missing; name a store that several processes may share, e.g. postgresql://treering@127.0.0.1:5432/treering" 2
    [[ -n ${TREERING_BROKER_URL:-} || -n ${TREERING_BROKER_URL_FILE:-} ]] ||
        fail "TREERING_BROKER_URL is missing; name a broker, e.g. redis://127.0.0.1:6379/0 or amqp://guest:guest@127.0.0.1:5672//" 2
    command -v treering celery > /dev/null ||
        fail "treering and celery are not on the PATH; pip install 'treering[light,postgres,celery]', or make .venv/.full" 2
    "$here/role.sh" health broker || fail "start the broker, or correct TREERING_BROKER_URL"
}

has_api() { treering serve --help > /dev/null 2>&1; }

# A process id alone could be somebody else's by now: the moment it started tells them apart.
started_at() { awk '{ sub(/^.*\) /, ""); print $20 }' "/proc/$1/stat" 2> /dev/null; }

is_running() {
    local pid since
    [[ -r $folder/$1.pid ]] || return 1
    read -r pid since < "$folder/$1.pid"
    [[ -n $since && $(started_at "$pid") == "$since" ]] && [[ $(awk '{ sub(/^.*\) /, ""); print $1 }' "/proc/$pid/stat" 2> /dev/null) != Z ]]
}

pid_of() { cut -d ' ' -f 1 "$folder/$1.pid"; }

start_role() {
    local role=$1 options=()
    if is_running "$role"; then
        echo "$role runs already (pid $(pid_of "$role"))"
        return
    fi
    [[ $role != worker ]] || options=(--concurrency "${WORKER_CONCURRENCY:-2}")
    rm -f "$folder/beat"/*
    # In a session of its own: Ctrl-C here does not reach it, and what hangs can be killed with all its children.
    setsid "$here/role.sh" "$role" "${options[@]}" >> "$folder/$role.log" 2>&1 < /dev/null &
    echo "$! $(started_at $!)" > "$folder/$role.pid"
}

wait_until_well() {
    local role=$1 until=$((SECONDS + ${START_TIMEOUT_S:-60})) why
    while true; do
        if ! is_running "$role"; then
            tail -n 5 "$folder/$role.log" >&2
            fail "$role ended while it started; see $folder/$role.log"
        fi
        why=$("$here/role.sh" health "$role" 2>&1) && break
        ((SECONDS < until)) || fail "$role runs, but is not well: $why; see $folder/$role.log"
        sleep 0.2
    done
    echo "$role runs (pid $(pid_of "$role"))"
}

wait_until_gone() {
    local until=$((SECONDS + $2))
    while is_running "$1"; do
        ((SECONDS < until)) || return 1
        sleep 0.1
    done
}

stop_role() {
    local role=$1 pid
    if ! is_running "$role"; then
        rm -f "$folder/$role.pid"
        echo "$role does not run"
        return
    fi
    pid=$(pid_of "$role")
    kill -TERM "$pid"
    if ! wait_until_gone "$role" "${STOP_TIMEOUT_S:-90}"; then
        kill -KILL -- "-$pid"
        wait_until_gone "$role" 30 || fail "$role (pid $pid) cannot be killed"
        echo "$role was killed: it did not stop within ${STOP_TIMEOUT_S:-90} seconds"
    else
        echo "$role stopped"
    fi
    rm -f "$folder/$role.pid"
}

start() {
    local role
    check_environment
    if ((${#roles[@]} == 0)); then
        roles=(worker beat)
        ! has_api || roles+=(api)
    fi
    mkdir -p "$folder/beat"
    export BEAT_SCHEDULE=$folder/beat/schedule API_HOST=${API_HOST:-127.0.0.1}
    "$here/role.sh" migrate > "$folder/migrate.log" 2>&1 ||
        fail "the store could not be upgraded: $(tail -n 3 "$folder/migrate.log")"
    for role in "${roles[@]}"; do start_role "$role"; done
    for role in "${roles[@]}"; do wait_until_well "$role"; done
}

# First who takes requests and who makes work, then who does it.
stop() {
    local role
    ((${#roles[@]})) || roles=(api beat worker)
    for role in "${roles[@]}"; do stop_role "$role"; done
}

# Ends with 3, as init scripts do, if something that was started does not run.
status() {
    local role code=0
    ((${#roles[@]})) || roles=(worker beat api)
    for role in "${roles[@]}"; do
        if is_running "$role"; then
            echo "$role runs (pid $(pid_of "$role"))"
        elif [[ -e $folder/$role.pid ]]; then
            echo "$role ended by itself; see $folder/$role.log"
            code=3
        else
            echo "$role does not run"
            [[ $role == api ]] || code=3
        fi
    done
    return "$code"
}

logs() {
    local role files=() options=(-n 100)
    if [[ ${roles[0]:-} == --follow ]]; then
        options+=(-F)
        roles=("${roles[@]:1}")
    fi
    ((${#roles[@]})) || roles=(worker beat api)
    for role in "${roles[@]}"; do
        [[ ! -e $folder/$role.log ]] || files+=("$folder/$role.log")
    done
    ((${#files[@]})) || fail "there are no logs in $folder"
    exec tail "${options[@]}" "${files[@]}"
}

if [[ ${1:-} == --folder ]]; then
    folder=${2:?--folder wants a folder}
    shift 2
fi
command=${1:-}
shift || true
roles=("$@")
for role in "${roles[@]}"; do
    case $role in
        worker | beat | api) ;;
        --follow) [[ $command == logs ]] || fail "only logs knows --follow" 2 ;;
        *) fail "there is no role $role; there are worker, beat and api" 2 ;;
    esac
done
[[ ! -d $here/../.venv/bin ]] || PATH=$(cd "$here/../.venv/bin" && pwd):$PATH
folder=$(realpath --canonicalize-missing "$folder")
case $command in
    start | stop | status | logs) "$command" ;;
    restart)
        asked=("${roles[@]}")
        stop
        roles=("${asked[@]}")
        start
        ;;
    -h | --help | help) usage ;;
    *)
        usage >&2
        exit 2
        ;;
esac
