"""The contacts and segments that the eSputnik twin holds, and how they are matched and written."""

from itertools import count

from local.twins.esputnik.rules import custom_values
from local.twins.messages import Record, RefusedError
from local.twins.search_index import SearchIndex

PLAIN = (
    "firstName",
    "lastName",
    "addressBookId",
    "contactKey",
    "externalCustomerId",
    "languageCode",
    "timeZone",
)
PLACE = ("region", "town", "address", "postcode")


class ContactBook:
    """One organisation's contacts and segments."""

    def __init__(self, index: SearchIndex) -> None:
        self.contacts: dict[int, Record] = {}
        self.deleted: dict[int, Record] = {}
        self.unsubscribed: set[str] = set()
        self.segments: dict[int, Record] = {}
        self.members: dict[int, set[int]] = {}
        self.index = index
        self._ids, self._segment_ids = count(5_000_001), count(301)
        self.ever = 0

    def view(self, contact: Record) -> Record:
        """Show a contact with its segments, which it does not hold itself."""
        own = [segment for number, segment in self.segments.items() if contact["id"] in self.members[number]]
        return {**contact, "groups": own}

    def matching(self, given: Record, kinds: tuple[str, ...] = ("email", "sms")) -> Record | None:
        """Find the contact that a write means: `externalCustomerId` outranks channels, then kind by kind."""
        external = given.get("externalCustomerId")
        if external:
            return next((each for each in self.contacts.values() if each["externalCustomerId"] == external), None)
        for kind in kinds:
            wanted = channel_values(given, kind)
            for each in self.contacts.values():
                if wanted & channel_values(each, kind):
                    return each
        return None

    def create(self, given: Record, *, confirmed: bool) -> Record:
        """Add a contact; only a confirmed one may get bulk mail."""
        held: Record = {
            "id": next(self._ids),
            **dict.fromkeys(PLAIN),
            "confirmed": confirmed,
            "subscriptions": [],
        }
        held |= {"channels": list(given.get("channels", [])), "address": dict.fromkeys(PLACE), "fields": []}
        self.contacts[held["id"]] = held
        self.ever += 1
        return self.update(held, {**given, "channels": []})

    def update(self, held: Record, given: Record, *, channels: str = "added") -> Record:
        """Write what is given and keep the rest.

        A channel of a type that is there already is left out ("added") or takes its place ("replaced").
        """
        held |= {name: given[name] for name in PLAIN if name in given}
        place = given.get("address") or {}
        held["address"] |= {name: place[name] for name in PLACE if name in place}
        values = {**custom_values(held), **custom_values(given)}
        held["fields"] = [{"id": number, "value": value} for number, value in values.items()]
        new = given.get("channels") or []
        kinds = {each["type"] for each in (new if channels == "replaced" else held["channels"])}
        kept = [each for each in held["channels"] if channels == "added" or each["type"] not in kinds]
        held["channels"] = kept + [each for each in new if channels == "replaced" or each["type"] not in kinds]
        self.index.put(held["id"], held)
        return held

    def replace(self, held: Record, given: Record) -> Record:
        """Write what is given and blank the rest."""
        blank: Record = {
            **dict.fromkeys(PLAIN),
            "address": dict.fromkeys(PLACE),
            "fields": [],
            "channels": [],
        }
        held |= blank
        return self.update(held, given, channels="replaced")

    def delete(self, contact_id: int, *, erase: bool = False) -> None:
        """Remove a contact; unless erased, a bulk call may restore it."""
        held = self.contacts.pop(contact_id)
        self.index.remove(contact_id)
        for members in self.members.values():
            members.discard(contact_id)
        if not erase:
            self.deleted[contact_id] = held

    def restore(self, given: Record, kinds: tuple[str, ...]) -> Record | None:
        """Bring a deleted contact back that one of these channels belonged to."""
        for number, each in self.deleted.items():
            if any(channel_values(given, kind) & channel_values(each, kind) for kind in kinds):
                self.contacts[number] = self.deleted.pop(number)
                self.index.put(number, each)
                return each
        return None

    def segment(self, name: str) -> int:
        """Return the segment of this name, made on demand: a misspelt name is a new segment."""
        for number, each in self.segments.items():
            if each["name"] == name:
                return number
        number = next(self._segment_ids)
        self.segments[number] = {"id": number, "name": name, "type": "Static"}
        self.members[number] = set()
        return number

    def held(self, contact_id: str) -> Record:
        """Return a contact by its internal id, or raise RefusedError (404)."""
        contact = self.contacts.get(int(contact_id)) if contact_id.isdigit() else None
        if contact is None:
            raise RefusedError(404, f"Contact with id='{contact_id}' not found")
        return contact


def channel_values(contact: Record, kind: str) -> set[str]:
    """Return the contact's values of one channel type, as they are compared."""
    return {each["value"].strip().casefold() for each in contact.get("channels") or [] if each["type"] == kind}


def first_value(contact: Record, kind: str) -> str:
    """Return the contact's first value of one channel type, or nothing."""
    return next((str(each["value"]) for each in contact["channels"] if each["type"] == kind), "")
