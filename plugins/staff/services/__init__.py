"""What is done and asked about the staff."""
