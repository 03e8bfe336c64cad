"""What is printed of a patient: a label, a wristband, a summary, in the patient's language and in any script."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import segno
from barcode import Code128
from fpdf import FPDF

from core import clock
from core.actors import Actor
from core.settings import settings_of
from core.sites import current_site
from core.texts import Text, _, reading
from plugins.patients.models import Patient
from plugins.patients.services.family import guardians_of, hidden_from, relatives_of
from plugins.patients.services.flags import flags_of
from plugins.patients.services.reached import addresses_of, contacts_of, names_of, numbers_of, telecoms_of
from plugins.patients.wording import WAYS, age_words, born_words, language_words, sex_words

FONTS = Path(__file__).parent.parent / "data" / "fonts"
FALLBACKS = (
    "NotoSansArabic-Regular", "NotoSansHebrew-Regular", "NotoSansEthiopic-Regular", "NotoSansDevanagari-Regular",
    "NotoSansBengali-Regular", "NotoSansTamil-Regular", "NotoSansTelugu-Regular", "NotoSansThai-Regular",
    "NotoSansMyanmar-Regular", "NotoSansGeorgian-Regular", "NotoSansArmenian-Regular", "DroidSansFallback-names",
)  # fmt: skip
RIGHT_TO_LEFT = ("ar", "fa", "he", "ur", "ps", "dv", "ckb")
BAND = (250.0, 25.0)
MARGIN = 16.0


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished paper: its name and content."""

    name: str
    content: bytes


class Paper(FPDF):
    """A PDF with the house's fonts, shaped for the script of whatever is written on it."""

    def __init__(self, size: tuple[float, float] | str, foot: str = "") -> None:
        wide = isinstance(size, tuple) and size[0] > size[1]
        page: Any = size if isinstance(size, str) else tuple(sorted(size))
        super().__init__("L" if wide else "P", "mm", page)
        self.foot = foot
        self.add_font("Noto", "", FONTS / "NotoSans-Regular.ttf")
        self.add_font("Noto", "B", FONTS / "NotoSans-Bold.ttf")
        self.loaded: list[str] = []
        self.set_text_shaping(True)
        self.set_creator("Medley")
        self.set_creation_date(clock.now())

    def has(self, texts: Iterable[str]) -> None:
        """Load the fonts of the scripts in these texts, and no others: most papers need none."""
        letters = {ord(letter) for text in texts for letter in text if not letter.isascii()}
        fonts: dict[str, Any] = self.fonts
        missing = {one for one in letters if one not in fonts["noto"].cmap}
        for name in FALLBACKS:
            if not missing:
                break
            self.add_font(name, "", FONTS / f"{name}.ttf")
            found = missing & set(fonts[name.lower()].cmap)
            missing -= found
            if found:
                self.loaded.append(name)
        self.set_fallback_fonts(self.loaded, exact_match=False)

    def footer(self) -> None:
        """Whose paper it is, the page, and when it was printed, on every page."""
        if not self.foot:
            return
        self.set_y(-12)
        self.set_font("Noto", "", 8)
        self.cell(0, 5, f"{self.foot}  ·  {self.page_no()}/{{nb}}", align="C")

    def code128(self, value: str, at: tuple[float, float], size: tuple[float, float]) -> None:
        """A barcode drawn as bars, so that it stays sharp on any printer."""
        modules = "".join(Code128(value).build())
        step = size[0] / len(modules)
        self.set_fill_color(0)
        start = 0
        while start < len(modules):
            end = start
            while end < len(modules) and modules[end] == modules[start]:
                end += 1
            if modules[start] == "1":
                self.rect(at[0] + start * step, at[1], (end - start) * step, size[1], "F")
            start = end

    def matrix(self, value: str, at: tuple[float, float], edge: float) -> None:
        """A QR code drawn as squares."""
        rows = list(segno.make(value, error="m", micro=False).matrix)
        step = edge / len(rows)
        self.set_fill_color(0)
        for y, row in enumerate(rows):
            for x, is_dark in enumerate(row):
                if is_dark:
                    self.rect(at[0] + x * step, at[1] + y * step, step, step, "F")


def facts_line(patient: Patient) -> str:
    """Birth, age and sex in one line."""
    said = (born_words(patient), age_words(patient), str(sex_words(patient.sex)) if patient.sex != "unknown" else "")
    return "  ·  ".join(one for one in said if one)


def label_of(patient: Patient, by: Actor, copies: int = 1) -> Printed:
    """Labels for files and samples: name, birth, sex, and the record number as a barcode."""
    settings = settings_of("patients")
    width, height = float(settings.label_width), float(settings.label_height)
    with reading(language_of(patient)):
        paper = Paper((width, height))
        line = facts_line(patient)
        paper.has((patient.name, line))
        paper.set_auto_page_break(False)
        paper.set_margin(2)
        for _copy in range(min(max(copies, 1), 50)):
            paper.add_page()
            fitted(paper, patient.name, width - 4, 11, "B")
            paper.cell(0, 5, patient.name, new_x="LMARGIN", new_y="NEXT")
            fitted(paper, line, width - 4, 8, "")
            paper.cell(0, 4, line, new_x="LMARGIN", new_y="NEXT")
            paper.code128(patient.number, (4, 12), (width - 8, height - 19))
            paper.set_y(height - 6)
            paper.set_font("Noto", "", 8)
            paper.cell(0, 4, patient.number, align="C")
    return Printed(f"label-{patient.number}.pdf", bytes(paper.output()))


