package io.millrace.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class WholeTextTest {

    @Test
    void findsTheFirstHalfOfACharacterWhereverItStands() {
        assertEquals(-1, WholeText.firstHalf(""));
        assertEquals(-1, WholeText.firstHalf("aé€😀\u0000"));
        assertEquals(2, WholeText.firstHalf("a-\ud83d"));
        assertEquals(2, WholeText.firstHalf("a-\udc00"));
        assertEquals(0, WholeText.firstHalf("\ud83dx"));
        assertEquals(2, WholeText.firstHalf("😀\ud83d\ud83d\ude00"));
        assertEquals(0, WholeText.firstHalf("\ude00\ud83d"));
    }
}
