"""The characters that a network can read by default.

From X. Zhang, J. Zhao and Y. LeCun, "Character-level Convolutional Networks for
Text Classification" (2015), https://arxiv.org/abs/1509.01626, with the space added.
"""

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789-,;.!?:'\"/\\|_@#$%^&*~`+ =<>()[]{}"

BLANK = 0
"""The code of padding and of every character outside the alphabet."""
