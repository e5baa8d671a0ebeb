"""The control API, /_sandbox/...: not AWS, unsigned, for tests and for looking inside."""

import json
import urllib.parse

from .credentials import Role
from .errors import ControlError
from .http_server import Response


class Control:
    """Routes control requests. Other parts add theirs with `add`."""

    def __init__(self, world):
        self.world = world
        self.routes = {}
        self.add("GET", "health", self.health)
        self.add("GET", "ledger", self.read_ledger)
        self.add("DELETE", "ledger", self.clear_ledger)
        self.add("GET", "faults", lambda _query, _body: world.faults.read())
        self.add("POST", "faults", lambda _query, body: world.faults.add(body))
        self.add("DELETE", "faults", self.clear_faults)
        self.add("GET", "settings", lambda _query, _body: world.settings.as_dict())
        self.add("POST", "settings", self.change_settings)
        self.add("POST", "reset", self.reset)
        self.add("POST", "roles", self.set_role)
        self.add("POST", "credentials", self.mint)
        self.add("POST", "credentials/expire", self.expire)
        self.add("POST", "events", self.emit)

    def add(self, method, path, action):
        """action(query dict, body document) -> a JSON document; ControlError refuses."""
        self.routes[method, path] = action

    def answer(self, request):
        """The response to one control request."""
        path = request.path.removeprefix("/_sandbox/").strip("/")
        action = self.routes.get((request.method, path))
        if action is None:
            return reply(404, {"error": f"no control call {request.method} /_sandbox/{path}",
                               "calls": sorted(f"{method} /_sandbox/{name}"
                                               for method, name in self.routes)})
        try:
            body = json.loads(request.body) if request.body else {}
            query = dict(urllib.parse.parse_qsl(request.query, keep_blank_values=True))
            return reply(200, action(query, body))
        except (ValueError, ControlError) as error:
            return reply(400, {"error": str(error)})

    def health(self, _query, _body):
        return {"status": "ok", "endpoint": f"http://127.0.0.1:{self.world.port}",
                "requests": len(self.world.ledger.entries)}

    def read_ledger(self, query, _body):
        return self.world.ledger.read(query.get("service"), query.get("operation"),
                                      query.get("effects") in ("1", "true"),
                                      int(query.get("since", "0")))

    def clear_ledger(self, _query, _body):
        self.world.ledger.clear()
        return {}

    def clear_faults(self, _query, _body):
        self.world.faults.clear()
        return {}

    def change_settings(self, _query, body):
        with self.world.lock:
            self.world.settings.update(body)
        return self.world.settings.as_dict()

    def reset(self, _query, _body):
        self.world.reset()
        return {}

    def set_role(self, _query, body):
        arn = wanted(body, "arn", str)
        role = Role(arn, body.get("external_id"), bool(body.get("deny")))
        self.world.credentials.set_role(role)
        return {"arn": role.arn, "external_id": role.external_id, "deny": role.deny}

    def mint(self, _query, body):
        credential = self.world.credentials.mint(wanted(body, "account", str))
        return {"access_key": credential.access_key, "secret_key": credential.secret_key,
                "account": credential.account}

    def expire(self, _query, body):
        self.world.credentials.expire(body.get("access_key"))
        return {}

    def emit(self, _query, body):
        """Put events onto the default bus as an AWS service does (any source is allowed)."""
        events = body if isinstance(body, list) else [body]
        with self.world.lock:
            for event in events:
                account = event.pop("account", "123456789012")
                region = event.pop("region", "us-east-1")
                for name in ("source", "detail-type", "detail"):
                    wanted(event, name, (str, dict))
                event.setdefault("resources", [])
                self.world.events.emit(account, region, event)
        return {"emitted": len(events)}


def wanted(body, name, kind):
    """A required member of a control document."""
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ControlError(f"'{name}' is missing or of the wrong type")
    return value


def reply(status, document):
    body = json.dumps(document).encode() + b"\n"
    return Response(status, [("Content-Type", "application/json")], body)
