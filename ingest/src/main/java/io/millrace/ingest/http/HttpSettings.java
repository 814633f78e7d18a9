package io.millrace.ingest.http;

/**
 * Where and how the HTTP API listens.
 *
 * @param host address to bind
 * @param port port to bind; 0: any free one
 * @param maxBodyBytes largest request body
 * @param maxStreams event streams that may be open at a time
 */
public record HttpSettings(String host, int port, int maxBodyBytes, int maxStreams) {}
