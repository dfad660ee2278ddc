"""Where a business's form may be shown, as an operator sets it."""

from __future__ import annotations

from voiceline.audit.reading import entries_of
from voiceline.businesses import find_business
from voiceline.errors import NotFoundError, UserError


def test_business_has_no_site_at_first(run):
    run("business", "add", "Acme Shoes", "--code", "4021")

    listed = run("business", "sites", "4021")

    assert listed.output == "None: the form opens at its own address only.\n"


def test_allowed_site_is_listed_until_it_is_forbidden(run):
    run("business", "add", "Acme Shoes", "--code", "4021")

    allowed = run("business", "allow-site", "4021", "www.Acme.example/privacy")
    again = run("business", "allow-site", "4021", "https://www.acme.example")
    listed = run("business", "sites", "Acme Shoes")
    run("business", "forbid-site", "4021", "https://www.acme.example")
    after = run("business", "sites", "4021")

    assert "may be shown on https://www.acme.example" in allowed.output
    assert again.exit_code == 0
    assert listed.output == "https://www.acme.example\n"
    assert after.output.startswith("None")


def test_what_is_no_site_is_refused_with_an_example(run):
    run("business", "add", "Acme Shoes", "--code", "4021")

    refused = run("business", "allow-site", "4021", "*; script-src *")

    assert isinstance(refused.exception, UserError)
    assert "https://www.acme.example" in str(refused.exception)


def test_site_that_was_never_allowed_is_missing(run):
    run("business", "add", "Acme Shoes", "--code", "4021")

    missing = run("business", "forbid-site", "4021", "https://www.acme.example")

    assert isinstance(missing.exception, NotFoundError)


def test_sites_are_few_enough_for_one_header(run):
    run("business", "add", "Acme Shoes", "--code", "4021")
    for number in range(20):
        run("business", "allow-site", "4021", f"https://s{number}.acme.example")

    refused = run("business", "allow-site", "4021", "https://more.acme.example")

    assert "the most there can be" in str(refused.exception)


def test_changes_of_the_sites_are_in_the_trail(run, services):
    run("business", "add", "Acme Shoes", "--code", "4021")

    run("business", "allow-site", "4021", "https://*.acme.example")
    run("business", "forbid-site", "4021", "https://*.acme.example")

    with services.sessions() as session:
        written = [
            one.entry.action for one in entries_of(session, find_business(session, "4021").id)
        ][::-1]
    assert written[-2:] == ["business.site_allowed", "business.site_forbidden"]
