"""Each letter holds what the law wants in it, in both languages, and nothing of a transcript."""

from __future__ import annotations

import re

import pytest
from desks import DAY, TWO_POINTS
from letters_written import CONTACT, draft, draft_now

from voiceline import desk as verbs
from voiceline.letters import compose, wording
from voiceline.models import Requester, ResidenceSource
from voiceline.rules.denials import Code, Reason
from voiceline.rules.explanations import date_in_words
from voiceline.rules.letters import LETTERS, LetterKind, required
from voiceline.rules.references import grouped
from voiceline.rules.rights import Right

K = LetterKind

CONTENTS = {
    K.ACKNOWLEDGEMENT: {
        "received": ("We have received your privacy request", "Recibimos su solicitud"),
        "verification": ("we check that the request is yours", "comprobamos que la solicitud"),
        "expect": ("Tuesday, January 5, 2027", "martes 5 de enero de 2027"),
        "longer": ("we tell you why before that date", "le diremos por qué antes de esa fecha"),
    },
    K.IDENTITY_ASKED: {
        "needed": ("tell us 2 of these", "díganos 2 de estos"),
        "purpose": ("only to check that the request is yours", "solamente para comprobar"),
        "no_fee": ("costs you nothing", "no le cuesta nada"),
        "never_send": ("do not send numbers of social security", "no envíe números de seguro"),
        "clock_runs": ("by Tuesday, January 5, 2027", "el martes 5 de enero de 2027"),
    },
    K.EXTENSION: {
        "more_time": ("Three archives must be searched.", "Three archives must be searched."),
        "new_date": ("Friday, February 19, 2027", "viernes 19 de febrero de 2027"),
    },
    K.COMPLETED: {
        "completed": ("Account and orders were deleted.", "Account and orders were deleted."),
        "record_kept": ("We keep a record of your request", "Guardamos un registro"),
    },
    K.PARTLY: {
        "partly": ("denied in part", "se deniega en parte"),
        "done": ("What we did: The account was deleted.", "Lo que hicimos: The account"),
        "not_done": ("What we did not do: The invoices stay.", "Lo que no hicimos: The invoices"),
        "reasons": ("Invoices of 2025 are kept for seven years.", "La ley: Cal. Civ. Code 1798."),
        "retained": ("we use for nothing else", "no lo usamos para nada más"),
        "offer_opt_out": ("you can opt out now", "puede hacerlo ahora"),
        "record_kept": ("We keep a record of your request", "Guardamos un registro"),
        "complain": ("the attorney general of the state", "la fiscalía general"),
    },
    K.DENIED: {
        "denied": ("Your request is denied.", "Su solicitud se deniega."),
        "reasons": ("We could not verify your identity.", "No pudimos verificar su identidad."),
        "retained": ("we use for nothing else", "no lo usamos para nada más"),
        "offer_opt_out": ("you can opt out now", "puede hacerlo ahora"),
        "appeal": ("you can appeal until", "puede apelar hasta el"),
        "complain": ("the attorney general of Virginia", "(attorney general) de Virginia"),
    },
    K.REDIRECTED: {
        "redirected": ("Please ask: Optimer Inc.", "Por favor diríjase a: Optimer Inc."),
    },
    K.DEFERRED: {
        "date_stands": ("does not change the date", "no cambia la fecha"),
    },
    K.APPEAL_UPHELD: {
        "upheld": ("Our answer stands.", "Nuestra respuesta se mantiene."),
        "decided_because": ("Why: The law wants", "Por qué: The law wants"),
        "complain": ("the attorney general of Virginia", "(attorney general) de Virginia"),
    },
    K.APPEAL_REVERSED: {
        "reversed": ("your request is open again", "su solicitud está abierta otra vez"),
        "decided_because": ("Why: The invoices", "Por qué: The invoices"),
        "answer_by": ("You will have our new answer by", "Tendrá nuestra nueva respuesta"),
    },
}
"""What a reader must find, for each part that the law requires on this occasion."""

OTHERWHERE = {
    "no_proof",
    "declaration",
    "opt_out_confirmed",
    "admt_confirmed",
    "health_statement",
    "record_kept",
    "not_asked_again",
    "categories_instead",
    "policy_instead",
}
"""Parts of other occasions, each with a test of its own below."""


@pytest.mark.parametrize("kind", LetterKind)
@pytest.mark.parametrize(("place", "language"), [(0, "en"), (1, "es")])
def test_letter_holds_what_the_law_requires(desk, kind, place, language):
    letter = compose(draft(desk, kind, language=language))

    for part, marks in CONTENTS[kind].items():
        assert marks[place] in letter.text, (part, required(kind)[part])
    assert grouped(desk.request.reference) in letter.text
    assert CONTACT in letter.text
    assert not re.search(r"[{}]|None", letter.text)


