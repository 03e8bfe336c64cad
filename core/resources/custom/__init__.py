"""Fields a hospital adds to its records, and how it arranges their forms, without a line of code.

A custom field is a fact like any other: the list, the form, files, the API and the journal meet it by
`core.resources.catalogue`. Its values lie in the record's own `custom` column under the uid of the field.
"""
