"""The review that is sent in every measurement."""

from charcnn.encoding import Reading

REVIEW = ("The parcel came late, but what was in it is great! " * 20)[: Reading.length]
"""As many characters as the network reads, so that no work can be left out."""
