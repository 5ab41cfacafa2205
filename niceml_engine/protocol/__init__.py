"""What window and service say to each other over a pair of byte streams.

A frame is four bytes of length (big endian) and that many bytes of MessagePack. The window sends
`Call(id, request)`; the service answers each with `Answer(id, ...)` in any order, and sends `Notice(...)` whenever
it has news. `RESULTS` says which type answers which request.
"""
