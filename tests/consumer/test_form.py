from __future__ import annotations

from visitors import reference_in


def test_form_smoke(public, services):
    page = public.receipt()

    assert page.status_code == 200, page.text
    assert reference_in(page.text)
