"""The one rule for a 2xx whose body says that the call failed."""

from __future__ import annotations

import re
from typing import Any

from shared.http.call import AnswerWords

# Names are compared without case, `_` and `-`.
_SUCCESS = frozenset({"success", "issuccess", "issuccessstatuscode", "successful", "succeeded", "ok"})
"""Members that report a failure when they are false."""
_FAILURE = frozenset(
    {"error", "errors", "iserror", "haserror", "haserrors", "failed", "failure", "failures", "exception"}
    | {"errormessage", "errormessages", "errorcode", "errordescription", "errordetails", "errorcount"}
    | {"exceptionmessage", "exceptiontype", "messagedetail", "modelstate", "failedrecords", "failedcount"}
)
"""Members that report a failure unless they are empty. Some are those of ASP.NET's error object."""
_STATUS = frozenset({"status", "statuscode", "result", "outcome"})
"""Members that report a failure by one of `_FAILED` or by an HTTP status from 400."""
_FAILED = frozenset({"error", "fail", "failed", "failure"})
_REFUSED = _FAILED | {"rejected", "refused", "denied", "invalid"}
"""Of these only the first speak of the call for certain; the others may be the state of a contact."""
_NOTHING = frozenset({"", "0", "false", "none", "null", "ok", "success"})
_SORRY = re.compile(
    r"\b(an?|unexpected|unknown) (\w+ )?(error|exception)\b|\b(is|was) (invalid|denied)\b", re.IGNORECASE
)
"""How a body that holds nothing but a `Message` says that it failed: ASP.NET's own sentences."""


def says_no(body: Any, words: AnswerWords) -> bool:
    """Whether the body of a 2xx reports that the write failed.

    A body with the id of a contact is a success whatever its `code`; nothing but a plain word of failure beats an id.
    """
    if isinstance(body, list):
        return any(says_no(each, words) for each in body if not isinstance(each, list))
    return body is False or (isinstance(body, dict) and _object_says_no(body, words))


def _object_says_no(body: dict[str, Any], words: AnswerWords) -> bool:
    known = {_plain(name): value for name, value in body.items()}
    failures = _FAILURE | {_plain(name) for name in words.failures}
    if any(_reports_failure(name, value, failures) for name, value in known.items()):
        return True
    if _has_id(body, words):
        return False
    inner = [known[name] for name in map(_plain, words.wrappers) if isinstance(known.get(name), dict | list)]
    if any(says_no(each, words) for each in inner):
        return True
    return not any(_has_id(each, words) for each in inner) and _is_refusal(known)


def _is_refusal(known: dict[str, Any]) -> bool:
    """Whether an answer that names no contact says no in a way that a contact's own members could, too."""
    is_refused = any(_text(known.get(name)) in _REFUSED for name in _STATUS)
    return is_refused or _is_bad_code(known.get("code")) or _is_error_object(known)


def _reports_failure(name: str, value: Any, failures: frozenset[str] | set[str]) -> bool:
    if name in _SUCCESS:
        return value is False or (isinstance(value, str) and value.strip().lower() in {"false", "0", "no"})
    if name in _STATUS:
        return _text(value) in _FAILED or (_number(value) or 0) >= 400
    return name in failures and not _is_nothing(value)


def _is_nothing(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_nothing, value.values()))
    if isinstance(value, list):
        return all(map(_is_nothing, value))
    return _text(value) in _NOTHING if isinstance(value, str) else not value


def _is_bad_code(code: Any) -> bool:
    number = _number(code)
    return not (number == 0 or 200 <= number < 300) if number is not None else _text(code) in _REFUSED


def _is_error_object(known: dict[str, Any]) -> bool:
    return known.keys() == {"message"} and isinstance(known["message"], str) and bool(_SORRY.search(known["message"]))


def _has_id(body: Any, words: AnswerWords) -> bool:
    return isinstance(body, dict) and any(body.get(name) not in (None, "", 0, "0") for name in words.ids)


def _number(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value.strip()) else None


def _text(value: Any) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def _plain(name: str) -> str:
    return re.sub(r"[_-]", "", name).lower()
