package io.millrace.infra.client.json;

/**
 * A JSON text that is to stand as it is within another.
 *
 * @param text one value
 */
public record JsonRaw(String text) {}