@pytest.mark.parametrize("kind", LetterKind)
def test_no_required_part_is_without_a_test(kind):
    by_occasion = {part.name for part in LETTERS[kind] if part.when in {"abroad", "appealable"}}

    untested = set(required(kind)) - set(CONTENTS[kind]) - OTHERWHERE - by_occasion

    assert not untested
    assert all(required(kind)[part] for part in CONTENTS[kind])


def test_both_languages_have_the_same_sentences():
    english, spanish = (wording._read(language) for language in wording.LANGUAGES)

    assert {table: set(words) for table, words in english.items() if table != "version"} == {
        table: set(words) for table, words in spanish.items() if table != "version"
    }


def test_fields_in_braces_are_the_same_in_both():
    def fields(language):
        parts = wording._read(language)["parts"]
        return {name: set(re.findall(r"{(\w+)}", text)) for name, text in parts.items()}

    english, spanish = fields("en"), fields("es")

    assert english == spanish


@pytest.mark.parametrize(
    ("language", "mark"),
    [("en", "You need not prove who you are"), ("es", "Usted no tiene que probar quién es")],
)
def test_opt_out_is_acknowledged_without_proof(desk, language, mark):
    desk.asks(Right.OPT_OUT)

    letter = compose(draft_now(desk, K.ACKNOWLEDGEMENT, language=language))

    assert mark in letter.text
    assert "check that the request is yours" not in letter.text
    assert "takes longer" not in letter.text


STOPPED = {
    Right.OPT_OUT: ("that your opt-out was processed", "que su exclusión voluntaria fue"),
    Right.OPT_OUT_ADS: ("that your opt-out was processed", "que su exclusión voluntaria fue"),
    Right.LIMIT: ("to limit the use of your sensitive", "limitar el uso de sus datos sensibles"),
    Right.ADMT_OPT_OUT: ("opt-out of automated decisions", "exclusión de las decisiones auto"),
}
NEVER_ASKED_AGAIN = ("for at least 12 months", "durante al menos 12 meses")


@pytest.mark.parametrize("right", STOPPED)
@pytest.mark.parametrize(("place", "language"), [(0, "en"), (1, "es")])
def test_what_was_stopped_is_confirmed(desk, right, place, language):
    desk.asks(right)
    desk.do(verbs.complete, desk.right(), done="The account is marked.")

    text = compose(draft_now(desk, K.COMPLETED, language=language)).text

    confirmed = [part for part in text.split("\n\n") if re.match("This letter|Esta carta", part)]
    assert len(confirmed) == 1
    assert STOPPED[right][place] in confirmed[0]
    assert NEVER_ASKED_AGAIN[place] in text
    assert not re.search("keep a record|Guardamos un registro", text)


@pytest.mark.parametrize("right", [Right.OPT_OUT, Right.OPT_OUT_ADS])
@pytest.mark.parametrize(("place", "language"), [(0, "en"), (1, "es")])
def test_twelve_months_are_promised_where_the_law_wants_them(desk, right, place, language):
    desk.asks(right)
    desk.do(verbs.set_residence, "US-VA", source=ResidenceSource.TOLD)
    desk.do(verbs.complete, desk.right(), done="The account is marked.")

    text = compose(draft_now(desk, K.COMPLETED, language=language)).text

    assert STOPPED[right][place] in text
    assert NEVER_ASKED_AGAIN[place] not in text


@pytest.mark.parametrize(
    ("residence", "by_law"),
    [("US-CA", True), ("US-CO", True), ("US-VA", False), ("US-MN", False), ("EU", False)],
)
@pytest.mark.parametrize(
    ("language", "kept", "law"),
    [
        ("en", "We keep a record of your request and of what we did", "because the law says so"),
        (
            "es",
            "Guardamos un registro de su solicitud y de lo que hicimos",
            "la ley lo exige",
        ),
    ],
)
def test_record_is_said_to_be_the_laws_where_it_is(desk, residence, by_law, language, kept, law):
    refuse(desk, Right.DELETE, K.DENIED, residence)

    text = compose(draft_now(desk, K.DENIED, language=language)).text

    assert kept in text
    assert (law in text) is by_law


