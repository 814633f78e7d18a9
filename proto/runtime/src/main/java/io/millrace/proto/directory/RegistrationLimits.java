package io.millrace.proto.directory;

/**
 * What one organisation may have in the directory.
 *
 * @param registrations number of worker registrations; those that have long been silent make room for new ones
 * @param bytes size of all registrations together, as they stand on Kafka
 */
public record RegistrationLimits(int registrations, long bytes) {

    /** @return limits that no honest organisation reaches */
    public static RegistrationLimits defaults() {
        return new RegistrationLimits(20_000, 128 << 20);
    }
}
