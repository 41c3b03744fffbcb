"""`python -m gateway` is `lienthong`."""

from gateway.commands import main

main()
