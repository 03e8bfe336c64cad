"""What happens behind the door for programs."""
