package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.partition.TenureState.Answers;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.ReplyRecord.WorkClaimed;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How much waits while a partition changes its owner. */
class GatedAnswersTest {

    private static final int BOUND = 10;

    private final List<ReplyRecord> given = new ArrayList<>();
    private Answers now = Answers.HELD;
    private final Repeater repeater = new Repeater(1_000);
    private final GatedAnswers answers = new GatedAnswers(
            reply -> {
                if (reply.getNode().equals("broken")) {
                    throw new IllegalStateException("for the test");
                }
                given.add(reply);
            },
            () -> now,
            () -> () -> true,
            repeater,
            this::committed,
            (long) BOUND * reply("0").getSerializedSize());

    /** What is asked of the group, and not answered yet. */
    private final List<CompletableFuture<Long>> asked = new ArrayList<>();

    private CompletableFuture<Long> committed() {
        CompletableFuture<Long> answer = new CompletableFuture<>();
        asked.add(answer);
        return answer;
    }

    private static ReplyRecord reply(String node) {
        return ReplyRecord.newBuilder()
                .setNode(node)
                .setCommandId(ByteString.copyFrom(new byte[1_000]))
                .build();
    }

    private static ReplyRecord claim(String node) {
        return reply(node).toBuilder()
                .setWorkClaimed(WorkClaimed.getDefaultInstance())
                .build();
    }

    private void give(int from, int to) {
        IntStream.range(from, to).forEach(number -> answers.give(reply(Integer.toString(number))));
    }

    private List<String> nodes() {
        return given.stream().map(ReplyRecord::getNode).toList();
    }

    @Test
    void beyondTheBoundTheOldestIsGivenUpAndClaimsAreKept() {
        answers.give(claim("c"));
        give(0, 9);
        give(0, 4);
        now = Answers.GIVEN;
        answers.look();
        assertEquals(List.of("c", "5", "6", "7", "8", "0", "1", "2", "3"), nodes());

        now = Answers.HELD;
        give(0, BOUND);
        now = Answers.GIVEN;
        answers.look();
        assertEquals(9 + BOUND, given.size(), "what was given takes no room");
    }

    @Test
    void whereThereIsNothingElseClaimsAreGivenUpToo() {
        IntStream.range(0, 20).forEach(number -> answers.give(claim(Integer.toString(number))));
        now = Answers.GIVEN;
        answers.look();
        assertEquals("19", nodes().getLast());
        assertEquals(9, given.size());
    }

    @Test
    void anAnswerThatCannotBeGivenLetsNoneBeToldThatWasNotCommitted() {
        give(0, 2);
        answers.give(reply("broken"));
        answers.give(reply("committed"));
        answers.commitBegins(5);
        answers.commitWorked();
        give(6, 9);
        now = Answers.GIVEN;
        assertThrows(IllegalStateException.class, answers::look);
        now = Answers.DROPPED;
        answers.look();
        repeater.repeat();
        assertEquals(List.of("0", "1", "committed"), nodes());
    }

    @Test
    void whatWasCommittedIsStillToldFromWhatWasNot() {
        give(0, 6);
        answers.commitBegins(5);
        answers.commitWorked();
        give(6, BOUND);
        give(6, 8);
        now = Answers.DROPPED;
        answers.look();
        repeater.repeat();
        assertEquals(List.of("2", "3", "4", "5"), nodes());
    }

    @Test
    void whatTheLastCommitDidIsAskedUntilTheGroupSaysIt() {
        give(0, 1);
        answers.commitBegins(4);
        answers.commitWorked();
        give(1, 3);
        answers.commitBegins(7);
        give(3, 5);
        now = Answers.DROPPED;
        answers.look();
        repeater.repeat();
        assertEquals(List.of("0"), nodes());

        asked.removeFirst().completeExceptionally(new TimeoutException("Kafka is away"));
        repeater.repeat();
        asked.removeFirst().complete(7L); // the command at 7 is not committed yet
        repeater.repeat();
        asked.removeFirst().complete(8L);
        repeater.repeat();
        repeater.repeat();
        assertEquals(List.of("0", "1", "2"), nodes());
        assertEquals(List.of(), asked, "nobody asks any more");
    }

    @Test
    void wherePartitionsAreMadeGoodTheGroupTellsNothingOfWhatIsCommitted() {
        give(0, 2);
        answers.commitBegins(GatedAnswers.TELLS_NOTHING);
        now = Answers.DROPPED;
        answers.look();
        assertEquals(List.of(), asked);
    }
}
