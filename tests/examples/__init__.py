"""Tiny plugins, one idea each, quoted by docs/vendors/writing-a-plugin.md and tested as a vendor's would be."""
