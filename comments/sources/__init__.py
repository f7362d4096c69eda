"""Import sources: their addresses fetched, their runs started, on a schedule or now.

`addresses` says what a person may name, `network` what may be connected to,
`credentials` what is sent there. `fetching` brings the bytes into a file of
ours, `running` makes runs of it, `schedules` says when.
"""
