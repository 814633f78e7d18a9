package io.millrace.infra.client.print;

import java.util.Map;

/**
 * Where output goes to.
 *
 * @param columns width of the terminal; 0: it is not a terminal, and nothing is cut to fit
 * @param colours whether it shows colours
 */
public record Screen(int columns, boolean colours) {

    /** Not a terminal: nothing is cut, and there are no colours. */
    public static final Screen NONE = new Screen(0, false);

    /**
     * @param columns width of the terminal, as the launcher found it; empty: standard output is not a terminal
     * @param environment {@code NO_COLOR} or {@code TERM=dumb} in it switch colours off
     */
    public static Screen of(String columns, Map<String, String> environment) {
        if (!columns.matches("[1-9]\\d{0,3}")) {
            return NONE;
        }
        boolean plain = !environment.getOrDefault("NO_COLOR", "").isEmpty()
                || environment.getOrDefault("TERM", "dumb").equals("dumb");
        return new Screen(Integer.parseInt(columns), !plain);
    }
}
