"""Names of invented people from many parts of the world, the commonest first, for the demo hospital and benchmarks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random


@dataclass(frozen=True, slots=True)
class People:
    """How one people names its children: lists with the commonest first, and the way a name is put together."""

    key: str
    language: str
    women: Sequence[str]
    men: Sequence[str]
    families: Sequence[str]
    written: Callable[["People", Random, str], str]
    areas: Sequence[str] = ()
    relations: Sequence[str] = ("Mother", "Father", "Sister", "Brother", "Husband", "Wife", "Daughter", "Son")

    def given(self, chance: Random, sex: str) -> str:
        """A given name, the first of the list far oftener than the last."""
        return common_first(chance, self.women if sex == "female" else self.men)

    def family(self, chance: Random) -> str:
        """A family name, drawn the same way."""
        return common_first(chance, self.families)

    def name(self, chance: Random, sex: str) -> str:
        """A whole name as the person would write it."""
        return self.written(self, chance, sex)


_weights: dict[int, list[float]] = {}


def common_first(chance: Random, names: Sequence[str]) -> str:
    """Draw by rank, as names are spread in life: the n-th is about 1/n as common as the first."""
    size = len(names)
    if size not in _weights:
        _weights[size] = list(accumulate(1 / (rank + 2) for rank in range(size)))
    return chance.choices(names, cum_weights=_weights[size])[0]


def given_family(people: People, chance: Random, sex: str) -> str:
    """`Grace Wanjiru`; a third carry a second given name."""
    second = f" {people.given(chance, sex)}" if chance.random() < 0.33 else ""
    return f"{people.given(chance, sex)}{second} {people.family(chance)}"


def two_families(people: People, chance: Random, sex: str) -> str:
    """`María García López`: the father's family name, then the mother's."""
    second = f" {people.given(chance, sex)}" if chance.random() < 0.4 else ""
    return f"{people.given(chance, sex)}{second} {people.family(chance)} {people.family(chance)}"


def own_father_grandfather(people: People, chance: Random, sex: str) -> str:
    """`Amina Yusuf Hassan`: one's own name, the father's, the grandfather's; there is no family name."""
    return f"{people.given(chance, sex)} {people.given(chance, 'male')} {people.given(chance, 'male')}"


def own_father(people: People, chance: Random, sex: str) -> str:
    """`Selam Tesfaye`: one's own name and the father's."""
    return f"{people.given(chance, sex)} {people.given(chance, 'male')}"


def family_middle_given(people: People, chance: Random, sex: str) -> str:
    """`Nguyễn Thị Mai`: the family first, the name one is called by last."""
    middle = (
        "Thị"
        if sex == "female" and chance.random() < 0.55
        else "Văn"
        if sex == "male" and chance.random() < 0.5
        else ""
    )
    middle = middle or people.given(chance, sex)
    return f"{people.family(chance)} {middle} {people.given(chance, sex)}"


def patronymic(people: People, chance: Random, sex: str) -> str:
    """`Guðrún Jónsdóttir`: the father's name with a daughter's or a son's ending."""
    father = people.given(chance, "male")
    stem = {"Jón": "Jóns", "Sigurður": "Sigurðar", "Björn": "Björns", "Árni": "Árna", "Helgi": "Helga"}.get(father)
    stem = stem or (f"{father[:-2]}s" if father.endswith("ur") else f"{father}s")
    return f"{people.given(chance, sex)} {stem}{'dóttir' if sex == 'female' else 'son'}"


def family_given_together(people: People, chance: Random, sex: str) -> str:
    """`王秀英`: the family first and no space."""
    return f"{people.family(chance)}{people.given(chance, sex)}"


def family_given_patronymic(people: People, chance: Random, sex: str) -> str:
    """`Шевченко Олена Іванівна`: family, given name, the father's name with an ending."""
    father = people.given(chance, "male")
    ending = "івна" if sex == "female" else "ович"
    stem = father[:-1] if father[-1] in "оій" else father
    return f"{people.family(chance)} {people.given(chance, sex)} {stem}{ending}"


