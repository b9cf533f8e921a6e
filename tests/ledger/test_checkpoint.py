"""Signed notes and checkpoints: the vectors of Go's note_test.go and of C2SP's pages, and everything malformed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.ledger.checkpoint import (
    Checkpoint,
    checkpoint_text,
    open_checkpoint,
    read_checkpoint,
    signed_checkpoint,
)
from tallyscope.ledger.note import NoteError, new_signer, open_note, read_signer, read_verifier, sign

#: golang.org/x/mod/sumdb/note, note_test.go.
VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
NOTE = f"{TEXT}\n\u2014 PeterNeumann {SIGNATURE}\n"
#: c2sp.org/tlog-checkpoint.
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
    "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
#: The example of the Elixir port of the same format.
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


def test_the_note_of_gos_tests_is_signed_and_opened_byte_for_byte() -> None:
    assert sign(TEXT, read_signer(SIGNER)) == NOTE
    assert open_note(NOTE, [read_verifier(VERIFIER)]) == TEXT
    assert str(read_signer(SIGNER).verifier) == VERIFIER
    assert read_signer(SIGNER).secret() == SIGNER
    assert str(read_verifier(FOO)) == FOO


def test_no_part_and_no_mangling_of_a_key_is_a_key() -> None:
    for line, read in ((VERIFIER, read_verifier), (SIGNER, read_signer)):
        parts = [line[i:j] for i in range(len(line)) for j in range(i + 1, len(line) + 1) if j - i < len(line)]
        mangled = [line[:i] + chr(ord(line[i]) + 1) + line[i + 1 :] for i in range(len(line))]
        for text in (*parts, *mangled):
            with pytest.raises(NoteError):
                read(text)


@pytest.mark.parametrize(
    "line",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "",
        "a b+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_keys_of_the_wrong_length_or_another_algorithm_are_refused(line: str) -> None:
    with pytest.raises(NoteError):
        read_verifier(line)


@pytest.mark.parametrize(
    "note",
    [
        TEXT,
        f"{TEXT}\n",
        NOTE.removesuffix("\n"),
        NOTE.replace("\u2014 ", "- "),
        NOTE.replace("\u2014 ", "\u2014"),
        NOTE.replace("If", "\x01If"),
        NOTE.replace(SIGNATURE, "AAA="),
        NOTE.replace(SIGNATURE, SIGNATURE[:-1]),
        TEXT + "\n" + NOTE.split("\n\n")[1] * 101,
    ],
)
def test_malformed_notes_are_refused(note: str) -> None:
    with pytest.raises(NoteError, match=r"malformed|base64"):
        open_note(note, [read_verifier(VERIFIER)])


def test_a_text_that_changed_is_not_what_was_signed() -> None:
    with pytest.raises(NoteError, match="not of this text"):
        open_note(NOTE.replace("answer", "Answer"), [read_verifier(VERIFIER)])


def test_signatures_by_others_say_nothing_and_none_is_not_enough() -> None:
    ours, theirs = new_signer("example.com/us"), new_signer("example.com/them")
    both = sign("text\n", ours, theirs)
    assert open_note(both, [ours.verifier]) == "text\n"
    assert open_note(both, [theirs.verifier]) == "text\n"
    with pytest.raises(NoteError, match=r"not signed by a key that was given; signed as example.com/them"):
        open_note(sign("text\n", theirs), [ours.verifier])
    # A key of the same name is another key.
    with pytest.raises(NoteError, match="not signed by a key"):
        open_note(both, [new_signer("example.com/us").verifier])


def test_a_signing_key_shows_in_no_repr_and_in_no_error() -> None:
    signer = new_signer("example.com/us")
    # PRIVATE+KEY+name+hash+key: the key is base64, in which a plus may stand too.
    key = signer.secret().split("+", 4)[4]
    assert key not in repr(signer)
    with pytest.raises(NoteError) as caught:
        read_signer(signer.secret().replace("example.com", "example.org"))
    assert key not in str(caught.value)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**53), st.integers(1, 10**6))
def test_a_checkpoint_is_read_as_it_was_signed(root: bytes, size: int, number: int) -> None:
    signer = new_signer("example.com/count")
    for made in (
        Checkpoint("example.com/count", size, root),
        Checkpoint("example.com/count", size, root, number, root[::-1]),
    ):
        note = signed_checkpoint(made, signer)
        assert open_checkpoint(note, [signer.verifier]) == read_checkpoint(note) == made


def test_the_example_of_c2sp_is_read() -> None:
    read = read_checkpoint(SOFA)
    assert (read.origin, read.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint_text(read) == SOFA.partition("\n\n")[0] + "\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("20852163", "020852163"),
        ("20852163", "-1"),
        ("20852163", "two"),
        ("20852163", "\u0662"),
        ("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", "CsUY"),
        ("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", ""),
        ("example.com/behind-the-sofa\n2", "\n2"),
    ],
)
def test_malformed_checkpoints_are_refused(old: str, new: str) -> None:
    with pytest.raises(NoteError, match="malformed"):
        read_checkpoint(SOFA.replace(old, new, 1))


def test_a_key_of_another_name_does_not_sign_for_a_record() -> None:
    with pytest.raises(NoteError, match=r"the key is of example.com/b, the record is of example.com/a"):
        signed_checkpoint(Checkpoint("example.com/a", 0, bytes(32)), new_signer("example.com/b"))
