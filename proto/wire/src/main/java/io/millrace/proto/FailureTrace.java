package io.millrace.proto;

/** Shows an error in the server's own log without its text, as that may quote what a client sent. Stateless. */
public final class FailureTrace {

    private static final int MOST_CAUSES = 10;

    private FailureTrace() {}

    /** @return the classes and places of an error and its causes, at most 10, without their texts */
    public static String of(Throwable error) {
        StringBuilder text = new StringBuilder();
        Throwable each = error;
        for (int depth = 0; each != null && depth < MOST_CAUSES; each = each.getCause(), depth++) {
            text.append(depth == 0 ? "" : System.lineSeparator() + "caused by ")
                    .append(each.getClass().getName());
            for (StackTraceElement frame : each.getStackTrace()) {
                text.append(System.lineSeparator()).append("    at ").append(frame);
            }
        }
        return text.toString();
    }
}
