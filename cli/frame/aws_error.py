"""What AWS said, without what was sent to it."""

from __future__ import annotations


def explained(error: Exception) -> str | None:
    """Return an error of AWS's library in our words; None if it is none."""
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, ClientError):
        return f"AWS answered {error.response['Error'].get('Code')} to {error.operation_name}"
    if isinstance(error, BotoCoreError):
        # Its text may quote the request.
        return f"AWS cannot be reached ({type(error).__name__}); are region and credentials set?"
    return None
