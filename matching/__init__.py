"""Who fits where and why: values in, values out. No Django, no database, no clock, no network."""
