"""Limits of AWS that our own numbers have to keep, each with the page that names it."""

from __future__ import annotations

MAX_DELAY_SECONDS = 900
"""SQS delays a new message by at most so long ("Amazon SQS message timers")."""

MAX_VISIBILITY_SECONDS = 43_200
"""SQS hides a received message for at most 12 hours, counted from its receipt ("Amazon SQS visibility timeout")."""

MAX_BATCH_ENTRIES = 10
"""Messages of one `SendMessageBatch` ("SendMessageBatch")."""

MAX_BATCH_BYTES = 240 * 1024
"""Bytes that we put into one `SendMessageBatch`. SQS takes 1 MiB ("Amazon SQS message quotas"); some stand-ins stop at
256 KiB."""

CROWDED_IN_FLIGHT = 60_000
"""Half of the messages of one queue that may be in flight; beyond all of them SQS hands out nothing more ("Amazon SQS
message quotas")."""
