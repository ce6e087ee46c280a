"""A 2xx whose body says that the write failed: reading it as a success would lose the sign-up."""

from __future__ import annotations

from typing import Any

import pytest

from shared.http.call import AnswerWords
from shared.http.says_no import says_no

WHICH50 = AnswerWords(ids=("EncContactId",))


@pytest.mark.parametrize(
    "body",
    [
        {"success": False},
        {"success": "false"},
        {"Success": False},
        {"isSuccess": False},
        {"is_success": False},
        {"IsSuccessStatusCode": False, "StatusCode": 417},
        {"StatusCode": 417},
        {"status": "error"},
        {"status": "Failed"},
        {"status": "rejected"},
        {"id": 7, "status": "error"},
        {"status": "400"},
        {"errors": [{"field": "email"}]},
        {"Errors": ["no such list"]},
        {"error": "invalid"},
        {"error": {"code": 3}},
        {"errorMessage": "invalid"},
        {"FailedRecords": 1},
        {"code": 1, "messages": ["not saved"], "body": None},
        {"code": "12"},
        {"code": "error"},
        {"Message": "An error has occurred."},
        {"Message": "The request is invalid.", "ModelState": {"Email": ["required"]}},
        {"Message": "No.", "ExceptionMessage": "Object reference not set"},
        {"data": {"success": False}},
        {"data": [{"errors": ["x"]}]},
        [{"success": True}, {"Success": False}],
        {"id": 7, "success": False},
        {"id": 7, "errors": ["e-mail not saved"]},
        {"Result": {"Success": False}},
        {"DATA": {"success": "false"}},
        {"success": True, "Items": [{"id": 1}, {"success": False}]},
        {"results": [{"error": "unknown"}]},
        False,
        [False],
    ],
)
def test_a_body_that_reports_a_failure_is_no_success(body: Any) -> None:
    assert says_no(body, AnswerWords())


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        [],
        "Contact was saved",
        7,
        {"id": 4},
        {"code": "0", "id": 4},
        {"code": 17, "id": 4},
        {"code": 17, "data": {"id": 4}},
        {"code": 0, "messages": [], "body": {}},
        {"code": 200},
        {"code": "CREATED"},
        {"success": True, "errors": [], "error": None, "errorMessage": ""},
        {"errors": {"email": []}},
        {"error": False, "failed": 0, "FailedRecords": 0},
        {"status": "active"},
        {"status": 200},
        {"Message": "The contact was saved."},
        {"message": "No errors."},
        {"id": 0},
        {"id": 4, "status": "rejected"},
        {"id": 4, "result": "invalid"},
        {"id": 4, "customFields": {"error": "none of your business"}},
        {"id": 4, "data": {"error": "an old one"}},
        [{"id": 1}, "text"],
    ],
)
def test_any_other_body_is_a_success(body: Any) -> None:
    assert not says_no(body, AnswerWords())


def test_a_vendor_adds_its_own_words() -> None:
    assert says_no({"Rejected": 2}, AnswerWords(failures=("rejected",)))
    assert not says_no({"EncContactId": "x", "Code": 9}, WHICH50)
    assert says_no({"Code": 9}, WHICH50)
