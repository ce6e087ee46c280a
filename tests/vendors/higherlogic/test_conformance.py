"""Higher Logic passes the conformance suite."""

from __future__ import annotations

from local.twins.higherlogic.twin import HigherLogicOptions, HigherLogicTwin
from local.twins.messages import Record
from shared.contact import Channel
from shared.vendors.registry import ACTIONS
from tests.vendors.conformance.ability import Ability
from tests.vendors.conformance.suite import Conformance
from tests.vendors.conformance.vendor import Sample, Seen

WRITE_ONLY = "nothing can be read back; our ledger keeps each record"


class TestUpsert(Conformance):
    spec = ACTIONS["higherlogic", "upsert"]
    options = {"lists": [{"id": "L1", "name": "News"}], "groups": [{"id": "G1", "name": "Members"}]}
    samples = {
        "lists": [{"id": "L2", "name": "Events"}],
        "groups": [{"id": "G2", "name": "Guests"}],
        "community_essentials": Sample(True, is_refused=True),  # it has no lists
        "constants": {"ExcludeFromDirectory": True},
        "address_type": "Work",
        "phone_type": "Mobile",
        "phone_format": "digits",
        "country_codes": "any",
        "name_placeholder": "Friend",
        "list_add_mode": "Add",
    }
    consents = ("email", "sms")
    custom = {"Suffix": "Jr"}
    cannot = {
        Ability.READ: WRITE_ONLY,
        Ability.SEARCH: WRITE_ONLY,
        Ability.ADOPT: "contacts are told apart by ids, and another system's ids are not for us to guess",
        Ability.PROBE: WRITE_ONLY,
    }

    def twin(self) -> HigherLogicTwin:
        return HigherLogicTwin(HigherLogicOptions(success_flag="true"))

    def seen(self, held: Record) -> Seen:
        details = held["ContactDetails"]
        granted: set[Channel] = set() if details["DoNotEmail"] else {"email"}
        granted |= {"sms" for phone in held["PhoneNumbers"] if phone["IsSmsPreferred"]}
        return Seen(details["PrimaryEmailAddress"], details["FirstName"], frozenset(granted))
