"""Taking lists out as files: exactly what is filtered, in its order, with the columns somebody chose."""
