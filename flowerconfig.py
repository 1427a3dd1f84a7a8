"""How Flower shows the queues: on loopback, read-only, behind a login. Flower reads this itself."""

from settings import settings

_shape = settings().worker
_login = _shape.flower_basic_auth.get_secret_value()

if not _login and _shape.flower_address not in {"127.0.0.1", "::1", "localhost"}:
    raise SystemExit("FLOWER_BASIC_AUTH=user:password must be set for Flower to be reached at all")

address = _shape.flower_address
port = _shape.flower_port
basic_auth = [_login] if _login else []
read_only = True
tasks_columns = "name,result,state,received,runtime,worker"  # a drain's result is its counts
