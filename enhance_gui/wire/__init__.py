"""The documented API as data: requests, envelope, records, codes, callback signature.

Read leniently (numbers as texts, nulls, missing and unknown fields, one bad face entry among good
ones), refused clearly where a reply is not the envelope at all.
"""
