"""How many tokens a text has, without the model's own vocabulary: bounds that hold for the usual ones."""

import math
import re

ASCII_CHARS_PER_TOKEN = 3
_WORDS_PER_TOKEN_AT_LEAST = 0.75
_WORD = re.compile(r"\w+")


def most_tokens(text: str) -> int:
    """An upper bound for prose: a token per three ASCII characters, and one for every byte beyond ASCII.

    Byte-pair vocabularies spend 3.3 (German) to 4.5 (English) characters per token, and on letters they never saw one
    token per UTF-8 byte.
    """
    byte_count = len(text.encode("utf-8", "surrogatepass"))
    ascii_count = sum(char < "\x80" for char in text)
    return math.ceil(ascii_count / ASCII_CHARS_PER_TOKEN) + byte_count - ascii_count


def fewest_tokens(text: str) -> int:
    """A lower bound: words are seldom shorter than a token. A server that counted less has not read the whole text."""
    return int(len(_WORD.findall(text)) * _WORDS_PER_TOKEN_AT_LEAST)
