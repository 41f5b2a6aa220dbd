"""Tells people things: messages, channels, deliveries. It knows no opportunity and no proposal."""
