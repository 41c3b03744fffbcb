"""Code samples: how a contract is used, in five languages, to be pasted and run as they are.

Each asks for a token with the client id and secret in `LIENTHONG_CLIENT_ID` and `LIENTHONG_CLIENT_SECRET`, calls, and
prints the answer; where it is refused, it prints why and ends with 1. None needs more than its language brings along.
"""
