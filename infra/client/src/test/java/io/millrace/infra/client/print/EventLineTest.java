package io.millrace.infra.client.print;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonObject;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class EventLineTest {

    private static final String EVENT =
            "{\"sequence\":2,\"eventType\":\"TASK_SCHEDULED\",\"timestamp\":\"2026-01-31T08:00:00.250Z\","
                    + "\"data\":{\"taskType\":\"reserve\",\"input\":{\"items\":3}}}";

    @Test
    void anEventIsItsTimeItsTypeAndTheRestOfIt() {
        assertEquals(
                "08:00:00.250  TASK_SCHEDULED  {\"taskType\":\"reserve\",\"input\":{\"items\":3}}",
                happening(Screen.NONE));
    }

    @Test
    void onATerminalItFitsOnALine() {
        assertEquals("08:00:00.250  TASK_SCHEDULED  {\"taskTyp…", happening(new Screen(40, false)));
    }

    @Test
    void progressIsABar() {
        assertEquals(
                "              progress  [##########----------] 50 % half of it",
                EventLine.said(
                        "progress",
                        JsonCodec.parse("{\"type\":\"progress\",\"progress\":0.5,\"details\":\"half of it\"}"),
                        Screen.NONE));
    }

    @Test
    void allElseThatATaskSaysIsShownAsItIs() {
        assertEquals("              token  \"Hel\"", EventLine.said("token", "Hel", Screen.NONE));
    }

    private static String happening(Screen screen) {
        return EventLine.happening(JsonObject.of(JsonCodec.parse(EVENT)), screen, ZoneOffset.UTC);
    }
}