def wristband_of(patient: Patient, by: Actor) -> Printed:
    """A wristband: who it is in large letters, and the record number for every scanner."""
    with reading(language_of(patient)):
        paper = Paper(BAND)
        line = facts_line(patient)
        warnings = "  ·  ".join(flag.text for flag in flags_of(patient) if flag.severity != "info")
        paper.has((patient.name, line, warnings))
        paper.set_auto_page_break(False)
        paper.set_margin(2)
        paper.add_page()
        paper.matrix(patient.number, (60, 3), 19)
        paper.code128(patient.number, (176, 4), (60, 13))
        paper.set_xy(82, 3)
        fitted(paper, patient.name, 90, 14, "B")
        paper.cell(90, 7, patient.name, new_x="LEFT", new_y="NEXT")
        fitted(paper, line, 90, 10, "")
        paper.cell(90, 5, line, new_x="LEFT", new_y="NEXT")
        fitted(paper, warnings, 90, 9, "B")
        paper.cell(90, 5, warnings)
        paper.set_xy(176, 17)
        paper.set_font("Noto", "", 9)
        paper.cell(60, 5, patient.number, align="C")
    return Printed(f"wristband-{patient.number}.pdf", bytes(paper.output()))


def summary_of(patient: Patient, by: Actor) -> Printed:
    """What the register says of somebody, on paper for them, in their language."""
    language = language_of(patient)
    with reading(language):
        groups = list(groups_of(patient, by))
        title = str(_("Summary of the record"))
        texts = [patient.name, title, *(str(part) for name, rows in groups for part in (name, *sum(rows, ())))]
        printed = f"{clock.now().astimezone(current_site().zone):%Y-%m-%d %H:%M}"
        foot = f"{patient.name}  ·  {patient.number}  ·  {_('Printed %(when)s', when=printed)}"
        paper = Paper("A4", foot)
        paper.has([*texts, foot])
        paper.set_margins(MARGIN, MARGIN)
        paper.set_auto_page_break(True, 18)
        paper.set_title(title)
        paper.set_lang(language)
        paper.add_page()
        write_summary(paper, patient, title, groups, "R" if is_right_to_left(language) else "L")
    return Printed(f"summary-{patient.number}.pdf", bytes(paper.output()))


def write_summary(paper: Paper, patient: Patient, title: str, groups: list[Any], side: str) -> None:
    """Set the page: who it is first, then one group of facts after the other."""
    paper.set_font("Noto", "", 10)
    paper.cell(0, 6, f"{current_site().title}  ·  {title}", new_x="LMARGIN", new_y="NEXT", align=side)
    paper.set_font("Noto", "B", 18)
    paper.multi_cell(0, 9, patient.name, new_x="LMARGIN", new_y="NEXT", align=side)
    paper.set_font("Noto", "", 11)
    paper.multi_cell(0, 6, facts_line(patient), new_x="LMARGIN", new_y="NEXT", align=side)
    paper.code128(patient.number, (paper.w - MARGIN - 50, MARGIN) if side == "L" else (MARGIN, MARGIN), (50, 10))
    for name, rows in groups:
        paper.ln(3)
        paper.set_font("Noto", "B", 11)
        paper.cell(0, 7, str(name), new_x="LMARGIN", new_y="NEXT", align=side)
        paper.line(MARGIN, paper.get_y(), paper.w - MARGIN, paper.get_y())
        paper.set_font("Noto", "", 10)
        for label, value in rows:
            paper.multi_cell(
                0, 6, f"{label}: {value}" if label else str(value), new_x="LMARGIN", new_y="NEXT", align=side
            )


def groups_of(patient: Patient, by: Actor) -> Iterable[tuple[Text, list[tuple[str, str]]]]:
    """The facts of a summary, by group; a group with nothing in it is left out."""
    numbers = [(str(_("Record number")), patient.number)]
    numbers += [(one.type.label, one.value) for one in numbers_of(patient)]
    yield _("Numbers"), numbers
    yield from told(_("Other names"), [("", one.name) for one in names_of(patient)])
    reach = [("", one.value) for one in telecoms_of(patient)]
    reach += [("", place) for place in addresses_of(patient)]
    if patient.preferred_way:
        reach.append((str(_("Best reached by")), str(WAYS[patient.preferred_way])))
    if patient.language:
        reach.append((str(_("Language")), language_words(patient.language)))
    yield from told(_("Where to reach them"), reach)
    called = [(one.relation, ", ".join(filter(None, (one.name, one.phone)))) for one in contacts_of(patient)]
    yield from told(_("Whom to call"), called)
    deciding = {one.relation.id for one in guardians_of(patient)}
    relatives = relatives_of(patient)
    hidden = hidden_from(by, {one.other.uid for one in relatives if one.other is not None})
    family = [
        (str(one.kind), f"{one.name} ({_('Decides for them')})" if one.relation.id in deciding else one.name)
        for one in relatives
        if one.other is None or one.other.uid not in hidden
    ]
    yield from told(_("Family and guardians"), family)
    yield from told(_("Warnings"), [("", flag.text) for flag in flags_of(patient)])


def told(name: Text, rows: list[tuple[str, str]]) -> Iterable[tuple[Text, list[tuple[str, str]]]]:
    """A group, when there is anything in it."""
    if rows:
        yield name, rows


def fitted(paper: Paper, text: str, width: float, size: float, style: str) -> None:
    """Choose the size in which a text fits on its line; a name is never cut."""
    paper.set_font("Noto", style, size)
    wide = paper.get_string_width(text)
    if wide > width:
        paper.set_font("Noto", style, max(4.0, size * width / wide))


def language_of(patient: Patient) -> str:
    """The patient's language, else the site's."""
    return str(patient.language or current_site().locale).replace("-", "_")


def is_right_to_left(language: str) -> bool:
    """Whether a language is written from right to left."""
    return language.split("_")[0] in RIGHT_TO_LEFT
