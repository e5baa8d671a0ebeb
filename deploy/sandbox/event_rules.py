"""EventBridge around moto: PutEvents refuses sources that only AWS may use."""

import json

from .errors import AwsError
from .front import Reply

ENTRY_BYTES_MAX = 1024 * 1024


class EventRules:
    """Handlers of EventBridge."""

    def __init__(self, world, front):
        self.world = world
        self.front = front
        front.own["events", "PutEvents"] = self.put_events

    def put_events(self, call):
        """Entries of a source "aws.*" fail one by one, as AWS does; the rest goes to moto."""
        entries = call.params["Entries"]
        size = sum(len(entry.get("Detail", "").encode()) + len(entry.get("Source", ""))
                   + len(entry.get("DetailType", "")) for entry in entries)
        if size > ENTRY_BYTES_MAX:
            raise AwsError("ValidationException", "Total size of the entries in the request is "
                           "over the limit.", 400)
        refused = [] if self.world.settings.accept_aws_sources else [
            index for index, entry in enumerate(entries)
            if entry.get("Source", "").startswith("aws.")]
        if not refused:
            return self.front.ask_moto(call)
        allowed = [entry for index, entry in enumerate(entries) if index not in refused]
        answers = []
        if allowed:
            call.request.body = json.dumps({**call.params, "Entries": allowed}).encode()
            response = self.front.ask_moto(call)
            answers = json.loads(response.body)["Entries"]
        for index in refused:
            answers.insert(index, {"ErrorCode": "NotAuthorizedForSourceException",
                                   "ErrorMessage": "Not authorized for the source."})
        failed = sum("ErrorCode" in answer for answer in answers)
        return Reply({"FailedEntryCount": failed, "Entries": answers}, bool(allowed))