@pytest.mark.parametrize(("place", "language"), [(0, "en"), (1, "es")])
@pytest.mark.parametrize("kind", [K.DENIED, K.PARTLY])
def test_refused_correction_offers_a_statement_on_health(desk, kind, place, language):
    refuse(desk, Right.CORRECT, kind)

    text = compose(draft_now(desk, kind, language=language)).text

    assert ("up to 250 words", "hasta 250 palabras")[place] in text
    assert ("is about your health", "se refiere a su salud")[place] in text


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("right", "residence"), [("delete", "US-CA"), ("correct", "US-VA")])
def test_statement_is_offered_for_californian_corrections_alone(desk, right, residence, language):
    refuse(desk, Right(right), K.DENIED, residence)

    text = compose(draft_now(desk, K.DENIED, language=language)).text

    assert "250 words" not in text
    assert "250 palabras" not in text  # the reference may have 250 in it


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_opt_out_is_offered_where_the_law_has_none(desk, language):
    refuse(desk, Right.DELETE, K.DENIED, "EU")

    text = compose(draft_now(desk, K.DENIED, language=language)).text

    assert not re.search("you can opt out now|puede hacerlo ahora", text)


@pytest.mark.parametrize(
    ("right", "language", "mark"),
    [
        (Right.KNOW_SPECIFIC, "en", "one for the categories of data"),
        (Right.KNOW_SPECIFIC, "es", "una de las categorías de datos"),
        (Right.KNOW_CATEGORIES, "en", "Our privacy policy says"),
        (Right.KNOW_CATEGORIES, "es", "Nuestra política de privacidad dice"),
    ],
)
def test_unverified_is_offered_what_is_left(desk, right, language, mark):
    deny_unverified(desk, right)

    letter = compose(draft_now(desk, K.DENIED, language=language))

    assert mark in letter.text


@pytest.mark.parametrize(
    ("language", "promise"),
    [
        ("en", "our answer to that by Tuesday, January 5, 2027."),
        ("es", "nuestra respuesta a eso a más tardar el martes 5 de enero de 2027."),
    ],
)
def test_categories_are_promised_while_they_are_owed(desk, language, promise):
    deny_unverified(desk, Right.KNOW_SPECIFIC)
    owed = compose(draft_now(desk, K.DENIED, language=language)).text
    desk.do(verbs.withdraw, desk.right(Right.KNOW_CATEGORIES))
    withdrawn = compose(draft_now(desk, K.DENIED, language=language)).text

    assert promise in owed
    assert not re.search("categories of data|categorías de datos", withdrawn)


@pytest.mark.parametrize("language", ["en", "es"])
def test_categories_are_promised_by_no_other_law(desk, language):
    desk.asks(Right.KNOW_SPECIFIC)
    desk.do(verbs.set_residence, "US-VA", source=ResidenceSource.TOLD)
    desk.do(verbs.verify_identity, TWO_POINTS, passed=False)
    desk.do(verbs.deny, desk.right(), reasons=[Reason(Code.UNVERIFIED)])

    text = compose(draft_now(desk, K.DENIED, language=language)).text

    assert not re.search("categories of data|categorías de datos", text)


@pytest.mark.parametrize(("language", "law"), [("en", "The law:"), ("es", "La ley:")])
@pytest.mark.parametrize(
    ("residence", "reason", "citation"),
    [
        ("US-VA", Reason(Code.EXCESSIVE, "The tenth this week."), "Va. Code 59.1-577"),
        ("EU", Reason(Code.EXCESSIVE, "The tenth this week."), "GDPR art. 12(5)"),
        ("UK", Reason(Code.TAX_DOCUMENTS), "UK GDPR art. 17(3)(b)"),
    ],
)
def test_refusal_cites_the_law_of_the_residence(desk, residence, reason, citation, language, law):
    desk.do(verbs.set_residence, residence, source=ResidenceSource.TOLD)
    desk.do(verbs.deny, desk.right(), reasons=[reason])

    text = compose(draft_now(desk, K.DENIED, language=language)).text

    assert f"{law} {citation}." in text
    assert not re.search("Cal[.]|CCR", text)


@pytest.mark.parametrize("language", ["en", "es"])
def test_refusal_cites_nothing_where_the_law_is_not_known(desk, language):
    desk.do(verbs.set_residence, "US-TN", source=ResidenceSource.TOLD)
    desk.do(verbs.deny, desk.right(), reasons=[Reason(Code.SECURITY, "It is the log-in.")])

    text = compose(draft_now(desk, K.DENIED, language=language)).text

    assert "It is the log-in.\n" in text
    assert not re.search("The law:|La ley:|not sure", text)


@pytest.mark.parametrize(("language", "mark"), [("en", "penalty of perjury"), ("es", "perjurio")])
def test_specific_pieces_take_a_declaration(desk, language, mark):
    desk.asks(Right.KNOW_SPECIFIC)

    letter = compose(draft_now(desk, K.IDENTITY_ASKED, language=language))

    assert mark in letter.text
    assert " 3 " in letter.text


