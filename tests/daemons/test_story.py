"""Every chapter of the demo's story, each in a town of its own."""

import pytest

import story
from town import Town


@pytest.mark.parametrize("chapter", story.CHAPTERS, ids=lambda chapter: chapter.__name__)
def test_chapter(chapter, tmp_path):
    with Town(tmp_path) as town:
        chapter(town)
