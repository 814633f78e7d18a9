package io.millrace.infra.client.api;

/** The execution has ended, and everything in its stream was seen. */
public final class StreamOverException extends Exception {

    private static final long serialVersionUID = 1L;
}
