"""What people do and ask at the register."""