@pytest.mark.parametrize(
    ("language", "stop", "delete", "no_proof", "day"),
    [
        ("en", "Opt out of sale", "“Delete”", "need not prove", "Tuesday, January 5, 2027"),
        (
            "es",
            "No vender ni compartir",
            "“Borrar mis datos”",
            "no tiene que probar",
            "martes 5 de enero de 2027",
        ),
    ],
)
def test_proof_is_asked_for_what_takes_it(desk, language, stop, delete, no_proof, day):
    desk.do(verbs.name_right, Right.OPT_OUT)

    text = compose(draft_now(desk, K.IDENTITY_ASKED, language=language)).text

    about = next(each for each in text.split("\n\n") if "received on" in each or "recibida" in each)
    free = next(each for each in text.split("\n\n") if no_proof in each)
    assert delete in about
    assert stop not in about
    assert stop in free
    assert delete not in free
    assert day in text
    assert day not in about
    assert desk.request.respond_by < desk.right(Right.DELETE).due_by


def test_proof_is_not_asked_for_what_is_answered(desk):
    desk.do(verbs.name_right, Right.OPT_OUT)
    desk.do(verbs.name_right, Right.KNOW_SPECIFIC)
    for right in (Right.OPT_OUT, Right.KNOW_SPECIFIC):
        desk.do(verbs.withdraw, desk.right(right))

    text = compose(draft_now(desk, K.IDENTITY_ASKED)).text

    assert "You need not prove" not in text
    assert "perjury" not in text
    assert "tell us 2 of these" in text


@pytest.mark.parametrize(("language", "mark"), [("en", "complain to"), ("es", "una queja ante")])
def test_extension_abroad_says_where_to_complain(desk, language, mark):
    desk.request.jurisdiction = "CA-FED"
    desk.session.flush()
    desk.do(verbs.extend, desk.right(), because="It must be converted.")

    letter = compose(draft_now(desk, K.EXTENSION, language=language))

    assert mark in letter.text


@pytest.mark.parametrize(
    ("language", "about"),
    [("en", "This is about your appeal, received"), ("es", "sobre su apelación, recibida")],
)
def test_extension_of_an_appeal_has_its_dates(desk, language, about):
    desk.do(verbs.set_residence, residence="US-CO", source=ResidenceSource.TOLD)
    desk.do(verbs.deny, desk.right(), reasons=[Reason(Code.TAX_DOCUMENTS)])
    desk.wait(10 * DAY)
    desk.do(verbs.appeal, desk.right())
    desk.do(verbs.extend, desk.right(), because="The archive must be searched.")
    written = draft_now(desk, K.EXTENSION, language=language)

    text = compose(written).text

    first, later = written.appeal.decide_by, written.appeal.extended_by
    assert about in text
    assert "The archive must be searched." in text
    assert date_in_words(first, language) in text
    assert date_in_words(later, language) in text
    assert date_in_words(desk.right().respond_by, language) not in text


def test_name_of_who_asks_stands_on_one_line(desk):
    desk.request.requester = Requester(
        business_id=desk.request.business_id, name="Maria\r\nBcc: {business}"
    )
    desk.session.flush()

    letter = compose(draft_now(desk, K.ACKNOWLEDGEMENT))

    assert letter.text.startswith("Dear Maria Bcc: {business},\n")


def test_free_paragraph_stands_before_the_end(desk):
    letter = compose(draft_now(desk, K.ACKNOWLEDGEMENT, free="We are sorry {it} took so long."))

    paragraphs = letter.text.split("\n\n")
    assert paragraphs[-3] == "We are sorry {it} took so long."


def test_same_facts_make_the_same_letter(desk):
    one = compose(draft_now(desk, K.ACKNOWLEDGEMENT))
    other = compose(draft_now(desk, K.ACKNOWLEDGEMENT, free="And more."))

    assert one.sha256 == compose(draft_now(desk, K.ACKNOWLEDGEMENT)).sha256
    assert one.sha256 != other.sha256


def deny_unverified(desk, right: Right) -> None:
    """Refuse the right because the check of who asks failed."""
    desk.asks(right)
    desk.do(verbs.verify_identity, TWO_POINTS, passed=False)
    desk.do(verbs.deny, desk.right(), reasons=[Reason(Code.UNVERIFIED)])


def refuse(desk, right: Right, kind: LetterKind, residence: str = "US-CA") -> None:
    """Refuse the right, wholly or in part, for a reason that holds for any."""
    reasons = [Reason(Code.LAW_CONFLICT, "A court asks us to keep it.")]
    desk.asks(right)
    desk.do(verbs.set_residence, residence, source=ResidenceSource.TOLD)
    if kind == K.DENIED:
        desk.do(verbs.deny, desk.right(), reasons=reasons)
        return
    desk.do(verbs.verify_identity, TWO_POINTS)
    part = {"done": "The name.", "not_done": "The diagnosis."}
    desk.do(verbs.complete_in_part, desk.right(), **part, reasons=reasons)
