"""The review that is sent in every measurement."""

from charcnn.encoding import LENGTH

REVIEW = ("The parcel came late, but what was in it is great! " * LENGTH)[:LENGTH]
"""As many characters as the network reads, so that no work can be left out."""
