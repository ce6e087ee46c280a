"""Sending to one AWS service: kept connections, short timeouts, and botocore's errors where no answer comes."""

from __future__ import annotations

import ssl
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

import urllib3
from botocore import exceptions
from botocore.awsrequest import AWSPreparedRequest
from urllib3 import exceptions as lost

from shared.aws.fail_fast import CONNECT_SECONDS, MAX_CONNECTIONS, READ_SECONDS
from shared.aws.json_client import QUERY_ERROR


class PooledSender:
    """Sends to one address. botocore's own would read the bundle of certificates again for every connection."""

    def __init__(self, url: str, tls: ssl.SSLContext) -> None:
        self.url = url
        self._path = urlsplit(url).path
        tls_arguments = {"ssl_context": tls} if url.startswith("https:") else {}
        self._pool = urllib3.connection_from_url(
            url,
            maxsize=MAX_CONNECTIONS,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            **tls_arguments,
        )

    def send(self, request: AWSPreparedRequest) -> tuple[int, str, bytes]:
        """See `Sender`."""
        headers = dict(request.headers.items())
        with _translated(self.url):
            answer = self._pool.urlopen("POST", self._path, request.body, headers, retries=False, redirect=False)  # type: ignore[arg-type]
            return answer.status, answer.headers.get(QUERY_ERROR, ""), answer.data


@contextmanager
def _translated(endpoint: str) -> Generator[None]:
    try:
        yield
    except lost.SSLError as error:
        raise exceptions.SSLError(endpoint_url=endpoint, error=error) from None
    except lost.NewConnectionError as error:
        raise exceptions.EndpointConnectionError(endpoint_url=endpoint, error=error) from None
    except lost.ConnectTimeoutError as error:
        raise exceptions.ConnectTimeoutError(endpoint_url=endpoint, error=error) from None
    except lost.ReadTimeoutError as error:
        raise exceptions.ReadTimeoutError(endpoint_url=endpoint, error=error) from None
    except lost.ProtocolError as error:
        raise exceptions.ConnectionClosedError(endpoint_url=endpoint, error=error) from None
    except lost.HTTPError as error:
        raise exceptions.HTTPClientError(error=error) from None
