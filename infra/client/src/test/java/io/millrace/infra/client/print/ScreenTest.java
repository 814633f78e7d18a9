package io.millrace.infra.client.print;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ScreenTest {

    @Test
    void coloursAreForTerminalsThatShowThemAndForPeopleWhoWantThem() {
        assertEquals(new Screen(80, true), Screen.of("80", Map.of("TERM", "xterm")));
        assertEquals(new Screen(80, false), Screen.of("80", Map.of("TERM", "xterm", "NO_COLOR", "1")));
        assertEquals(new Screen(80, false), Screen.of("80", Map.of("TERM", "dumb")));
        assertEquals(Screen.NONE, Screen.of("", Map.of("TERM", "xterm")));
        assertEquals(Screen.NONE, Screen.of("0", Map.of("TERM", "xterm")));
    }
}
