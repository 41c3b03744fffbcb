"""Code lists as other offices have them: read, compared, and written into ours."""
