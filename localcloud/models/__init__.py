"""Fake model providers: OpenAI, Anthropic and Gemini in their own wire formats, well or badly behaved as asked.

Base URLs: `…/openai/v1`, `…/anthropic`, `…/gemini/v1beta`. Left out, and answered as unknown: all but chat.
"""
