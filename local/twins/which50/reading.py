"""What can be read from the Which50 twin, and its folder of files."""

from datetime import UTC, datetime

from local.twins.messages import Answer, Record, RefusedError, Request, json_answer
from local.twins.server import route
from local.twins.which50.account import ROOT, Account

_INTERACTIONS = "journeys|communications|emails|textmessages|landingpages|webforms|summary|journeyactivities/[^/]+"


class Reading(Account):
    """The calls that show lists, fields, contacts and interactions."""

    @route("GET", f"{ROOT}/contactLists")
    def list_lists(self, _: Request) -> Answer:
        """List the contact lists."""
        return json_answer([each.as_record() for each in self.lists.values()])

    @route("GET", f"{ROOT}/contactLists/serverTime")
    def server_time(self, _: Request) -> Answer:
        """Tell the server's clock."""
        return json_answer(datetime.now(UTC).isoformat(timespec="milliseconds"))

    @route("GET", f"{ROOT}/contactLists/{{list}}")
    def one_list(self, request: Request) -> Answer:
        """Show one list."""
        return json_answer(self.list_of(request).as_record())

    @route("GET", f"{ROOT}/contactLists/{{list}}/fields")
    def list_fields(self, request: Request) -> Answer:
        """Show the list's fields; their names are those of `Values`."""
        return json_answer([each.as_record(number) for number, each in enumerate(self.list_of(request).fields, 1)])

    @route("GET", f"{ROOT}/contactLists/{{list}}/fields/{{field}}")
    def one_field(self, request: Request) -> Answer:
        """Show one field."""
        shown = [each.as_record(number) for number, each in enumerate(self.list_of(request).fields, 1)]
        found = [each for each in shown if str(each["Id"]) == request.args["field"]]
        return json_answer(found[0]) if found else self.refusal(404, "Field not found")

    @route("GET", f"{ROOT}/contactLists/{{list}}/contacts")
    def list_contacts(self, request: Request) -> Answer:
        """Show all contacts of a list, however many."""
        return json_answer(list(self.list_of(request).contacts.values()))

    @route("GET", f"{ROOT}/contactLists/{{list}}/(?:journeys|linkeddata)")
    def list_uses(self, request: Request) -> Answer:
        """Show the list's journeys or linked data: the twin has none."""
        self.list_of(request)
        return json_answer([])

    @route("GET", f"{ROOT}/contactLists/{{list}}/linkeddata/{{linked}}/records")
    def linked_records(self, request: Request) -> Answer:
        """Demand `$select`, as the documentation does."""
        return json_answer([]) if request.first("$select") else self.refusal(400, "$select is required")

    @route("GET", f"{ROOT}/contacts/{{contact}}")
    def read(self, request: Request) -> Answer:
        """Read one contact by its encrypted id; the plain number is not found."""
        return json_answer(self._held(request))

    @route("GET", f"{ROOT}/contacts/{{contact}}/(?:{_INTERACTIONS})")
    def interactions(self, request: Request) -> Answer:
        """Show one contact's interactions: the events that it has caused."""
        held = self._held(request)
        return json_answer([{"Name": each.name} for each in self.events if each.contact == held["EncContactId"]])

    @route("GET", f"{ROOT}/journeys(?:/.*)?")
    def journeys(self, _: Request) -> Answer:
        """Show journeys and their reports: the twin has none."""
        return json_answer([])

    @route("POST", f"{ROOT}/webhook/subscribe/{{event}}")
    def subscribe(self, request: Request) -> Answer:
        """Keep a webhook subscription; the twin calls nobody."""
        kept = {"Id": str(len(self.webhooks) + 1), "EventName": request.args["event"]}
        self.webhooks[kept["Id"]] = kept
        return json_answer(kept, committed=True)

    @route("DELETE", f"{ROOT}/webhook/subscribe/{{id}}")
    def unsubscribe(self, request: Request) -> Answer:
        """Forget a webhook subscription."""
        if self.webhooks.pop(request.args["id"], None) is None:
            raise RefusedError(404, "Subscription not found")
        return json_answer(True, committed=True)

    @route("GET", f"{ROOT}/webhook/webhooksubscriptions")
    def subscriptions(self, _: Request) -> Answer:
        """Show the webhook subscriptions."""
        return json_answer(list(self.webhooks.values()))

    @route("POST", f"{ROOT}/files")
    def upload(self, request: Request) -> Answer:
        """Keep the body under its folder."""
        self.files[request.first("subFolder")] = request.body
        return json_answer(True, committed=True)

    @route("GET", f"{ROOT}/files")
    def download(self, request: Request) -> Answer:
        """Return what was kept."""
        if request.first("filePath") not in self.files:
            raise RefusedError(404, "File not found")
        return Answer(200, self.files[request.first("filePath")], "application/octet-stream")

    @route("DELETE", f"{ROOT}/files")
    def remove(self, request: Request) -> Answer:
        """Forget what was kept."""
        if self.files.pop(request.first("filePath"), None) is None:
            raise RefusedError(404, "File not found")
        return json_answer(True, committed=True)

    def _held(self, request: Request) -> Record:
        for each in self.lists.values():
            if request.args["contact"] in each.contacts:
                return each.contacts[request.args["contact"]]
        raise RefusedError(404, "Contact not found")
