package io.millrace.infra.client.json;

/**
 * A JSON text that is put unchanged into another one.
 *
 * @param text one JSON value
 */
public record RawJson(String text) {}
