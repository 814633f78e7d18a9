package io.millrace.ingest.auth;

import io.millrace.proto.auth.Caller;

/**
 * A caller who was let in.
 *
 * @param caller who it is
 * @param credential what it has shown
 */
public record Admission(Caller caller, Credential credential) {}
