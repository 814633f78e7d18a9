package io.millrace.infra.client.print;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {

    private record Row(String id, String kind, String status) {}

    private static final List<Column<Row>> COLUMNS = List.of(
            Column.of("ID", row -> Cell.of(row.id())),
            Column.flexible("KIND", row -> Cell.of(row.kind())),
            Column.of("STATUS", row -> Cell.status(row.status())));

    private static final List<Row> ROWS =
            List.of(new Row("0190a5f0", "order-with-a-long-name", "COMPLETED"), new Row("0190a5f1", "echo", "RUNNING"));

    private final StringWriter printed = new StringWriter();

    @Test
    void columnsAreAsWideAsWhatStandsInThem() {
        print(Screen.NONE, ROWS);

        assertPrinted("""
                ID        KIND                    STATUS
                0190a5f0  order-with-a-long-name  COMPLETED
                0190a5f1  echo                    RUNNING
                """);
    }

    @Test
    void onANarrowTerminalFlexibleColumnsGiveWayAndIdsDoNot() {
        print(new Screen(32, false), ROWS);

        assertPrinted("""
                ID        KIND         STATUS
                0190a5f0  order-with…  COMPLETED
                0190a5f1  echo         RUNNING
                """);
    }

    @Test
    void aTerminalThatIsTooNarrowForAnythingIsNotObeyed() {
        print(new Screen(10, false), ROWS);

        assertPrinted("""
                ID        KIND    STATUS
                0190a5f0  order…  COMPLETED
                0190a5f1  echo    RUNNING
                """);
    }

    @Test
    void coloursStandAroundTheTextAndTakeNoRoom() {
        print(new Screen(80, true), List.of(ROWS.get(1)));

        assertPrinted(
                """
                [1mID[0m        [1mKIND[0m  [1mSTATUS[0m
                0190a5f1  echo  [36mRUNNING[0m
                """.replace("[1m", "\u001b[1m").replace("[36m", "\u001b[36m").replace("[0m", "\u001b[0m"));
    }

    @Test
    void aLaterPageStandsBelowTheFirst() {
        TextTable<Row> table = new TextTable<>(new PrintWriter(printed, true), new Screen(80, false), COLUMNS);
        table.print(List.of(ROWS.get(1)));
        table.print(List.of(ROWS.get(0)));

        assertPrinted("""
                ID        KIND  STATUS
                0190a5f1  echo  RUNNING
                0190a5f0  ord…  COMPLETED
                """);
    }

    @Test
    void whatWouldSteerATerminalIsReplaced() {
        print(Screen.NONE, List.of(new Row("1", "a\u001b[31m\nb\u009b\u202e", "PENDING")));

        assertPrinted("""
                ID  KIND        STATUS
                1   a\ufffd[31m b\ufffd\ufffd  PENDING
                """);
    }

    @Test
    void wideAndCombiningCharactersTakeTheRoomThatTheyTake() {
        print(
                new Screen(24, false),
                List.of(new Row("1", "注文ワークフロー", "PENDING"), new Row("2", "e\u0301tape", "FAILED")));

        assertPrinted("""
                ID  KIND         STATUS
                1   注文ワーク…  PENDING
                2   e\u0301tape        FAILED
                """);
    }

    private void print(Screen screen, List<Row> rows) {
        new TextTable<>(new PrintWriter(printed, true), screen, COLUMNS).print(rows);
    }

    private void assertPrinted(String expected) {
        assertEquals(expected, printed.toString());
    }
}
