"""What a client is made from."""

from __future__ import annotations

import pytest

from voiceline.adapters.s3_client import make_s3_client
from voiceline.errors import SettingsError


@pytest.mark.parametrize(
    "facts", [{"access_key": "a"}, {"secret_key": "s"}, {"endpoint_url": "not an address"}]
)
def test_a_client_is_not_made_from_half_settings(facts):
    with pytest.raises(SettingsError):
        make_s3_client(**facts)
