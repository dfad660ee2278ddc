"""What several adapters' tests stand on: the carrier, and the real S3 server of the test run."""

from __future__ import annotations

from uuid import uuid4

import pytest
from examples.carrier import carrier_source
from fakes.carrier import fake_carrier
from servers.s3 import s3_server

DAY = 4
"""Seconds of a lifecycle day on the test server."""


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    with s3_server(tmp_path_factory.mktemp("ceph") / "s3", day=DAY) as server:
        yield server


@pytest.fixture
def s3_day():
    return DAY


@pytest.fixture
def client(s3):
    client = s3.client()
    yield client
    client.close()


@pytest.fixture
def bucket(client):
    name = f"voiceline-{uuid4().hex}"
    client.create_bucket(Bucket=name)
    yield name
    # or the server would go on looking for what has expired in it, and be late for others
    client.delete_bucket_lifecycle(Bucket=name)


@pytest.fixture
def carrier():
    with fake_carrier() as carrier:
        yield carrier


@pytest.fixture
def source(carrier):
    return carrier_source(carrier)
