package io.millrace.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ExcerptTest {

    private static final String CLEF = "\uD834\uDD1E";

    @Test
    void whatIsShortEnoughStaysWhole() {
        assertEquals("abc", Excerpt.of("abc", 3));
        assertEquals("abc", Excerpt.marked("abc", 3));
    }

    @Test
    void aCharacterOfTwoPlacesIsKeptWholeOrLeftOut() {
        assertEquals("a", Excerpt.of("a" + CLEF + "b", 2));
        assertEquals("a" + CLEF, Excerpt.of("a" + CLEF + "b", 3));
        assertEquals("a…", Excerpt.marked("a" + CLEF + "b", 2));
        assertEquals("", Excerpt.of(CLEF, 0));
    }

    @Test
    void halfACharacterThatWasThereBeforeIsNoReasonToCutMore() {
        assertEquals("\uD834", Excerpt.of("\uD834ab", 1));
    }
}
