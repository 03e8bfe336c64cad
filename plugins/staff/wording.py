"""The words of codes: professions, specialities (SNOMED CT), languages, kinds of licences and of leave."""

from core.texts import Text, _

PROFESSIONS: dict[str, Text] = {
    "doctor": _("Doctor"), "nurse": _("Nurse"), "midwife": _("Midwife"), "pharmacist": _("Pharmacist"),
    "laboratory": _("Laboratory"), "therapist": _("Therapist"), "imaging": _("Imaging"),
    "desk": _("Reception and records"),
    "office": _("Administration"), "service": _("House and stores"), "other": _("Other"),
}  # fmt: skip
# SNOMED CT, of the value set "practice setting codes" of FHIR R4.
SPECIALITIES: dict[str, Text] = {
    "394577000": _("Anaesthetics"), "394579002": _("Cardiology"), "394582007": _("Dermatology"),
    "773568002": _("Emergency medicine"), "394583002": _("Endocrinology"), "394584008": _("Gastroenterology"),
    "408443003": _("General medical practice"), "394609007": _("General surgery"), "394811001": _("Geriatric medicine"),
    "394585009": _("Obstetrics and gynaecology"), "394803006": _("Clinical haematology"),
    "408454008": _("Clinical microbiology"), "394589003": _("Nephrology"), "394591006": _("Neurology"),
    "394593009": _("Medical oncology"), "394594003": _("Ophthalmology"), "394801008": _("Trauma and orthopaedics"),
    "418960008": _("Otolaryngology"), "394537008": _("Paediatric specialty"), "394587001": _("Psychiatry"),
    "394914008": _("Radiology"), "418112009": _("Pulmonary medicine"), "394612005": _("Urology"),
    "419192003": _("Internal medicine"), "394733009": _("Medical specialty"),
}  # fmt: skip
LANGUAGES: dict[str, Text] = {
    "en": _("English"), "sw": _("Swahili"), "ar": _("Arabic"), "so": _("Somali"), "am": _("Amharic"), "fr": _("French"),
    "de": _("German"), "es": _("Spanish"), "pt": _("Portuguese"), "hi": _("Hindi"), "gu": _("Gujarati"),
    "zh": _("Chinese"), "vi": _("Vietnamese"), "uk": _("Ukrainian"), "ru": _("Russian"), "no": _("Norwegian"),
    "yo": _("Yoruba"), "luo": _("Luo"), "ki": _("Kikuyu"),
}  # fmt: skip
LICENCES: dict[str, Text] = {
    "licence": _("Licence to practise"), "degree": _("Degree"), "course": _("Course"), "permit": _("Permit"),
    "other": _("Other"),
}  # fmt: skip
LEAVE: dict[str, Text] = {
    "annual": _("Holiday"), "sick": _("Illness"), "study": _("Study"), "parental": _("Parental leave"),
    "other": _("Other"), "extra": _("Extra hours"),
}  # fmt: skip
