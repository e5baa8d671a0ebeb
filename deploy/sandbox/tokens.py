"""Client tokens: the successful response to a token is replayed for 8 hours (botocore docs)."""

import time

from .errors import AwsError


class Tokens:
    """Remembered responses by (account, Region, operation, token)."""

    def __init__(self, settings):
        self.settings = settings
        self.responses = {}
        self.busy = set()

    def clear(self):
        self.responses.clear()
        self.busy.clear()

    def replay(self, call, token):
        """The remembered result, or None. A token whose first call still runs is refused."""
        if token is None:
            return None
        key = self.key(call, token)
        if key in self.busy:
            raise AwsError("RequestAlreadyInProgressException",
                           "A request with the same client token is already in progress.", 400)
        kept = self.responses.get(key)
        if kept is None or time.time() - kept[0] > self.settings.token_seconds:
            return None
        return kept[1]

    def keep(self, call, token, result):
        """Remember a successful result."""
        if token is not None:
            self.responses[self.key(call, token)] = (time.time(), result)

    def hold(self, call, token):
        """Mark a token as being executed (a call that will run late)."""
        if token is not None:
            self.busy.add(self.key(call, token))

    def release(self, call, token):
        if token is not None:
            self.busy.discard(self.key(call, token))

    @staticmethod
    def key(call, token):
        return call.account, call.region, call.service.name, call.name, token
