package io.millrace.infra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.replay.HistoryFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Keys lead through a history, and the terminal shows one step of it. */
class HistoryStepsTest {

    private static final String ID = "0199c0de-0000-7000-8000-000000000001";
    private static final String ORG = "550e8400-e29b-41d4-a716-446655440000";

    private static String step(int number, String name, String body, String event) {
        return "{\"step\":" + number + ",\"offset\":" + number
                + ",\"takenIn\":\"2026-01-31T14:03:00Z\",\"command\":{\"name\":\"" + name + "\",\"id\":\"" + ORG
                + "\",\"organisation\":\"" + ORG
                + "\",\"by\":{\"type\":\"user\",\"id\":\"ada\"},\"from\":\"node-1\",\"body\":{"
                + body
                + "}},\"decision\":\"ACCEPTED\",\"decided\":\"2026-01-31T14:03:00Z\",\"rules\":4,\"mac\":\"MAC_VALID\","
                + "\"events\":[" + event + "],\"before\":null,\"after\":null}";
    }

    private static String event(int number, int inHistory, String type, String data) {
        return "{\"type\":\"" + type + "\",\"number\":" + number
                + (inHistory == 0 ? "" : ",\"inHistory\":" + inHistory)
                + ",\"status\":\"PENDING\",\"time\":\"2026-01-31T14:03:00Z\",\"data\":"
                + data + "}";
    }

    private static final HistoryFile FILE =
            HistoryFile.read("{\"format\":\"millrace.history\",\"version\":1,\"execution\":\"" + ID
                    + "\",\"partition\":1,\"steps\":["
                    + step(
                            1,
                            "start_workflow",
                            "\"execution_id\":\"" + ID + "\",\"kind\":\"order\"",
                            event(
                                            1,
                                            1,
                                            "WORKFLOW_STARTED",
                                            "{\"input\":null,\"kind\":\"order\",\"queue\":\"q\",\"metadata\":{},\"prioritySeconds\":0}")
                                    + ","
                                    + event(2, 0, "WORKFLOW_READY", "{\"cause\":\"STARTED\",\"taskTimeMs\":1}"))
                    + ","
                    + step(
                            2,
                            "signal_workflow",
                            "\"execution_id\":\"" + ID + "\",\"signal_name\":\"go\"",
                            event(3, 2, "SIGNAL_RECEIVED", "{\"signalName\":\"go\",\"signalValue\":7}"))
                    + "]}");

    /** @return what the terminal showed for each key, and before the first one */
    private static List<String> shown(String keys, int rows, int columns) throws IOException {
        StringWriter out = new StringWriter();
        new HistorySteps(
                        FILE.trace(FILE.steps()),
                        new StepKeys(new ByteArrayInputStream(keys.getBytes(StandardCharsets.US_ASCII))),
                        new PrintWriter(out),
                        rows,
                        columns)
                .show();
        String all = out.toString();
        assertTrue(all.startsWith("\u001b[?1049h") && all.endsWith("\u001b[?1049l"), all);
        String pages = all.substring(0, all.length() - "\u001b[?1049l".length());
        return Arrays.stream(pages.split("\u001b\\[H\u001b\\[2J")).skip(1).toList();
    }

    private static int step(String screen) {
        return Integer.parseInt(screen.replaceAll("(?s).*step ([0-9]+) of 2.*", "$1"));
    }

    @Test
    void keysLeadFromStepToStepAndNotBeyondTheEnds() throws IOException {
        List<String> screens = shown("np n\u001b[A\u001b[B\u001b[1;2D\u001bOCgG\u007f?\rq", 24, 100);

        assertEquals(
                List.of(1, 2, 1, 2, 2, 1, 2, 1, 2, 1, 2, 1, 1, 2),
                screens.stream().map(HistoryStepsTest::step).toList());
        assertTrue(screens.getFirst().contains("start_workflow, offset 1\r\n   by user ada"), screens::getFirst);
        assertTrue(
                screens.get(1).contains("SIGNAL_RECEIVED {\"signalName\":\"go\",\"signalValue\":7}"), screens.get(1));
    }

    @Test
    void oneKeyShowsTheStepAsJsonAndAnotherWhyItStandsThere() throws IOException {
        List<String> screens = shown("jjww", 24, 4_000);

        assertTrue(screens.get(1).startsWith("{\"step\":1,\"offset\":1,"), screens.get(1));
        assertEquals(screens.get(0), screens.get(2));
        assertTrue(
                screens.get(3).startsWith("The workflow has been ready in queue q since 2026-01-31T14:03:00Z"),
                screens.get(3));
        assertEquals(screens.get(0), screens.get(4));
        assertEquals(5, screens.size(), "it ends where no key comes any more");
    }

    @Test
    void whatIsLongerThanTheTerminalIsFoldedAndCutWithAWordAboutIt() throws IOException {
        String screen = shown("", 6, 20).getFirst();
        List<String> lines = Arrays.asList(screen.split("\r\n"));

        assertEquals(5, lines.size(), screen);
        assertTrue(lines.subList(0, 3).stream().allMatch(line -> line.length() <= 20), screen);
        assertTrue(lines.get(3).matches("… and [0-9]+ lines more; `--json` has all of it"), screen);
        assertTrue(lines.get(4).contains("step 1 of 2"), screen);
    }
}