def one_name(people: People, chance: Random, sex: str) -> str:
    """`Suharto`: one name and nothing else; some carry two."""
    return (
        people.given(chance, sex)
        if chance.random() < 0.5
        else f"{people.given(chance, sex)} {people.given(chance, sex)}"
    )


PEOPLES: tuple[People, ...] = (
    People(
        "kenyan", "sw",
        ("Mary", "Grace", "Faith", "Mercy", "Jane", "Esther", "Lucy", "Ann", "Joyce", "Wanjiru", "Achieng", "Margaret",
         "Elizabeth", "Sarah", "Akinyi", "Wambui", "Njeri", "Ruth", "Caroline", "Chebet", "Atieno", "Wangari",
         "Beatrice", "Nyambura", "Eunice", "Purity", "Jepkosgei", "Mwende", "Adhiambo", "Naliaka", "Zawadi", "Neema"),
        ("John", "Peter", "Joseph", "James", "David", "Samuel", "Daniel", "Brian", "Kevin", "Stephen", "Paul",
         "Dennis",
         "Francis", "Patrick", "Michael", "George", "Moses", "Simon", "Otieno", "Kamau", "Mwangi", "Kipchoge",
         "Ochieng", "Kiprono", "Njoroge", "Onyango", "Kiptoo", "Wekesa", "Mutua", "Barasa", "Baraka", "Juma"),
        ("Mwangi", "Otieno", "Maina", "Kamau", "Ochieng", "Njoroge", "Odhiambo", "Kariuki", "Onyango", "Kimani",
         "Wanjiru",
         "Njeri", "Mutua", "Wambui", "Omondi", "Cheruiyot", "Kiprotich", "Karanja", "Wafula", "Macharia", "Kiplagat",
         "Ng’ang’a", "Koech", "Githinji", "Muthoni", "Barasa", "Simiyu", "Rotich", "Musyoka", "Wekesa", "Chepkoech",
         "Kilonzo", "Nyongesa", "Were", "Okoth", "Gitau", "Ndung’u", "Makokha", "Langat", "Mbugua"),
        given_family, ("Nyali", "Likoni", "Kisauni", "Changamwe", "Bamburi", "Mtwapa", "Kilifi", "Kaloleni"),
    ),
    People(
        "coastal", "ar",
        ("Fatma", "Amina", "Halima", "Zainab", "Khadija", "Aisha", "Mariam", "Salma", "Rehema", "Asha", "Mwanajuma",
         "Saida", "Zuhura", "Hawa", "Nuru", "Rukia", "Swafiya", "Tatu", "Zeinab", "Latifa", "Najma", "Shamsa"),
        ("Mohamed", "Ali", "Ahmed", "Hassan", "Omar", "Abdalla", "Yusuf", "Said", "Salim", "Juma", "Hussein",
         "Ibrahim",
         "Khamis", "Rashid", "Athman", "Abubakar", "Suleiman", "Mbarak", "Swaleh", "Nassir", "Hamisi", "Bakari"),
        ("Ali", "Mohamed", "Omar", "Hassan", "Said", "Salim", "Abdalla", "Juma", "Bakari", "Mwinyi"),
        own_father_grandfather, ("Old Town", "Majengo", "Tudor", "Lamu", "Malindi", "Ukunda"),
    ),
    People(
        "somali", "so",
        ("Amina", "Fadumo", "Hodan", "Sahra", "Ifrah", "Khadra", "Maryan", "Hibo", "Ayaan", "Faduma", "Sagal", "Nimco",
         "Ubah", "Deqa", "Ladan", "Idil", "Safiya", "Xaawo"),
        ("Mohamed", "Abdi", "Ahmed", "Hassan", "Ali", "Yusuf", "Abdullahi", "Ibrahim", "Omar", "Farah", "Osman",
         "Warsame",
         "Nur", "Jama", "Hirsi", "Adan", "Guled", "Liban", "Mahad", "Barre"),
        (), own_father_grandfather, ("Eastleigh", "Garissa", "Wajir", "Majengo"),
    ),
    People(
        "ethiopian", "am",
        ("Selam", "Tigist", "Meron", "Hanna", "Almaz", "Bethlehem", "Marta", "Hiwot", "Rahel", "Aster", "Tsehay",
         "Genet"),
        ("Tesfaye", "Bekele", "Haile", "Girma", "Abebe", "Dawit", "Solomon", "Yohannes", "Tadesse", "Kebede",
         "Mulugeta",
         "Getachew", "Daniel", "Alemayehu", "Worku", "Desta"),
        (), own_father, ("Kilimani", "Nyali", "Moyale"),
    ),
    People(
        "arabic", "ar",
        ("فاطمة", "مريم", "عائشة", "زينب", "خديجة", "سارة", "نور", "ليلى", "هدى", "أمينة", "سلمى", "رقية"),
        ("محمد", "أحمد", "علي", "حسن", "عمر", "إبراهيم", "يوسف", "خالد", "عبد الله", "مصطفى", "سعيد", "محمود"),
        ("الحسن", "العلي", "الأحمد", "المصري", "الحداد", "النجار", "الخطيب", "السيد", "العمري", "الشامي"),
        given_family, ("Old Town", "Nyali"),
    ),
    People(
        "vietnamese", "vi",
        ("Mai", "Lan", "Hương", "Linh", "Trang", "Thảo", "Hoa", "Nga", "Ngọc", "Hà", "Phương", "Yến", "Thu", "Anh",
         "Hạnh"),
        ("Anh", "Minh", "Tuấn", "Hùng", "Dũng", "Nam", "Long", "Đức", "Hải", "Quang", "Sơn", "Thành", "Tâm", "Phúc",
         "Bình"),
        ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô",
         "Dương", "Lý"),
        family_middle_given, ("Nyali", "Bamburi"),
    ),
    People(
        "indian", "hi",
        ("Priya", "Sunita", "Anita", "Pooja", "Lakshmi", "Kavita", "Meena", "Rekha", "Asha", "Neha", "Geeta", "Divya",
         "Radha", "Shanti", "Deepa", "Jyoti", "Nisha", "Usha", "Saraswati", "Hetal", "Bhavna", "Ananya"),
        ("Raj", "Amit", "Sanjay", "Rahul", "Vijay", "Suresh", "Ramesh", "Anil", "Rajesh", "Sunil", "Ravi", "Manoj",
         "Arun",
         "Deepak", "Mahesh", "Ashok", "Krishna", "Harish", "Jayesh", "Nilesh", "Venkatesh", "Arjun"),
        ("Patel", "Shah", "Singh", "Kumar", "Sharma", "Mehta", "Desai", "Gupta", "Joshi", "Reddy", "Nair", "Iyer",
         "Das",
         "Rao", "Chaudhary", "Bhatt", "Trivedi", "Pillai", "Verma", "Mishra", "Agarwal", "Parmar", "Solanki", "Menon"),
        given_family, ("Ganjoni", "Kizingo", "Nyali", "Parklands"),
    ),
    People(
        "spanish", "es",
        ("María", "Carmen", "Ana", "Isabel", "Laura", "Cristina", "Marta", "Rosa", "Lucía", "Elena", "Pilar", "Teresa",
         "Guadalupe", "Juana", "Margarita", "Paula", "Sofía", "Inés", "Raquel", "Nuria", "Rocío", "Beatriz"),
        ("José", "Antonio", "Juan", "Manuel", "Francisco", "Luis", "Javier", "Carlos", "Miguel", "Jesús", "Pedro",
         "Rafael",
         "Ángel", "Alejandro", "Fernando", "Pablo", "Sergio", "Jorge", "Alberto", "Diego", "Álvaro", "Iñigo"),
        ("García", "Rodríguez", "González", "Fernández", "López", "Martínez", "Sánchez", "Pérez", "Gómez", "Martín",
         "Jiménez", "Hernández", "Ruiz", "Díaz", "Moreno", "Muñoz", "Álvarez", "Romero", "Gutiérrez", "Alonso",
         "Navarro",
         "Torres", "Domínguez", "Ramos", "Vázquez", "Ramírez", "Gil", "Serrano", "Molina", "Núñez"),
        two_families, ("Diani", "Watamu", "Nyali"),
    ),
    People(
        "icelandic", "is",
        ("Guðrún", "Anna", "Kristín", "Sigríður", "Margrét", "Helga", "Sigrún", "Ingibjörg", "Jóhanna", "María",
         "Katrín"),
        ("Jón", "Sigurður", "Guðmundur", "Gunnar", "Ólafur", "Einar", "Kristján", "Magnús", "Stefán", "Björn", "Árni",
         "Helgi"),
        (), patronymic, ("Watamu", "Diani"),
    ),
    People(
        "chinese", "zh",
        ("秀英", "桂英", "秀兰", "玉兰", "婷婷", "芳", "娜", "静", "丽", "敏", "燕", "雪梅", "小红", "欣怡"),
        ("伟", "强", "磊", "军", "洋", "勇", "杰", "涛", "明", "超", "建国", "志强", "小明", "浩然"),
        ("王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭",
         "马", "罗"),
        family_given_together, ("Nyali", "Miritini"),
    ),
    People(
        "ukrainian", "uk",
        ("Олена", "Наталія", "Ірина", "Оксана", "Тетяна", "Марія", "Ганна", "Катерина", "Юлія", "Світлана", "Людмила"),
        ("Олександр", "Сергій", "Іван", "Андрій", "Микола", "Петро", "Дмитро", "Василь", "Володимир", "Юрій", "Тарас"),
        ("Мельник", "Шевченко", "Коваленко", "Бондаренко", "Бойко", "Ткаченко", "Кравченко", "Ковальчук", "Коваль",
         "Олійник",
         "Шевчук", "Поліщук", "Ткачук", "Савченко", "Бондар", "Марченко", "Руденко", "Мороз", "Лисенко", "Петренко"),
        family_given_patronymic, ("Diani", "Watamu"),
    ),
    People(
        "indonesian", "id",
        ("Siti", "Sri", "Dewi", "Wati", "Ningsih", "Sari", "Fitri", "Lestari", "Rahayu", "Kartini", "Yuliana",
         "Suharti"),
        ("Budi", "Agus", "Suharto", "Slamet", "Joko", "Wahyu", "Hendra", "Sutrisno", "Bambang", "Supriyadi", "Eko",
         "Widodo"),
        (), one_name, ("Kizingo", "Nyali"),
    ),
    People(
        "european", "en",
        ("Anna", "Maria", "Emma", "Julia", "Sophie", "Katharina", "Claire", "Hannah", "Charlotte", "Marie-Claire",
         "Sinéad",
         "Zoë", "Ingrid", "Astrid", "Aoife", "Małgorzata", "Jadwiga", "Søs", "Françoise", "Renée"),
        ("Thomas", "Martin", "Paul", "Lukas", "Jan", "Pierre", "William", "Oliver", "Jack", "Jürgen", "Søren",
         "Łukasz",
         "Jean-Luc", "Hans-Peter", "Seán", "Björn", "François", "Patrick", "Michał", "Declan"),
        ("Müller", "Smith", "Jones", "Schmidt", "Martin", "Kowalski", "O’Brien", "Dubois", "Larsen", "Weiß", "Nowak",
         "Jensen",
         "van der Berg", "d’Angelo", "Schneider", "O’Connor", "Ó Súilleabháin", "MacDonald", "Wójcik", "Björk"),
        given_family, ("Diani", "Watamu", "Nyali"),
    ),
)  # fmt: skip
