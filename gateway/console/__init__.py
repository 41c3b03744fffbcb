"""The console: pages for operators, drawn on the server (docs/console.md)."""
