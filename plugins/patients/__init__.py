"""The register of patients: find a person before entering them, enter them once, and keep one chart for each."""
