package io.millrace.ingest.config;

import io.millrace.proto.v1.Principal;
import java.util.UUID;

/**
 * A static API key as the server keeps it: the key itself is gone once the file has been read.
 *
 * @param digest digest of the key
 * @param orgId organisation that it belongs to
 * @param principal whom it stands for
 */
public record ApiKey(KeyDigest digest, UUID orgId, Principal principal) {}
