"""One thread that does things later: device reports, late executions, delayed events."""

import heapq
import itertools
import sys
import threading
import time
import traceback


class Timers:
    """Runs callbacks at their time, one after the other, holding `changed` (the world's lock)."""

    def __init__(self, changed):
        self.changed = changed
        self.ready = threading.Condition()
        self.heap = []
        self.order = itertools.count()
        threading.Thread(target=self.run, daemon=True).start()

    def after(self, seconds, action, *arguments):
        """Call action(*arguments) after `seconds`; equal times keep their order."""
        due = time.monotonic() + max(0.0, seconds)
        with self.ready:
            heapq.heappush(self.heap, (due, next(self.order), action, arguments))
            self.ready.notify()

    def clear(self):
        """Forget everything that has not been done yet."""
        with self.ready:
            self.heap.clear()

    def run(self):
        while True:
            with self.ready:
                while not self.heap or self.heap[0][0] > time.monotonic():
                    wait = self.heap[0][0] - time.monotonic() if self.heap else None
                    self.ready.wait(wait)
                _, _, action, arguments = heapq.heappop(self.heap)
            try:
                with self.changed:
                    action(*arguments)
                    self.changed.notify_all()
            except Exception:
                traceback.print_exc(file=sys.stderr)
