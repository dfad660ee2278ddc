"""`voiceline policy`, as an operator announces a new version of the privacy policy."""

from __future__ import annotations

WHERE = ("--address", "https://voiceline.example/privacy/2020")


def test_a_version_is_published_and_listed(run):
    answer = run("policy", "publish", "2020-04-15", *WHERE, "--from", "2020-04-15")

    assert (answer.exit_code, answer.output) == (
        0,
        "Published. Accounts whose owners are told: 0.\n",
    )
    assert run("policy", "list").output == (
        "2020-04-15  2020-04-15  -  https://voiceline.example/privacy/2020  in force\n"
    )


def test_the_first_version_may_be_material_and_in_force_already(run):
    answer = run("policy", "publish", "2020", *WHERE, "--from", "2020-04-15", "--material")

    assert answer.output == "Published. Accounts whose owners are told: 1.\n"


def test_what_is_wrong_is_said(run):
    run("policy", "publish", "2020-04-15", *WHERE, "--from", "2020-04-15")

    answer = run("policy", "publish", "2020-04-15", *WHERE, "--from", "2030-01-01")

    assert str(answer.exception).startswith("There is a version 2020-04-15 already")
