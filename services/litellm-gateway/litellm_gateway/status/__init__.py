"""The page at `/status`: `overview` gathers what it shows, `page` writes it, `html` escapes it."""
