"""The character-level sentiment network, from text to score.

This package is the single source of how a review is read: training imports it,
and the model archive carries a copy of it, byte for byte. Only the networks
import torch, so that a server needs nothing but numpy and onnxruntime.
"""
