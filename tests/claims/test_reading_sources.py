"""Text, HTML and PDF: offsets point into the original; what cannot be read says why and what to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tallyscope.claims.reading import read_claims
from tallyscope.claims.reading.sources import LARGEST_FILE, LARGEST_TEXT
from tallyscope.returns.problems import ReadError

ARTICLE = (
    "<!DOCTYPE html><html><head><title>News</title>"
    '<meta property="article:published_time" content="2018-03-19T09:12:00+03:00">'
    '<script>var said = "Putin said that he won.";</script></head><body>'
    "<nav><ul><li><a href='/'>Home</a></li><li>Peskov said the site is down.</li></ul></nav><article>"
    "<h1>Putin re-elected president of Russia</h1>"
    "<p>Vladimir Putin has 76.67&nbsp;percent of the vote after 99.8 percent of protocols were processed, the "
    "Central <b>Election</b> Commission said on Monday. The count of the presidential election goes on.</p>"
    "<p>&laquo;No serious violations have been reported&raquo; &mdash; &#8220;the outcome is beyond doubt,&#8221; "
    "said Ella Pamfilova, the head of the commission, who spoke to reporters in Moscow this morning.</p>"
    "</article><footer>Copyright 2026. Updated 2026-11-25.</footer></body></html>"
)


def test_offsets_point_into_the_source_of_an_html_page() -> None:
    document = read_claims(ARTICLE)
    assert document.text == ARTICLE
    result = next(c for c in document.claims if c.type == "result" and c.progress)
    assert ARTICLE[result.start : result.end].startswith("Vladimir Putin has 76.67&nbsp;percent")
    assert ARTICLE[result.end :].startswith(", the Central <b>Election</b>")
    assert result.progress is not None
    assert ARTICLE[result.progress.span.start : result.progress.span.end] == "99.8 percent"
    assert result.speaker.mention is not None
    assert ARTICLE[result.speaker.mention.start : result.speaker.mention.end].endswith("<b>Election</b> Commission")


def test_menus_scripts_and_footers_claim_nothing() -> None:
    words = [c.words(ARTICLE) for c in read_claims(ARTICLE).claims]
    assert not [w for w in words if "site is down" in w or "he won" in w]


def test_the_head_of_a_page_is_weighed_as_a_date_not_believed() -> None:
    assert read_claims(ARTICLE).date.value == date(2018, 3, 19)
    wrong = ARTICLE.replace("2018-03-19T", "2020-10-16T")
    document = read_claims(wrong)
    assert document.date.value == date(2018, 3, 19)
    assert [r.value for r in document.date.rejected] == ["2020-10-16"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_files_are_read_in_the_encodings_that_pages_have(tmp_path: Path, encoding: str) -> None:
    text = "На выборах президента России 18 марта 2018 года победил Путин, сообщила глава ЦИК Элла Памфилова."
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    (claim,) = read_claims(path).claims
    assert claim.speaker.id == "ru-pamfilova"


def make_pdf(lines: list[str]) -> bytes:
    """One page of Latin text, by hand."""
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    stream = f"BT /F1 12 Tf 14 TL 50 700 Td {shown} ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % n + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(out)
    return out + b"xref\n0 6\n0000000000 65535 f \n" + table + end


def test_a_pdf_is_read_and_its_lines_are_joined(tmp_path: Path) -> None:
    path = tmp_path / "bulletin.pdf"
    path.write_bytes(
        make_pdf(
            [
                "Vladimir Putin was re-elected president of Russia on 18 March 2018 with 76.69",
                "percent of the vote, the Central Election Commission said.",
            ]
        )
    )
    document = read_claims(path)
    (claim,) = document.claims
    assert (claim.speaker.id, claim.election.id) == ("ru-cec", "RU-PRES-2018")
    assert [f.printed for f in claim.figures] == ["76.69"]
    assert claim.words(document.text).startswith("Vladimir Putin was re-elected")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"%PDF-1.4 cut short", "cannot be read as PDF"),
        (b"\x00\x01\x02binary\x00" * 10, "is no text, HTML or PDF"),
    ],
)
def test_damaged_files_are_refused_with_a_sentence(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(data)
    with pytest.raises(ReadError, match=told):
        read_claims(path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"nowhere\.txt.*cannot be opened"):
        read_claims(tmp_path / "nowhere.txt")


def test_fifty_megabytes_are_refused_at_once_with_what_to_do(tmp_path: Path) -> None:
    text = "Putin said that he won. " * (50 * 1024 * 1024 // 24)
    with pytest.raises(ReadError, match=rf"more than {LARGEST_TEXT:,} are no article.*Cut it"):
        read_claims(text)
    path = tmp_path / "large.txt"
    path.write_bytes(b"\n" * (LARGEST_FILE + 1))
    with pytest.raises(ReadError, match=r"more than .* are no article"):
        read_claims(path)
