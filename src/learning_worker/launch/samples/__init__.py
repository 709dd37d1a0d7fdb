"""Three answers that come with the program: typed, photographed, and a PDF with a text layer."""

from importlib.resources import files

TYPED = "typed-de.txt"
PHOTO = "photo-de.jpg"
PDF = "essay-en.pdf"

MEDIA_TYPES = {PHOTO: "image/jpeg", PDF: "application/pdf"}


def read(name: str) -> bytes:
    """The content of a sample."""
    return files(__name__).joinpath(name).read_bytes()
