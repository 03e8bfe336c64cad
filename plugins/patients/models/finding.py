"""What patients are found by: tokens of what the register says of them, and the words their names are made of."""

import peewee

from core.storage import IntegerField, SmallIntegerField, Table, TextField


class SearchToken(Table):
    """One thing a patient is found by, see `plugins.patients.tokens`.

    `owner_id` is the patient's id. It is no foreign key: nothing but this plugin's own acts may move these rows, and
    a check for each of some thirty rows would make registering slow. Place and year narrow a search without a look
    at the patient; 0 stands for not known. All columns are the key, so that the row is the index.
    """

    id = None  # type: ignore[assignment]  # the key is the row
    token = IntegerField()
    owner_id = IntegerField()
    place_id = IntegerField()
    born_year = SmallIntegerField()

    class Meta:
        table_name = "patients_search_token"
        primary_key = peewee.CompositeKey("token", "owner_id", "place_id", "born_year")
        why = "it repeats what journaled records say, to be found by"


class SpellingWord(Table):
    """A word somebody is called by, under the tokens of itself and of what is left without one of its letters.

    Two words one slip of the pen apart share a token. A word is kept once, however many people bear it.
    """

    id = None  # type: ignore[assignment]  # the key is the row
    token = IntegerField()
    word = TextField(max_length=40)

    class Meta:
        table_name = "patients_spelling"
        primary_key = peewee.CompositeKey("token", "word")
        why = "it repeats words of names in journaled records, to be found by"


class IndexState(Table):
    """Which edition of the search's rules the tokens of this site were made by; one row."""

    edition = IntegerField(default=0)

    class Meta:
        table_name = "patients_index_state"
        why = "progress of a job that repeats what journaled records say"
