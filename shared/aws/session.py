"""What the environment says of AWS: region, credentials, addresses, and one TLS context for every connection."""

from __future__ import annotations

import re
import ssl
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.exceptions import NoCredentialsError, NoRegionError
from botocore.utils import get_environ_proxies

from shared.aws.fail_fast import AWS_CALLS, FailFast
from shared.aws.json_client import JsonClient, Service
from shared.aws.sender import PooledSender
from shared.aws.signing import Signer


class AwsSession:
    """Makes clients that fail fast. Opens no connection, unless credentials have to be asked for over the network."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._session = botocore.session.get_session()
        bundle = self._session.get_config_variable("ca_bundle")
        self._tls = ssl.create_default_context(cafile=bundle) if bundle else tls

    def client(self, service: Service, *, fail_fast: bool = True) -> Any:
        """Return a client with the methods of boto3's.

        Where the environment asks for what a `JsonClient` does not know (a proxy, FIPS or dual-stack addresses), it is
        boto3's own.

        Raises:
            NoRegionError, NoCredentialsError: the environment does not say.
        """
        endpoint = self._endpoint(service)
        guard = FailFast() if fail_fast else None
        if self._needs_boto3(endpoint):
            client = boto3.client(service.name, config=AWS_CALLS)  # type: ignore[call-overload]
            if guard:
                guard.watch(client)
            return client
        events = self._session.get_component("event_emitter")
        return JsonClient(service, self._signer(service), events, PooledSender(endpoint, self._tls), guard)

    def _signer(self, service: Service) -> Signer:
        credentials, region = self._session.get_credentials(), self._region
        if credentials is None:
            raise NoCredentialsError
        return Signer(credentials, region, service.name)

    @property
    def _region(self) -> str:
        region: str | None = self._session.get_config_variable("region")
        if not region:
            raise NoRegionError
        return region

    def _endpoint(self, service: Service) -> str:
        """Return the address that is configured ("Service-specific endpoints"), or the region's own."""
        if not self._session.get_config_variable("ignore_configured_endpoint_urls"):
            configured = ConfiguredEndpointProvider(
                self._session.full_config, self._session.get_scoped_config(), service.name
            ).provide()
            if configured:
                return f"{configured.rstrip('/')}/"
        return f"https://{service.name}.{self._region}.{self._dns_suffix()}/"

    def _dns_suffix(self) -> str:
        partitions = self._session.get_data("partitions")["partitions"]
        named = [each for each in partitions if re.match(each["regionRegex"], self._region)]
        suffix: str = (named or partitions)[0]["outputs"]["dnsSuffix"]
        return suffix

    def _needs_boto3(self, endpoint: str) -> bool:
        variants = ("use_fips_endpoint", "use_dualstack_endpoint")
        return any(map(self._session.get_config_variable, variants)) or bool(
            get_environ_proxies(endpoint).get(urlsplit(endpoint).scheme)
        )
