"""What a rate of sign-ups needs, from what one needs: `python -m benchmarks.scale` prints what docs/scale.md shows.

One form, two destinations, one consent: the sign-up of docs/cost.md, whose counts a test holds against the code.
"""

from __future__ import annotations

from dataclasses import dataclass

RATES = (1, 10, 100, 1_000, 10_000)

VENDOR_SECONDS = 0.5
OWN_SECONDS = 0.04
"""Beyond the slowest vendor, see docs/performance.md."""
WRITE_UNITS, READ_UNITS = 9, 2
DOLLARS_A_MILLION = 16.75


@dataclass(frozen=True)
class Limit:
    """A limit that a rate runs into, in sign-ups a second, and what to do about it."""

    rate: float
    what: str


LIMITS = (
    Limit(100, "`ThrottleRate`, our own"),
    Limit(4_000 / WRITE_UNITS, "write units of a new on-demand table"),
    Limit(1_000 / (VENDOR_SECONDS + OWN_SECONDS), "Lambda environments of an account"),
    Limit(40_000 / WRITE_UNITS, "write units of a table, by quota"),
    Limit(10_000, "requests to HTTP APIs of an account and region"),
)
"""AWS's default quotas: "Quotas" of API Gateway, Lambda and DynamoDB. Vendors' own limits come first: docs/scale.md."""


def main() -> None:
    """Print the table, and the limits that it names by number."""
    print("| sign-ups a second | environments | write units a second | read units | dollars a day | limits passed |")
    print("|---:|---:|---:|---:|---:|---|")
    for rate in RATES:
        passed = [str(number) for number, limit in enumerate(LIMITS, 1) if rate > limit.rate]
        environments = max(1, round(rate * (VENDOR_SECONDS + OWN_SECONDS)))
        dollars = rate * 86_400 / 1_000_000 * DOLLARS_A_MILLION
        print(
            f"| {rate:,} | {environments:,} | {rate * WRITE_UNITS:,} | {rate * READ_UNITS:,} | {dollars:,.2f} |"
            f" {', '.join(passed) or '-'} |"
        )
    print("\nThe limits, and the sign-ups a second that pass them:\n")
    for number, limit in enumerate(LIMITS, 1):
        print(f"{number}. {limit.what}: {limit.rate:,.0f}")


if __name__ == "__main__":
    main()
