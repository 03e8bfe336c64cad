"""A plugin of the tests: it asks two questions and has one page."""
