"""All state of one sandbox, and the one lock that guards it."""

import threading
import time

from .credentials import Credentials
from .event_bus import EventBus
from .faults import Faults
from .ledger import Ledger
from .moto_bridge import MotoBridge
from .quotas import Quotas
from .settings import Settings
from .timers import Timers
from .tokens import Tokens


class World:
    """What every part of the sandbox shares.

    lock: held by whoever reads or changes state, moto's included. Everything done under it is
    short; long polls wait on `changed`, which releases it.
    """

    def __init__(self, port):
        self.port = port
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.settings = Settings()
        self.credentials = Credentials()
        self.ledger = Ledger()
        self.faults = Faults()
        self.tokens = Tokens(self.settings)
        self.quotas = Quotas(self.settings)
        self.timers = Timers(self.changed)
        self.moto = MotoBridge(port)
        self.events = EventBus(self)
        # Set by the parts that keep state of their own; each has reset().
        self.parts = [self.quotas]

    def hidden(self, created):
        """Whether what was created at this Unix time is not seen by reads yet (read_lag_ms)."""
        return time.time() - created < self.settings.read_lag_ms / 1000

    def reset(self):
        """As on the first day: nothing exists, nothing is scripted, nothing is scheduled."""
        with self.lock:
            self.timers.clear()
            self.moto.reset()
            self.settings.__init__()
            self.credentials.reset()
            self.faults.clear()
            self.ledger.clear()
            self.tokens.clear()
            for part in self.parts:
                part.reset()
            self.events.seed = None
            self.changed.notify_all()
