"""Listings by offset, while what they list is deleted and added to."""

import pytest

from integrations.offsets import OVERLAP, Place

LIMIT = 50


def walk(objects, meanwhile=lambda _page, _objects: None, *, total=True):
    """Return the ids of each page; `meanwhile` changes the objects behind a page."""
    pages: list[list[int]] = []
    cursor = None
    while not pages or cursor is not None:
        place = Place.read(cursor)
        known = len(objects) if total else None
        found = [{"id": number} for number in objects[place.offset : place.offset + LIMIT]]
        new, after = Place(place.offset, place.last, known).past(found, LIMIT)
        pages.append([one["id"] for one in new])
        cursor = None if after is None else str(after)
        meanwhile(len(pages), objects)
        assert len(pages) < 100
    return pages


@pytest.mark.parametrize("total", [True, False])
@pytest.mark.parametrize("number", [0, 1, OVERLAP, LIMIT - 1, LIMIT, LIMIT + 1, 5 * LIMIT])
def test_each_is_listed_once_where_nothing_changes(number, total):
    pages = walk(list(range(number)), total=total)
    assert [one for page in pages for one in page] == list(range(number))


@pytest.mark.parametrize("deleted", [1, OVERLAP, 2 * OVERLAP, LIMIT])
def test_none_that_stays_is_left_out_however_many_of_those_before_are_deleted(deleted):
    def delete(page, objects):
        if page in {1, 2}:
            del objects[:deleted]

    objects = list(range(5 * LIMIT))
    stay = set(objects[2 * deleted :])
    assert stay <= {one for page in walk(objects, delete) for one in page}


def test_what_a_page_ended_with_may_be_deleted_itself():
    def delete(page, objects):
        if page == 1:
            del objects[LIMIT - OVERLAP - 5 : LIMIT]

    objects = list(range(3 * LIMIT))
    found = {one for page in walk(objects, delete) for one in page}
    assert found == set(range(3 * LIMIT))


def test_what_is_added_behind_is_listed_too():
    def add(page, objects):
        if page == 1:
            objects.append(1000)

    assert walk(list(range(LIMIT + 1)), add)[-1][-1] == 1000


def test_a_service_that_takes_no_offset_is_not_asked_for_ever():
    page = [{"id": number} for number in range(LIMIT)]
    place: Place | None = Place(total=LIMIT)
    asked = 0
    while place is not None:
        _, place = place.past(page, LIMIT)
        asked += 1
    assert asked <= 3
