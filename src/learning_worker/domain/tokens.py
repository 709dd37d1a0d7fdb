"""How many tokens a text has, without the model's own vocabulary: bounds that hold for the usual ones."""

import math
import re

LETTERS_PER_TOKEN = 3
_WORDS_PER_TOKEN_AT_LEAST = 0.75
_WORD = re.compile(r"\w+")


def most_tokens(text: str) -> int:
    """An upper bound: a token per three plain letters or blanks, and one for every digit, mark and byte beyond ASCII.

    Byte-pair vocabularies spend 3.3 (German) to 4.5 (English) characters per token, and on letters they never saw one
    token per UTF-8 byte.
    """
    byte_count = len(text.encode("utf-8", "surrogatepass"))
    letter_count = sum(char.isascii() and (char.isalpha() or char.isspace()) for char in text)
    return math.ceil(letter_count / LETTERS_PER_TOKEN) + byte_count - letter_count


def fewest_tokens(text: str) -> int:
    """A lower bound: words are seldom shorter than a token. A server that counted less has not read the whole text."""
    return int(len(_WORD.findall(text)) * _WORDS_PER_TOKEN_AT_LEAST)
