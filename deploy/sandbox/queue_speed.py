"""moto's SQS made fast enough for deep queues, without changing what it does.

As it is, moto looks at every message of a queue several times for each request and reads the clock
twice for each look: with 600 messages in a queue one receive takes 0.3 s. Replaced here are the
clock, the way the attributes and the visible messages of a queue are found, and the search for a
receipt handle.
"""

import collections.abc
import functools
import json
import time

from moto.core import responses as moto_responses
from moto.core import utils as moto_utils
from moto.sqs import models

Queue, Message, Backend = models.Queue, models.Message, models.SQSBackend
_moto_add = Queue.add_message
_moto_received = Message.mark_received


def _now_millis():
    return time.time() * 1000


class _Handles(dict):
    """Receipt handle -> message of one queue. A copied message keeps the same index."""

    def __deepcopy__(self, _memo):
        return self


class _Attributes(collections.abc.MutableMapping):
    """A queue's attributes, each computed only when it is asked for."""

    def __init__(self, queue):
        self.queue = queue
        self.set = {}
        self.names = list(Queue.BASE_ATTRIBUTES)
        if queue.fifo_queue:
            self.names += Queue.FIFO_ATTRIBUTES
        if queue.kms_master_key_id:
            self.names += Queue.KMS_ATTRIBUTES

    def __getitem__(self, name):
        if name in self.set:
            return self.set[name]
        if name not in self.names:
            raise KeyError(name)
        value = getattr(self.queue, _underscored(name))
        if name == "RedrivePolicy" and value:
            return json.dumps(value)
        return str(value).lower() if isinstance(value, bool) else value

    def __setitem__(self, name, value):
        self.set[name] = value

    def __delitem__(self, name):
        self.names.remove(name)

    def __iter__(self):
        return iter(self.names + [name for name in self.set if name not in self.names])

    def __len__(self):
        return len(list(iter(self)))


_underscored = functools.lru_cache(maxsize=None)(moto_utils.camelcase_to_underscores)


def _visible_messages(self):
    """One after the other, so that a receive stops at its tenth."""
    now = _now_millis()
    return (message for message in list(self._messages)
            if message.visible_at < now and message.delayed_until <= now)


def _count_visible(self):
    return sum(1 for _ in self.messages)


def _count_hidden(self):
    now = _now_millis()
    return sum(message.visible_at >= now for message in self._messages)


def _count_delayed(self):
    now = _now_millis()
    return sum(message.delayed_until > now for message in self._messages)


def _index(queue):
    handles = getattr(queue, "handles", None)
    if handles is None:
        handles = queue.handles = _Handles()
    return handles


def _add_message(self, message):
    message.handles = _index(self)
    _moto_add(self, message)


def _mark_received(self, visibility_timeout=None):
    _moto_received(self, visibility_timeout)
    if hasattr(self, "handles"):
        self.handles[self.receipt_handle] = self


def _delete_message(self, receipt_handle):
    """Any handle the message ever had deletes it, and deletes it again without complaint."""
    message = _index(self).get(receipt_handle)
    if message is None:
        raise models.ReceiptHandleIsInvalid()
    self.pending_messages.discard(message)
    try:
        self._messages.remove(message)
    except ValueError:
        pass  # Deleted before, or moved to the dead-letter queue.


def _change_visibility(self, queue_name, receipt_handle, visibility_timeout):
    queue = self.get_queue(queue_name)
    message = _index(queue).get(receipt_handle)
    if message is None or message not in queue._messages:
        raise models.ReceiptHandleIsInvalid
    until = _now_millis() + int(visibility_timeout) * 1000
    if until - message.sent_timestamp > 43200 * 1000:
        raise models.InvalidParameterValue(
            f"Value {visibility_timeout} for parameter VisibilityTimeout is invalid. Reason: Total "
            "VisibilityTimeout for the message is beyond the limit [43200 seconds]")
    message.change_visibility(visibility_timeout)
    if message.visible:
        queue.pending_messages.discard(message)


def _not_expired(self, queue_name, message):
    kept = self.get_queue(queue_name).message_retention_period
    return kept + message.sent_timestamp / 1000 > time.time()


def apply():
    """Put the replacements into moto; once, at start."""
    models.unix_time_millis = _now_millis
    models.unix_time = time.time
    Queue.messages = property(_visible_messages)
    Queue.attributes = property(_Attributes)
    Queue.approximate_number_of_messages = property(_count_visible)
    Queue.approximate_number_of_messages_not_visible = property(_count_hidden)
    Queue.approximate_number_of_messages_delayed = property(_count_delayed)
    Queue.add_message = _add_message
    Queue.delete_message = _delete_message
    Message.mark_received = _mark_received
    Backend.change_message_visibility = _change_visibility
    Backend.is_message_valid_based_on_retention_period = _not_expired
    moto_responses.method_names_from_class = functools.lru_cache(maxsize=None)(
        moto_responses.method_names_from_class)
