package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.proto.directory.PartitionHolder;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.PartitionTenure.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rules come into force only when no node is left that would stand still with them. */
class NewestRulesKnownTest {

    private final Map<Integer, PartitionHolder> holders = new HashMap<>();
    private final List<DispatcherNode> listing = new ArrayList<>();
    private boolean others;
    private final NewestRulesKnown known = new NewestRulesKnown(
            partition -> Optional.ofNullable(holders.get(partition)), () -> listing, () -> others, "self", 3);

    private void holds(int partition, String node, int knownRules, Stage stage) {
        DispatcherNode dispatcher = DispatcherNode.newBuilder()
                .setNode(node)
                .setKnownRules(knownRules)
                .build();
        holders.put(partition, new PartitionHolder(dispatcher, stage, 7));
    }

    @Test
    void theFirstNodeOfAllKnowsThem() {
        assertTrue(known.getAsBoolean());
        holds(0, "self", Rules.VERSION, Stage.OWNING);
        assertTrue(known.getAsBoolean());
    }

    @Test
    void anOlderNodeKeepsThemBackUntilAnotherHasItsPartitions() {
        holds(0, "self", Rules.VERSION, Stage.OWNING);
        holds(1, "old", 0, Stage.OWNING);
        assertFalse(known.getAsBoolean());
        holds(1, "old", 0, Stage.OVER);
        assertFalse(known.getAsBoolean(), "it may come back");
        holds(1, "new", Rules.VERSION, Stage.CATCHING_UP);
        assertTrue(known.getAsBoolean());
        holds(2, "newer", Rules.VERSION + 1, Stage.OWNING);
        assertTrue(known.getAsBoolean());
    }

    @Test
    void aNodeOfBeforeThereWereTenuresKeepsThemBackThoughLaterTenuresHideIt() {
        holds(0, "self", Rules.VERSION, Stage.OWNING);
        listing.add(DispatcherNode.newBuilder().setNode("old").addPartitions(0).build());
        assertFalse(known.getAsBoolean());
        listing.clear();
        assertTrue(known.getAsBoolean());
    }

    @Test
    void amongOthersAPartitionOfWhichNothingIsKnownKeepsThemBack() {
        holds(0, "self", Rules.VERSION, Stage.OWNING);
        others = true;
        assertFalse(known.getAsBoolean());
        holds(1, "new", Rules.VERSION, Stage.OWNING);
        holds(2, "new", Rules.VERSION, Stage.OWNING);
        assertTrue(known.getAsBoolean());
    }

    @Test
    void whatThisNodeSaidBeforeItWasRenewedDoesNotCount() {
        holds(0, "self", 0, Stage.OWNING);
        assertTrue(known.getAsBoolean());
    }
}
