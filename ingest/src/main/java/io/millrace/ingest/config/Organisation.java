package io.millrace.ingest.config;

import java.util.Optional;
import java.util.UUID;

/**
 * An organisation that this server works for.
 *
 * @param id its id, what requests carry in {@code org_id}
 * @param name for people
 * @param slug short name in HTTP paths: lower-case letters, digits and hyphens
 * @param tier name of its tier; carried, nothing depends on it
 * @param encryption how its payloads are encrypted, if they are, or ever were
 * @param limits how much it may have
 */
public record Organisation(
        UUID id,
        String name,
        String slug,
        String tier,
        Optional<PayloadEncryption> encryption,
        OrganisationLimits limits) {

    /** An organisation whose payloads are not encrypted, and that may have what it likes. */
    public Organisation(UUID id, String name, String slug, String tier) {
        this(id, name, slug, tier, Optional.empty(), OrganisationLimits.NONE);
    }
}
