"""What hypothesis makes up: text of any characters, any JSON, records that are nearly right."""

from hypothesis import strategies as st

from unit.submission_intake.examples import BUCKET

ANY_TEXT = st.text(st.characters(exclude_categories=[]))
"""Lone surrogates too, since JSON can hold them."""

SUBIDS = st.text("0123456789abcdef", min_size=32, max_size=32)
SAFE_CHARACTERS = st.characters(
    exclude_categories=["Cc", "Cs"], exclude_characters="/\\\ufffe\uffff"
)
SAFE_NAMES = st.text(SAFE_CHARACTERS, min_size=1, max_size=20).filter(
    lambda name: name not in {".", ".."}
)
"""Any name that the grammar takes."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NEARLY_RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "eventSource": st.just("aws:s3") | JSON,
        "eventName": st.just("ObjectCreated:Put") | JSON,
        "eventVersion": st.just("2.1") | JSON,
        "eventTime": JSON,
        "s3": st.fixed_dictionaries(
            {},
            optional={
                "bucket": st.fixed_dictionaries({"name": st.just(BUCKET) | JSON}) | JSON,
                "object": st.fixed_dictionaries(
                    {"key": ANY_TEXT | JSON}, optional={"versionId": JSON, "eTag": JSON}
                )
                | JSON,
            },
        )
        | JSON,
    },
)
