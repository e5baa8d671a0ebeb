"""Errors as AWS sends them: a code, a message, an HTTP status and, for some, more members."""


class AwsError(Exception):
    """A refusal that the caller is told in the shape of the service's own protocol.

    code: the exception name without a namespace, as in the service model.
    members: what the error carries beside its message (Greengrass: resourceId, fields, ...).
    query_code: the code that SQS puts into x-amzn-query-error, where it differs from `code`.
    """

    def __init__(self, code, message, status=400, members=None, query_code=None):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members or {}
        self.query_code = query_code or code
        # More headers of the answer: (name, value).
        self.headers = []


class ControlError(Exception):
    """A control request (/_sandbox/...) that makes no sense; answered with 400 and the reason."""
