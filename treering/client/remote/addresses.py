"""Where a server is, and what it is shown: looked at before anything is sent."""

from __future__ import annotations

import re

import httpx2

from treering.errors import InvalidInput

_KEY = re.compile(r"[\x21-\x7e]+", re.ASCII)
"""What a key or a token is made of: what a header can carry, without blanks."""


def as_address(url: object) -> str:
    """The address of a server, without a slash at its end.

    Raises:
        InvalidInput: It is none, or has a password in it, which would come to stand in logs.

    Example:
        >>> as_address("http://127.0.0.1:8377/")
        'http://127.0.0.1:8377'
    """
    try:
        found = httpx2.URL(url if isinstance(url, str) else "")
    except httpx2.InvalidURL as error:
        raise InvalidInput("url", "is no address; give e.g. 'http://127.0.0.1:8377'") from error
    if found.scheme not in ("http", "https") or not found.host or found.query or found.fragment:
        raise InvalidInput("url", "is no address of a server; give e.g. 'http://127.0.0.1:8377'")
    if found.userinfo:
        raise InvalidInput("url", "has a user or password in it; give the key as `api_key`")
    return str(found).rstrip("/").removesuffix("/v1")


def as_key(api_key: object) -> str:
    """A key or a token, fit for a header; no error has it in its words.

    Raises:
        InvalidInput: It is none.

    Example:
        >>> as_key("two words")
        Traceback (most recent call last):
        treering.errors.input.InvalidInput: api_key: is no key; `treering keys create` makes one
    """
    if not isinstance(api_key, str) or not _KEY.fullmatch(api_key):
        raise InvalidInput("api_key", "is no key; `treering keys create` makes one")
    return api_key
