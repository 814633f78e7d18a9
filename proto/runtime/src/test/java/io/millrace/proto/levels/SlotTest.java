package io.millrace.proto.levels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.levels.Slot.Next;
import io.millrace.proto.v1.WorkAvailable;
import org.junit.jupiter.api.Test;

class SlotTest {

    private static final WorkAvailable NONE = WorkAvailable.getDefaultInstance();
    private static final WorkAvailable SOME = WorkAvailable.newBuilder()
            .addKinds(WorkAvailable.KindReady.newBuilder().setReady(1))
            .build();

    private final Slot slot = new Slot();

    @Test
    void whatIsPutIntoASlotThatWasForgottenMeanwhileGoesElsewhere() {
        assertTrue(slot.forgetIfIdle());
        assertEquals(Next.ELSEWHERE, slot.put(SOME, true));
        assertTrue(slot.forgetIfIdle());
    }

    @Test
    void aSlotThatHoldsALevelIsNotForgotten() {
        assertEquals(Next.DELAY, slot.put(NONE, false));
        assertFalse(slot.forgetIfIdle());
        assertFalse(slot.overdue(), "nobody heard of work, so nobody need hear that it is gone");
        assertTrue(slot.forgetIfIdle());
    }

    @Test
    void aLevelThatIsSaidAgainWhenANewerOneHasComeIsNotTakenForTheNewest() {
        WorkAvailable newer = NONE.toBuilder().setPosition(8).build();
        WorkAvailable older = SOME.toBuilder().setPosition(7).build();
        assertEquals(Next.SEND, slot.put(newer, true));
        assertEquals(Next.NOTHING, slot.put(older, true));
        assertSame(newer, slot.take());
        assertNull(slot.take());
        assertEquals(Next.NOTHING, slot.put(older, true), "not even when the newer one is on its way");
        assertEquals(Next.SEND, slot.put(newer, true), "the same again is said again");
    }

    @Test
    void oneIsUnderWayAtATimeAndTheNewestFollows() {
        assertEquals(Next.SEND, slot.put(SOME, true));
        assertSame(SOME, slot.take());
        assertEquals(Next.NOTHING, slot.put(SOME, true));
        assertEquals(Next.NOTHING, slot.put(NONE, false));
        assertSame(NONE, slot.take());
        assertNull(slot.take());
        assertTrue(slot.forgetIfIdle());
    }

    @Test
    void whoHeardOfWorkHearsThatItIsGone() {
        slot.put(SOME, true);
        slot.take();
        assertNull(slot.take());
        assertFalse(slot.forgetIfIdle());
        assertEquals(Next.DELAY, slot.put(NONE, false));
        assertTrue(slot.overdue());
        assertSame(NONE, slot.take());
    }
}
