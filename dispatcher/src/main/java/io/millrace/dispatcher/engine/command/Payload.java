package io.millrace.dispatcher.engine.command;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A JSON text as the caller sent it. It is spliced verbatim into events, so that big integers and decimals survive.
 * Never change the array after handing it over.
 *
 * @param json UTF-8 bytes of exactly one JSON value
 */
public record Payload(byte[] json) {

    /** What an empty payload stands for. */
    public static final Payload NULL = new Payload("null".getBytes(StandardCharsets.US_ASCII));

    /** @return the payload, {@link #NULL} for no bytes at all */
    public static Payload of(byte[] json) {
        return json.length == 0 ? NULL : new Payload(json);
    }

    /** @return payload of the text's UTF-8 bytes */
    public static Payload of(String json) {
        return of(json.getBytes(StandardCharsets.UTF_8));
    }

    /** @return number of bytes */
    public int size() {
        return json.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Payload that && Arrays.equals(json, that.json);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(json);
    }

    @Override
    public String toString() {
        return "Payload[" + json.length + " bytes]";
    }
}
