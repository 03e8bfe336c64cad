"""Everything a hospital would call a feature: one folder each, switched on or off by every site for itself."""
