"""A consent receipt as the record of ISO/IEC TS 27560, in JSON-LD of the Data Privacy Vocabulary (DPV).

Source: "Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV", https://w3id.org/dpv/guides/consent-27560.
"""

from __future__ import annotations

from typing import Any

CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "relay": "urn:signup-relay:",
}
"""The prefixes; `relay:` are our own terms, for what the vocabulary has no word for."""

RECORD = "dpv:ConsentRecord"
"""What the record says that it is."""


def consent_record(receipt: dict[str, Any]) -> dict[str, Any]:
    """Return the record of an exported receipt; what the form does not say is left out."""
    privacy = receipt["privacy"]
    record = {
        "@context": CONTEXT,
        "@id": f"urn:uuid:{receipt['submission_id']}",
        "@type": RECORD,
        "dct:identifier": receipt["submission_id"],
        "dct:conformsTo": "https://w3id.org/dpv/schema/dpv-27560#record",
        "dct:created": _time(receipt["given_at"]),
        "dct:source": receipt.get("page"),
        "dpv:hasDataSubject": [
            {"@id": f"urn:signup-relay:person:{person}", "@type": "dpv:DataSubject"} for person in receipt["people"]
        ],
        "dpv:hasDataController": _named("dpv:DataController", privacy.get("controller")),
        "dpv:hasJurisdiction": privacy.get("jurisdiction"),
        "dpv:hasLegalBasis": "dpv:Consent",
        "dpv:hasNotice": _notice(privacy),
        "dpv:hasConsentStatus": {"@type": "dpv:ConsentGiven", "dpv:isIndicatedAtTime": _time(receipt["given_at"])},
        "dpv:hasConsentControl": _named("dpv:WithdrawConsent", privacy.get("withdrawal")),
        "dpv:hasProcess": [_process(grant) for grant in receipt["grants"]],
        "relay:form": receipt["form"],
        "relay:caller": receipt.get("caller"),
        "relay:flags": receipt.get("flags"),
        "relay:keptUntil": _time(receipt["kept_until"]),
        "relay:seal": receipt["seal"],
    }
    return _without_nothing(record)


def _process(grant: dict[str, Any]) -> dict[str, Any]:
    """Return one ticked box: the purpose is what its statement says."""
    process = {
        "@type": "dpv:Process",
        "dct:identifier": grant["field"],
        "dct:hasVersion": grant["version"],
        "dpv:hasPurpose": {"@type": "dpv:Purpose", "dct:description": grant["statement"]},
        "relay:channels": grant["channels"],
        **{f"relay:{name}": grant.get(name) for name in ("shown", "text", "preTicked", "visible")},
    }
    return _without_nothing(process)


def _notice(privacy: dict[str, str]) -> dict[str, Any] | None:
    if "notice_url" not in privacy:
        return None
    return _without_nothing(
        {"@id": privacy["notice_url"], "@type": "dpv:ConsentNotice", "dct:language": privacy.get("language")}
    )


def _named(kind: str, text: str | None) -> dict[str, str] | None:
    return None if text is None else {"@type": kind, "dct:description": text}


def _time(text: str) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": text}


def _without_nothing(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value is not None}
