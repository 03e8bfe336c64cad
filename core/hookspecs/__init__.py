"""The hooks of the core, grouped by the moment they are called. Plugins offer their own in `hookspecs.py`."""
