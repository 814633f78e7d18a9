package io.millrace.dispatcher.engine.state;

import java.util.UUID;

/** A child workflow as its parent knows it. */
public record Child(UUID id, String name, boolean closed) {}
