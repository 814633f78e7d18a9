package io.millrace.ingest.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.Ids;
import io.millrace.proto.v1.TaskStreamRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LocalTaskStreamsTest {

    private static final UUID ORG = UUID.randomUUID();
    private static final UUID OTHER_ORG = UUID.randomUUID();

    private final LocalTaskStreams streams = new LocalTaskStreams();
    private final UUID execution = UUID.randomUUID();

    @Test
    void aListenerHearsWhatIsKeptAndWhatComes() {
        publish(execution, "1");
        List<String> heard = new ArrayList<>();

        streams.subscribe(ORG, execution, -1, item -> heard.add(item.record().getPayload()));
        publish(execution, "2");

        assertEquals(List.of("1", "2"), heard);
    }

    @Test
    void aListenerGoesOnWhereItWas() {
        List<StreamItem> first = new ArrayList<>();
        streams.subscribe(ORG, execution, -1, first::add).close();
        publish(execution, "1");
        publish(execution, "2");
        publish(execution, "3");
        streams.subscribe(ORG, execution, -1, first::add).close();
        List<String> heard = new ArrayList<>();

        streams.subscribe(
                ORG,
                execution,
                first.get(1).position(),
                item -> heard.add(item.record().getPayload()));

        assertEquals(List.of("3"), heard);
    }

    @Test
    void aListenerHearsNothingOfOthers() {
        List<StreamItem> heard = new ArrayList<>();
        streams.subscribe(ORG, execution, -1, heard::add);
        streams.subscribe(OTHER_ORG, execution, -1, heard::add).close();
        streams.subscribe(OTHER_ORG, execution, -1, item -> heard.add(null));

        publish(UUID.randomUUID(), "another execution");
        publish(execution, "ours");

        assertEquals(1, heard.size());
        assertEquals("ours", heard.get(0).record().getPayload());
    }

    @Test
    void aListenerThatLeftHearsNothingMore() {
        List<StreamItem> heard = new ArrayList<>();
        TaskStreams.Subscription subscription = streams.subscribe(ORG, execution, -1, heard::add);

        subscription.close();
        subscription.close();
        publish(execution, "1");

        assertEquals(List.of(), heard);
    }

    @Test
    void onlyTheLatestIsKept() {
        for (int i = 0; i < 1_500; i++) {
            publish(execution, Integer.toString(i));
        }
        List<String> heard = new ArrayList<>();

        streams.subscribe(ORG, execution, -1, item -> heard.add(item.record().getPayload()));

        assertEquals(1_000, heard.size());
        assertEquals("500", heard.get(0));
    }

    @Test
    void whoComesBackFromBeforeWhatIsKeptIsToldSo() {
        for (int i = 0; i < 1_500; i++) {
            publish(execution, Integer.toString(i));
        }
        List<Object> late = new ArrayList<>();
        List<Object> early = new ArrayList<>();

        streams.subscribe(ORG, execution, 499, recorder(late));
        streams.subscribe(ORG, execution, 498, recorder(early));

        assertEquals(1_000, late.size());
        assertEquals(1_001, early.size());
        assertEquals(499L, early.get(0));
    }

    @Test
    void whatOthersHaveLostIsNoGap() {
        streams.subscribe(ORG, execution, -1, item -> true);
        publish(execution, "first");
        UUID forgotten = UUID.randomUUID();
        publish(forgotten, "forgotten");
        for (int i = 0; i < 5_001; i++) {
            publish(UUID.randomUUID(), "x");
        }
        publish(execution, "second");
        List<Object> heard = new ArrayList<>();
        List<Object> gaps = new ArrayList<>();

        streams.subscribe(ORG, execution, 0, recorder(heard));
        streams.subscribe(ORG, forgotten, 0, recorder(gaps));

        assertEquals(List.of("second"), heard);
        assertEquals(1, gaps.size());
    }

    @Test
    void aListenerThatWantsNoMoreIsAskedNoMore() {
        List<String> heard = new ArrayList<>();
        publish(execution, "1");
        streams.subscribe(ORG, execution, -1, item -> heard.add(item.record().getPayload()) && heard.size() < 2);

        publish(execution, "2");
        publish(execution, "3");

        assertEquals(List.of("1", "2"), heard);
    }

    @Test
    void whatIsListenedToIsBoundedAsWell() {
        List<UUID> executions = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            executions.add(UUID.randomUUID());
            streams.subscribe(ORG, executions.get(i), -1, item -> true);
            publish(executions.get(i), "x".repeat(1_000_000));
        }

        long kept = executions.stream()
                .filter(id -> !streams.kept(ORG, id, -1).isEmpty())
                .count();

        assertTrue(kept <= 67, "kept of " + kept);
    }

    private static TaskStreams.Listener recorder(List<Object> heard) {
        return new TaskStreams.Listener() {
            @Override
            public boolean item(StreamItem item) {
                return heard.add(item.record().getPayload());
            }

            @Override
            public void gap(long upTo) {
                heard.add(upTo);
            }
        };
    }

    @Test
    void theBytesOfAllTogetherAreBounded() {
        UUID first = UUID.randomUUID();
        publish(first, "x".repeat(1_000_000));
        for (int i = 0; i < 80; i++) {
            publish(UUID.randomUUID(), "x".repeat(1_000_000));
        }
        List<StreamItem> heard = new ArrayList<>();

        streams.subscribe(ORG, first, -1, heard::add);

        assertTrue(heard.isEmpty());
    }

    private void publish(UUID id, String payload) {
        assertTrue(streams.publish(TaskStreamRecord.newBuilder()
                .setOrgId(Ids.toByteString(ORG))
                .setExecutionId(Ids.toByteString(id))
                .setTaskId(Ids.toByteString(id))
                .setPayload(payload)
                .build()));
    }
}
