"""The HTTP surface: one file a subject. A route reads the request, calls one thing, and shapes the answer."""
