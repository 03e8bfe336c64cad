"""Reading what other systems wrote."""
