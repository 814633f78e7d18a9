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

        streams.subscribe(ORG, execution, first.get(1).position(), item -> heard.add(item.record().getPayload()));

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
