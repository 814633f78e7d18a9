package io.millrace.proto.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.proto.v1.DirectoryRecord;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.PartitionTenure;
import io.millrace.proto.v1.PartitionTenure.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TenuresTest {

    private static final DispatcherNode SELF =
            DispatcherNode.newBuilder().setNode("n").setHost("h").setPort(1).build();

    private final List<DispatcherNode> said = new ArrayList<>();

    private Tenures tenures(Optional<DispatcherNode> before) {
        return new Tenures(SELF, before, record -> {
            said.add(record);
            return CompletableFuture.completedFuture(null);
        });
    }

    private PartitionTenure last(int partition) {
        return said.getLast().getTenuresList().stream()
                .filter(tenure -> tenure.getPartition() == partition)
                .findFirst()
                .orElseThrow();
    }

    private static PartitionTenure of(int partition, Stage stage, long begunAt) {
        return PartitionTenure.newBuilder()
                .setPartition(partition)
                .setStage(stage)
                .setBegunAt(begunAt)
                .build();
    }

    @Test
    void aTenureGoesFromOpeningToOver() {
        Tenures tenures = tenures(Optional.empty());
        tenures.opening(3);
        assertEquals(
                PartitionTenure.newBuilder()
                        .setPartition(3)
                        .setStage(Stage.OPENING)
                        .build(),
                last(3));
        assertEquals(List.of(), said.getLast().getPartitionsList());
        tenures.owning(3, 7);
        assertEquals(of(3, Stage.OWNING, 7), last(3));
        assertEquals(List.of(3), said.getLast().getPartitionsList());
        tenures.over(3, 7);
        assertEquals(of(3, Stage.OVER, 7), last(3));
        assertEquals(List.of(), said.getLast().getPartitionsList());
    }

    @Test
    void everyRecordTellsOfAllPartitionsSoThatNoOrderOfTwoThreadsMatters() {
        Tenures tenures = tenures(Optional.empty());
        tenures.owning(0, 5);
        tenures.owning(1, 9);
        assertEquals(of(0, Stage.OWNING, 5), last(0));
        assertEquals(of(1, Stage.OWNING, 9), last(1));
        assertEquals("h", said.getLast().getHost());
    }

    @Test
    void whatIsSaidOfAnEarlierTenureTooLateChangesNothing() {
        Tenures tenures = tenures(Optional.empty());
        tenures.owning(0, 5);
        tenures.opening(0);
        tenures.owning(0, 5);
        assertEquals(of(0, Stage.OPENING, 5), last(0));
        tenures.owning(0, 8);
        int before = said.size();
        tenures.over(0, 5);
        tenures.over(0, Tenures.NOT_BEGUN);
        tenures.owning(0, 8);
        assertEquals(before, said.size());
        assertEquals(of(0, Stage.OWNING, 8), last(0));
    }

    @Test
    void anOpeningThatIsGivenUpIsOver() {
        Tenures tenures = tenures(Optional.empty());
        tenures.opening(0);
        tenures.over(0, Tenures.NOT_BEGUN);
        assertEquals(
                PartitionTenure.newBuilder()
                        .setPartition(0)
                        .setStage(Stage.OVER)
                        .build(),
                last(0));
    }

    @Test
    void whoeverLeavesSaysThatAllIsOverAndNothingAfterwards() {
        Tenures tenures = tenures(Optional.empty());
        tenures.owning(0, 5);
        tenures.opening(1);
        tenures.leave();
        assertEquals(of(0, Stage.OVER, 5), last(0));
        assertEquals(Stage.OVER, last(1).getStage());
        int before = said.size();
        tenures.opening(0);
        tenures.owning(0, 6);
        assertEquals(before, said.size());
    }

    @Test
    void theTenuresOfARunBeforeAreOver() {
        DispatcherNode crashed = SELF.toBuilder()
                .addTenures(of(0, Stage.OWNING, 5))
                .addTenures(PartitionTenure.newBuilder().setPartition(1).setStage(Stage.OPENING))
                .build();
        Tenures tenures = tenures(Optional.of(crashed));
        tenures.opening(2);
        assertEquals(of(0, Stage.OVER, 5), last(0));
        assertEquals(2, said.getLast().getTenuresCount());
    }

    @Test
    void whateverOrderTheRecordsOfTwoNodesComeInTheLaterTenureIsFound() {
        Tenures mine = tenures(Optional.empty());
        mine.owning(0, 5);
        DispatcherNode late = said.getLast();
        DirectoryEntries entries = new DirectoryEntries(1);
        DispatcherNode heir = DispatcherNode.newBuilder()
                .setNode("heir")
                .addTenures(of(0, Stage.OWNING, 6))
                .build();
        entries.accept(DirectoryRecord.newBuilder().setDispatcher(heir).build());
        entries.accept(DirectoryRecord.newBuilder().setDispatcher(late).build());
        assertEquals(heir, entries.holders().of(0).orElseThrow().node());
    }
}
