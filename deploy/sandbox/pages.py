"""Paging as AWS does it: a bounded page and a token for the next."""

import base64

from .errors import AwsError


def page(items, params, settings, default, names=("maxResults", "nextToken")):
    """One page of `items` and the next token (None on the last page).

    The page is no larger than the caller's maxResults, the service's default and the sandbox's
    page_size setting. A token that the sandbox did not make is refused.
    """
    limit = params.get(names[0]) or default
    if settings.page_size:
        limit = min(limit, settings.page_size)
    start = 0
    token = params.get(names[1])
    if token is not None:
        try:
            start = int(base64.urlsafe_b64decode(token.encode()).decode().removeprefix("page:"))
        except ValueError:
            raise AwsError("ValidationException", "Invalid nextToken", 400) from None
    end = start + limit
    following = base64.urlsafe_b64encode(f"page:{end}".encode()).decode()
    return items[start:end], following if end < len(items) else None
