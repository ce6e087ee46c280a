"""botocore's data about AWS, and no more of it than our clients need: reading all of it takes half of building them."""

from __future__ import annotations

from typing import Any

from botocore.loaders import Loader

OLD_ADDRESSES = "endpoints"
"""A table of 1.3 MB with an address for each of 400 services in each region. Where a service has a rule set, as ours
have, botocore takes the address from that, and from this table only the region's partition."""

PARTITIONS = "partitions"
"""The partitions alone, for the rule sets."""


class OurServices(Loader):
    """Finds the models of our services."""

    def list_available_services(self, type_name: str) -> list[str]:
        """Return our services. botocore's own way looks through the folders of all 400."""
        return ["dynamodb", "secretsmanager", "sqs"]

    def load_data_with_path(self, name: str) -> tuple[dict[str, Any], str]:
        """Return one file's data, and where it lies."""
        if name != OLD_ADDRESSES:
            return super().load_data_with_path(name)
        partitions, path = super().load_data_with_path(PARTITIONS)
        return {"partitions": [_without_services(each) for each in partitions["partitions"]]}, path


def _without_services(partition: dict[str, Any]) -> dict[str, Any]:
    """Return a partition as the older table has it. The host names are never used; botocore asks for some."""
    hosts = {"hostname": "{service}.{region}.{dnsSuffix}", "protocols": ["https"]}
    kinds = (["fips"], ["dualstack"], ["dualstack", "fips"])
    return {
        "partition": partition["id"],
        "dnsSuffix": partition["outputs"]["dnsSuffix"],
        "regionRegex": partition["regionRegex"],
        "regions": partition["regions"],
        "defaults": {**hosts, "variants": [{**hosts, "tags": kind} for kind in kinds]},
        "services": {},
    }
