# Sourced by the tests of clients: starts the service of $DATELINE on a free port and sets $address and $log; ends it with
# the script. Arguments go to `dateline serve`.
clients_work="$(mktemp -d)"
service=""
end_service() {
    if [ -n "$service" ] && kill -0 "$service" 2>/dev/null; then
        kill "$service" 2>/dev/null || true
        wait "$service" 2>/dev/null || true
    fi
    rm -rf "$clients_work"
}
trap end_service EXIT

start_service() {
    log="$clients_work/log"
    "$DATELINE" serve --listen 127.0.0.1:0 "$@" >"$clients_work/out" 2>"$log" &
    service=$!
    address=""
    for _ in $(seq 300); do
        address="$(sed -n 's/^listening on //p' "$clients_work/out")"
        [ -n "$address" ] && return
        kill -0 "$service" 2>/dev/null || break
        sleep 0.1
    done
    echo "the service did not start:" >&2
    cat "$log" >&2
    exit 1
}
