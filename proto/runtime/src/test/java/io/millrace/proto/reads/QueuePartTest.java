package io.millrace.proto.reads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.WorkType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The list of queues, gathered from several nodes part by part: what the nodes have is in it once, in order. */
class QueuePartTest {

    @Test
    void partsOfSeveralNodesTogetherAreTheWholeList() {
        Random random = new Random(3);
        for (int round = 0; round < 300; round++) {
            List<List<ListQueuesResponse.Queue>> nodes = List.of(new ArrayList<>(), new ArrayList<>());
            List<ListQueuesResponse.Queue> all = new ArrayList<>();
            for (int i = random.nextInt(40); i > 0; i--) {
                ListQueuesResponse.Queue queue = ListQueuesResponse.Queue.newBuilder()
                        .setQueue("q" + random.nextInt(15))
                        .setWorkType(random.nextBoolean() ? WorkType.TASK : WorkType.WORKFLOW)
                        .setPartition(i)
                        .build();
                nodes.get(i % 2).add(queue);
                all.add(queue);
            }
            nodes.forEach(node -> Collections.shuffle(node, random));
            int limit = 1 + random.nextInt(6);

            List<ListQueuesResponse.Queue> told = new ArrayList<>();
            QueuePart.Key after = null;
            boolean more = true;
            while (more) {
                QueuePart.Asked asked = new QueuePart.Asked(after, limit);
                // A node of an earlier version knows of no parts, and tells all.
                QueuePart.Asked second = random.nextInt(3) == 0 ? new QueuePart.Asked(null, Integer.MAX_VALUE) : asked;
                ListQueuesResponse part =
                        QueuePart.together(asked, List.of(ofNode(nodes.get(0), asked), ofNode(nodes.get(1), second)));
                told.addAll(part.getQueuesList());
                more = part.getMore();
                assertTrue(part.getQueuesList().stream()
                                .map(QueuePart.Key::of)
                                .distinct()
                                .count()
                        <= limit);
                after = more ? QueuePart.Key.of(told.getLast()) : null;
            }

            List<QueuePart.Key> keys = told.stream().map(QueuePart.Key::of).toList();
            assertEquals(keys.stream().sorted().toList(), keys);
            assertEquals(all.size(), told.size());
            assertEquals(
                    List.copyOf(all).stream().sorted(this::byPartition).toList(),
                    told.stream().sorted(this::byPartition).toList());
        }
    }

    private int byPartition(ListQueuesResponse.Queue one, ListQueuesResponse.Queue other) {
        return Integer.compare(one.getPartition(), other.getPartition());
    }

    private static ListQueuesResponse ofNode(List<ListQueuesResponse.Queue> queues, QueuePart.Asked asked) {
        QueuePart part = new QueuePart(asked);
        queues.forEach(part::add);
        return part.response();
    }
}
