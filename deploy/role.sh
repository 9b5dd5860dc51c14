#!/usr/bin/env bash
# Becomes one of Treering's processes: in a container, in a pod, or by hand (local.sh). See docs/deploy.md.
#
#   role.sh api | worker | beat | migrate    with options of the command behind it
#   role.sh health [ROLE]                    ends with 0 if that process does its work
#   role.sh COMMAND ...                      any other command, with the same environment
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# TREERING_DATABASE_URL_FILE=/run/secrets/x gives TREERING_DATABASE_URL what stands in that file, and so for every
# setting and every provider's *_API_KEY. TREERING_MASTER_KEY_FILE is a setting of its own, and stays as it is.
read_secret_files() {
    local variable name
    for variable in $(compgen -e); do
        [[ $variable =~ ^(TREERING_[A-Z_]+|[A-Z_]+_API_KEY)_FILE$ ]] || continue
        [[ $variable != TREERING_MASTER_KEY_FILE ]] || continue
        name=${variable%_FILE}
        if [[ -n ${!name:-} ]]; then
            echo "role.sh: $name and $variable are both set; set one of them" >&2
            exit 2
        fi
        if [[ ! -r ${!variable} ]]; then
            echo "role.sh: $variable names ${!variable}, which cannot be read by uid $(id -u)" >&2
            exit 2
        fi
        export "$name=$(<"${!variable}")"
        unset "$variable"
    done
}

# ONNX Runtime's builds report to their maker unless they are told not to.
export ORT_DISABLE_TELEMETRY=${ORT_DISABLE_TELEMETRY:-1}

read_secret_files
role=${1:-}
shift || true
case $role in
    api)
        export TREERING_AUTH=${TREERING_AUTH:-keys} # others reach it, so callers show keys
        exec treering serve --host "${API_HOST:-0.0.0.0}" --port "${API_PORT:-8377}" "$@"
        ;;
    worker) exec treering worker --no-beat "$@" ;;
    beat)
        export BEAT_SCHEDULE=${BEAT_SCHEDULE:-/tmp/treering-beat/schedule}
        mkdir -p "$(dirname "$BEAT_SCHEDULE")"
        # The file is not needed to go on: by its age `health beat` sees whether beat still beats.
        exec celery -A treering.workers.app beat --scheduler celery.beat:PersistentScheduler \
            --schedule "$BEAT_SCHEDULE" --pidfile= --loglevel warning "$@"
        ;;
    migrate) exec treering db upgrade "$@" ;;
    health) exec python "$here/health.py" "$@" ;;
    "")
        echo "role.sh: say what to start: api, worker, beat, migrate or health" >&2
        exit 2
        ;;
    *) exec "$role" "$@" ;;
esac
