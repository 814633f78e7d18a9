package io.millrace.infra.client.api;

/** The execution has ended, and all that its stream had to tell was seen. */
public final class StreamOverException extends Exception {

    private static final long serialVersionUID = 1L;
}
