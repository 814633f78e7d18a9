package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.partition.PartitionRuntime.Commit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When a stream thread commits, and what its partitions store for it. */
class ThreadCommitsTest {

    private static final long INTERVAL_MS = 1_000;

    private long nowMs;
    private final ThreadCommits commits = new ThreadCommits(INTERVAL_MS, () -> TimeUnit.MILLISECONDS.toNanos(nowMs));
    private final List<String> stored = new ArrayList<>();

    private Runnable partition(String name) {
        Runnable store = () -> stored.add(name);
        commits.join(store);
        commits.looks();
        return store;
    }

    private void commit(long tookMs) {
        commits.begins();
        nowMs += tookMs;
        commits.over();
    }

    @Test
    void allPartitionsStoreWhenTheFirstIsAskedAndNoneTwice() {
        partition("a");
        partition("b");
        partition("c");

        commits.begins();
        assertEquals(List.of("a", "b", "c"), stored);
        commits.begins();
        commits.begins();
        assertEquals(List.of("a", "b", "c"), stored);

        commits.over();
        commits.begins();
        assertEquals(List.of("a", "b", "c", "a", "b", "c"), stored);
    }

    @Test
    void aPartitionThatIsClosedStoresNothingMore() {
        Runnable a = partition("a");
        partition("b");

        commits.leave(a);
        commits.begins();

        assertEquals(List.of("b"), stored);
    }

    @Test
    void aCommitThatFailedIsForgottenWithItsPartitions() {
        Runnable a = partition("a");
        commits.begins();
        commits.leave(a);
        nowMs += 60_000;

        partition("again");
        commits.over();

        assertTrue(commits.due(Commit.NOW), "a minute without partitions is no slow commit");
        commits.begins();
        assertEquals(List.of("a", "again"), stored);
    }

    @Test
    void quickCommitsComeInTheirIntervalOrInALull() {
        partition("a");
        commit(INTERVAL_MS);

        assertTrue(commits.due(Commit.NOW));
        assertFalse(commits.due(Commit.IN_TIME));
        nowMs += INTERVAL_MS - 1;
        assertFalse(commits.due(Commit.IN_TIME));
        nowMs++;
        assertTrue(commits.due(Commit.IN_TIME));
    }

    @Test
    void aSlowCommitIsFollowedByAPauseOfItsLength() {
        partition("a");
        commit(9_000);

        nowMs += 8_999;
        assertFalse(commits.due(Commit.NOW));
        assertFalse(commits.due(Commit.IN_TIME));
        assertTrue(commits.due(Commit.WITHOUT_FAIL), "memory does not wait");
        nowMs++;
        assertTrue(commits.due(Commit.NOW));
        assertTrue(commits.due(Commit.IN_TIME));

        commit(10);
        assertTrue(commits.due(Commit.NOW), "once Kafka is quick again there is no pause");
    }

    @Test
    void aLullAfterACommitIsNoPartOfIt() {
        partition("a");
        commits.begins();
        commits.looksAway();
        nowMs += 60_000;
        commits.over();

        assertTrue(commits.due(Commit.NOW), "what comes after a lull is not to wait");
    }

    @Test
    void noPauseIsLongerThanATransactionBears() {
        partition("a");
        commit(40_000);

        nowMs += ThreadCommits.LONGEST_PAUSE_MS - 1;
        assertFalse(commits.due(Commit.NOW));
        nowMs++;
        assertTrue(commits.due(Commit.NOW));
    }
}
