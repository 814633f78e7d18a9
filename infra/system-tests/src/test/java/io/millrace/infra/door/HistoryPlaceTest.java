package io.millrace.infra.door;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.ingest.limits.LoadSettings;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.limits.Turnstile;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** On a connection that may have one history under way. */
class HistoryPlaceTest {

    private final Turnstile.Lane lane = new OrganisationLoads(new LoadSettings(4, 4, 4, 2, 1, 100, 100, 100))
            .of(new UUID(1, 1))
            .histories()
            .lane();
    private final List<String> read = new ArrayList<>();

    @Test
    void whatIsReadForACallThatWasGivenUpKeepsItsPlaceUntilItHasBeenRead() {
        HistoryPlace first = new HistoryPlace(lane, Runnable::run, () -> read.add("first"));
        HistoryPlace second = new HistoryPlace(lane, Runnable::run, () -> read.add("second"));
        first.enter();
        second.enter();

        first.over();
        assertEquals(List.of("first"), read);
        first.answered();

        assertEquals(List.of("first", "second"), read);
    }

    @Test
    void whatHasBeenReadKeepsItsPlaceUntilItsClientHasTakenIt() {
        HistoryPlace first = new HistoryPlace(lane, Runnable::run, () -> read.add("first"));
        HistoryPlace second = new HistoryPlace(lane, Runnable::run, () -> read.add("second"));
        first.enter();
        second.enter();

        first.answered();
        assertEquals(List.of("first"), read);
        first.over();

        assertEquals(List.of("first", "second"), read);
    }

    @Test
    void whatWasAnsweredOrGivenUpBeforeItsTurnIsNotRead() {
        HistoryPlace underWay = new HistoryPlace(lane, Runnable::run, () -> read.add("under way"));
        HistoryPlace givenUp = new HistoryPlace(lane, Runnable::run, () -> read.add("given up"));
        HistoryPlace answered = new HistoryPlace(lane, Runnable::run, () -> read.add("answered"));
        HistoryPlace last = new HistoryPlace(lane, Runnable::run, () -> read.add("last"));
        underWay.enter();
        givenUp.enter();
        answered.enter();
        last.enter();

        givenUp.over();
        answered.answered();
        underWay.over();
        underWay.answered();
        assertEquals(1, lane.underWay());
        answered.over();

        assertEquals(List.of("under way", "last"), read);
        last.answered();
        last.over();
        assertEquals(0, lane.underWay());
    }

    @Test
    void whatIsStillToBeWrittenForACallThatWasGivenUpKeepsItsPlace() {
        Deque<Runnable> later = new ArrayDeque<>();
        HistoryPlace first = new HistoryPlace(lane, later::add, () -> read.add("first"));
        HistoryPlace second = new HistoryPlace(lane, later::add, () -> read.add("second"));
        first.enter();
        second.enter();

        first.answered();
        first.over();
        assertEquals(List.of("first"), read);
        later.remove().run();

        assertEquals(List.of("first", "second"), read);
    }
}
