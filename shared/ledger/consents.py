"""Consent receipts, kept: the proof that a person granted a channel outlives the person's sign-up and its delivery.

One item per submission and channel, found by the people's hashes for an erasure; it holds no name and no address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.aws.dynamodb import to_item, translated
from shared.ledger.person_hashing import People
from shared.submission import Submission

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "consent#"


class Consents:
    """Writes receipts into the ledger table.

    Every delivery does, in whichever handler the ledger is first reached, so that no way of a sign-up goes without;
    the same receipt written again is the same item.
    """

    def __init__(self, client: DynamoDBClient, table: str, people: People, kept_days: int) -> None:
        self._client = client
        self._table = table
        self._people = people
        self._kept_seconds = kept_days * 86_400

    def keep(self, submission: Submission) -> None:
        """Store the receipts of a submission; one that grants nothing needs no ledger.

        Raises:
            LedgerUnavailable: DynamoDB failed.
            CredentialsMissing, SecretsUnavailable: the key that hashes people could not be read.
        """
        for receipt in submission.consents:
            item = {
                "id": f"{PREFIX}{submission.id}#{receipt.channel}",
                **receipt.model_dump(exclude_none=True),
                "submission_id": submission.id,
                "expiration": receipt.given_at // 1000 + self._kept_seconds,
            }
            people = self._people.of_contact(submission.contact)
            with translated():
                self._client.put_item(
                    TableName=self._table, Item=to_item({**item, **({"people": people} if people else {})})
                )
