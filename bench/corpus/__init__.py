"""The labelled corpus of quotes, made from what people wrote and from seeded edits.

It stands here and not in `seeds/`, which holds data only, and not in
`moderation/`, which must know nothing of how its examination was set: a
label follows from the edit that was made, never from what a tracer says.
"""
