"""Which50 (CustomerMinds), simulated: contact lists, matching writes, import jobs, custom events.

Facts are the vendor's generated API pages; the rest are switches.
"""

from local.twins.messages import Answer, RefusedError, Request, json_answer
from local.twins.server import route
from local.twins.which50.account import ROOT, names_in, values_in
from local.twins.which50.imports import Imports
from local.twins.which50.reading import Reading


class Which50Twin(Reading, Imports):
    """Simulates Which50; takes the configured headers or Basic authentication."""

    @route("POST", f"{ROOT}/contactLists/{{list}}/contact")
    def create_or_update(self, request: Request) -> Answer:
        """Write one contact, or as many as match."""
        given = request.record()
        owner = self.chosen(self.list_of(request), given)
        if self.options.failure_in_body:
            return json_answer({"StatusCode": 417, "ReasonPhrase": "Expectation Failed", "IsSuccessStatusCode": False})
        held, warnings = self.write(owner, given, names_in(request.first("match")))
        self.fire_custom(request, held)
        return self.written(held, warnings)

    @route("PATCH", f"{ROOT}/contactLists/{{list}}/contact")
    def update_matching(self, request: Request) -> Answer:
        """Update all contacts that have the query's values; never create."""
        owner, match = self.list_of(request), names_in(request.first("match"))
        if not match:
            raise RefusedError(417, "match is required")
        held = owner.matching({name: request.first(name) for name in match if name in request.query}, match)
        kept, warnings = self.checked(owner, values_in(request.record()))
        if not held:
            return self.refusal(404, "Contact not found") if self.options.patch_nobody == "missing" else Answer()
        for each in held:
            each["Values"] |= kept
        self.fire_custom(request, held)
        return self.written(held, warnings)

    @route("POST", f"{ROOT}/contactLists/contactForm")
    def contact_form(self, request: Request) -> Answer:
        """Take form fields, `ListId` among them; the answer is a dump of a .NET response."""
        form = request.form()
        number = form.pop("ListId", "")
        if not number.isdigit() or int(number) not in self.lists:
            raise RefusedError(404, "Contact list not found")
        self.write(self.lists[int(number)], {"Values": form}, ["Email"])
        dump = {"Version": "1.1", "StatusCode": 200, "ReasonPhrase": "OK", "Headers": [], "IsSuccessStatusCode": True}
        return json_answer(dump, committed=True)

    @route("POST", f"{ROOT}/contactLists/{{list}}/registerDevice")
    def register_device(self, request: Request) -> Answer:
        """Write one contact and keep its device."""
        given = request.record()
        owner = self.chosen(self.list_of(request), given)
        held, warnings = self.write(owner, given, names_in(request.first("match")))
        self.devices += [{"EncContactId": each["EncContactId"], "DeviceID": given.get("DeviceID")} for each in held]
        self.fire_custom(request, held)
        return self.written(held, warnings)

    @route("POST", f"{ROOT}/journeys/{{journey}}/landingpages/{{page}}/generatePDF")
    def generate_pdf(self, request: Request) -> Answer:
        """Write one contact, its list named in the body, and make a PDF for it."""
        given = request.record()
        owner = self.lists.get(given.get("ListId", 0))
        if owner is None:
            raise RefusedError(404, "Contact list not found")
        held, warnings = self.write(owner, given, names_in(request.first("match")))
        self.fire_custom(request, held)
        return self.written(held, warnings)

    @route("POST", f"{ROOT}/journeys/(?P<what>sendEmail|sendTextMessage)")
    @route("PUT", f"{ROOT}/journeys/(?P<what>sendEmail|sendTextMessage)")
    @route("PATCH", f"{ROOT}/journeys/(?P<what>sendEmail|sendTextMessage)")
    def send(self, request: Request) -> Answer:
        """Write one contact and send it a message: the body's `ListId` names the list."""
        contact = request.record().get("Contact")
        owner = self.lists.get(contact.get("ListId", 0)) if isinstance(contact, dict) else None
        if owner is None or not isinstance(contact, dict):
            raise RefusedError(404, "Contact list not found")
        held, warnings = self.write(owner, contact, names_in(request.first("match")))
        for each in held:
            self.fire(request.args["what"], each["EncContactId"])
        return self.written(held, warnings)
